from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
from ddtrace.trace import Span, TraceFilter, tracer

from app.identity import TraceContext, conversation_trace, parse_traceparent, span_id_for
from app.telemetry import CallStart, Telemetry, UndeliveredSpans
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


def start(trace: TraceContext = OWN, **tags: str) -> CallStart:
    return CallStart(OWN, trace, span_id_for(OWN, "start"), STARTED, "inbound voice", tags)


def test_a_start_emits_the_root_and_the_entry_each_in_a_chunk_of_its_own(capture: Capture) -> None:
    Telemetry(root_at_start=True).call_started(start(**{"conversation.id": CONVERSATION, "call.line": "sales"}))
    (root,), (entry,) = capture.chunks
    assert (root.name, root.service, root.resource) == ("genesys.conversation", "genesys-cloud", "inbound voice")
    assert (entry.name, entry.service) == ("callspan.start", "callspan")
    assert root.trace_id == entry.trace_id == int(OWN.trace_id, 16)
    assert root.span_id == int(OWN.span_id, 16)
    assert not root.parent_id
    assert entry.span_id == int(span_id_for(OWN, "start"), 16)
    assert entry.parent_id == root.span_id
    assert entry.get_tag("callspan.entry") == "true"
    for span in (root, entry):
        assert span.get_tag("conversation.id") == CONVERSATION
        assert span.get_tag("call.line") == "sales"
        assert span.start_ns == STARTED
        assert span.duration_ns is not None
        assert span.duration_ns > 0


def test_every_span_is_kept_by_a_persons_decision(capture: Capture) -> None:
    Telemetry(root_at_start=True).call_started(start())
    for (span,) in capture.chunks:
        assert span.context.sampling_priority == 2
        assert span.context._meta == {"_dd.p.dm": "-4"}


def test_the_root_is_left_to_the_events_when_they_report_the_end(capture: Capture) -> None:
    Telemetry(root_at_start=False).call_started(start())
    assert [span.name for (span,) in capture.chunks] == ["callspan.start"]


def test_a_retry_repeats_its_span_ids(capture: Capture) -> None:
    telemetry = Telemetry(root_at_start=True)
    telemetry.call_started(start())
    telemetry.call_started(start())
    ids = [span.span_id for (span,) in capture.chunks]
    assert ids[:2] == ids[2:]


def test_a_continued_call_joins_the_other_trace_and_links_to_its_own(capture: Capture) -> None:
    other = parse_traceparent(OTHER_TRACEPARENT)
    Telemetry(root_at_start=True).call_started(start(other))
    ((entry,),) = capture.chunks
    assert entry.trace_id == int(other.trace_id, 16)
    assert entry.parent_id == int(other.span_id, 16)
    (link,) = entry._get_links()
    assert link.trace_id == int(OWN.trace_id, 16)
    assert link.span_id == int(OWN.span_id, 16)


def test_an_agent_that_is_away_is_reported() -> None:
    assert Telemetry(root_at_start=True).agent_reachable() is False


@pytest.mark.parametrize(
    ("message", "arguments", "lost"),
    [
        ("failed to send, dropping %d traces to intake at %s: %s", (7, "http://agent", "refused"), 7),
        ("trace buffer (%s traces %db/%db) cannot fit trace of size %db, dropping (writer status: %s)", (1,) * 5, 1),
        ("trace (%db) larger than payload buffer item limit (%db), dropping", (1, 1), 1),
        ("failed to start writer service", (), 0),
    ],
    ids=["send", "buffer full", "too large", "other"],
)
def test_spans_that_ddtrace_gives_up_are_counted_from_its_log(message: str, arguments: tuple, lost: int) -> None:
    telemetry = Telemetry(root_at_start=True)
    before = telemetry.undelivered_spans()
    logger = logging.getLogger("ddtrace.internal.writer.writer")
    for _ in range(3):  # ddtrace itself would pass on one record a minute
        logger.error(message, *arguments)
    assert telemetry.undelivered_spans() - before == 3 * lost


def test_undelivered_spans_are_counted_over_all_processes() -> None:
    count = UndeliveredSpans()
    children = []
    for number in (1, 2, 513):
        if (pid := os.fork()) == 0:
            count.claim(number)
            count.add(number)
            os._exit(0)
        children.append(pid)
        os.waitpid(pid, 0)
    assert count.total() == 1 + 2 + 513
