from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Callable, Iterator

import pytest
from ddtrace.trace import Span, TraceFilter, tracer

from app.identity import conversation_trace, parse_traceparent
from app.shared import Counter
from app.span import FinishedSpan
from app.telemetry import Telemetry
from tests.conftest import CONVERSATION, OTHER_TRACEPARENT

OWN = conversation_trace(CONVERSATION)
STARTED = 1_700_000_000_000_000_000


class Capture(TraceFilter):
    """Keeps every chunk of spans that would leave the process."""

    def __init__(self) -> None:
        self.chunks: list[list[Span]] = []

    def process_trace(self, trace: list[Span]) -> None:
        self.chunks.append(trace)


@pytest.fixture
def capture() -> Iterator[Capture]:
    filter_ = Capture()
    tracer.configure(trace_processors=[filter_])
    yield filter_
    tracer.configure(trace_processors=[])


def finished(**changes: object) -> FinishedSpan:
    span = FinishedSpan(
        name="callspan.start",
        resource="start-call-trace",
        trace_id=OWN.trace_id,
        span_id="00f067aa0ba902b7",
        parent_id=OWN.span_id,
        started_ns=STARTED,
        finished_ns=STARTED + 2_000_000,
        tags={"conversation.id": CONVERSATION},
    )
    return dataclasses.replace(span, **changes)


def test_a_span_is_sent_with_the_ids_and_times_it_was_given(capture: Capture) -> None:
    Telemetry().deliver([finished()])
    ((span,),) = capture.chunks
    assert (span.name, span.service, span.resource) == ("callspan.start", "callspan", "start-call-trace")
    assert span.trace_id == int(OWN.trace_id, 16)
    assert span.span_id == 0x00F067AA0BA902B7
    assert span.parent_id == int(OWN.span_id, 16)
    assert span.start_ns == STARTED
    # ddtrace takes the end in seconds, as a float, which is good to a microsecond.
    assert span.duration_ns == pytest.approx(2_000_000, abs=1000)
    assert span.get_tag("conversation.id") == CONVERSATION
    assert span.error == 0


def test_a_span_without_a_parent_is_a_root(capture: Capture) -> None:
    Telemetry().deliver([finished(parent_id="", span_id=OWN.span_id, service="genesys-cloud")])
    ((span,),) = capture.chunks
    assert not span.parent_id
    assert span.service == "genesys-cloud"


def test_spans_of_one_trace_leave_together_each_with_its_whole_trace_id(capture: Capture) -> None:
    other = parse_traceparent(OTHER_TRACEPARENT)
    spans = [finished(span_id=f"{n:016x}") for n in (1, 2, 3)]
    Telemetry().deliver([*spans, finished(trace_id=other.trace_id, span_id=f"{4:016x}")])
    assert [[span.span_id for span in chunk] for chunk in capture.chunks] == [[1, 2, 3], [4]]
    assert {span.get_tag("_dd.p.tid") for span in capture.chunks[0]} == {OWN.trace_id[:16]}
    assert {span.get_tag("_dd.p.dm") for span in capture.chunks[0]} == {"-4"}
    assert {span.get_metric("_sampling_priority_v1") for span in capture.chunks[0]} == {2}


def test_every_span_is_kept_by_a_persons_decision(capture: Capture) -> None:
    Telemetry().deliver([finished()])
    ((span,),) = capture.chunks
    assert span.context.sampling_priority == 2
    assert span.context._meta == {"_dd.p.dm": "-4"}


def test_an_error_is_marked(capture: Capture) -> None:
    Telemetry().deliver([finished(error=True)])
    ((span,),) = capture.chunks
    assert span.error == 1


def test_a_span_of_another_trace_links_to_the_conversations_own(capture: Capture) -> None:
    other = parse_traceparent(OTHER_TRACEPARENT)
    Telemetry().deliver([finished(trace_id=other.trace_id, parent_id=other.span_id, link=OWN)])
    ((span,),) = capture.chunks
    assert span.trace_id == int(other.trace_id, 16)
    (link,) = span._get_links()
    assert (link.trace_id, link.span_id) == (int(OWN.trace_id, 16), int(OWN.span_id, 16))


def test_an_agent_that_is_away_is_reported() -> None:
    assert Telemetry().agent_reachable() is False


@pytest.fixture
def agent_says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that says what ddtrace's writer logs while it sends a batch."""

    def say(message: str, *arguments: object) -> None:
        logger = logging.getLogger("ddtrace.internal.writer.writer")
        monkeypatch.setattr(tracer, "flush", lambda: logger.error(message, *arguments))

    return say


@pytest.mark.parametrize(
    ("message", "arguments", "taken"),
    [
        ("failed to send, dropping %d traces to intake at %s: %s", (7, "http://agent", "refused"), False),
        (
            "trace buffer (%s traces %db/%db) cannot fit trace of size %db, dropping (writer status: %s)",
            (1,) * 5,
            False,
        ),
        ("trace (%db) larger than payload buffer item limit (%db), dropping", (1, 1), False),
        ("failed to start writer service", (), True),
    ],
    ids=["send", "buffer full", "too large", "other"],
)
def test_that_the_agent_did_not_take_a_batch_is_seen_in_ddtraces_log(
    capture: Capture, agent_says: Callable[..., None], message: str, arguments: tuple[object, ...], taken: bool
) -> None:
    agent_says(message, *arguments)
    for _ in range(3):  # ddtrace itself would pass on one record a minute
        assert Telemetry().deliver([finished()]) is taken


def test_what_is_written_down_waits_until_it_is_sent(capture: Capture) -> None:
    telemetry = Telemetry()
    telemetry.emit(finished())
    assert capture.chunks == []
    assert telemetry.waiting_bytes() == len(finished().to_line())


def test_undelivered_spans_are_counted_over_all_processes() -> None:
    count = Counter()
    children = []
    for number in (1, 2, 513):
        if (pid := os.fork()) == 0:
            count.claim(number)
            count.add(number)
            os._exit(0)
        children.append(pid)
        os.waitpid(pid, 0)
    assert count.total() == 1 + 2 + 513
