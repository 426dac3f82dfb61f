from __future__ import annotations

import pytest

from app.calls import Caller, Calls
from app.errors import Rejection
from app.identity import conversation_trace, span_id_for
from app.metrics import Metrics, dogstatsd
from app.span import FinishedSpan
from app.telemetry import Telemetry
from tests.conftest import CONVERSATION, OTHER_TRACEPARENT

OWN = conversation_trace(CONVERSATION)
NOW = 1_700_000_000_000_000_000
GENESYS = Caller("genesys", correlation_id="c-1")

NAMES = "conversation_id traceparent flow_name tags channel direction queue_name milestone outcome duration_ms"


class Kept(Telemetry):
    """Keeps spans instead of sending them."""

    def __init__(self) -> None:
        self.spans: list[FinishedSpan] = []

    def emit(self, *spans: FinishedSpan) -> None:
        self.spans.extend(spans)


def silent() -> Metrics:
    """Return metrics that nobody listens to."""
    return Metrics(dogstatsd())


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def calls(kept: Kept) -> Calls:
    return Calls(kept, silent(), root_at_start=True, refuse_personal_data=True)


def told(**inputs: str) -> dict[str, str]:
    return dict.fromkeys(NAMES.split(), "") | {"conversation_id": CONVERSATION, "milestone": "identified"} | inputs


def test_a_start_is_a_root_and_an_entry_below_it(calls: Calls, kept: Kept) -> None:
    calls.start(told(tags="line:sales"), GENESYS, NOW)
    root, entry = kept.spans
    assert (root.name, root.service, root.parent_id) == ("genesys.conversation", "genesys-cloud", "")
    assert (entry.name, entry.service, entry.parent_id) == ("callspan.start", "", root.span_id)
    assert root.trace_id == entry.trace_id == OWN.trace_id
    assert (root.span_id, entry.span_id) == (OWN.span_id, span_id_for(OWN, "start"))
    assert root.tags["call.line"] == entry.tags["call.line"] == "sales"
    assert entry.tags["callspan.entry"] == "true"
    assert "callspan.entry" not in root.tags
    assert root.started_ns == entry.started_ns == NOW


def test_the_root_is_left_out_when_events_report_the_end(kept: Kept) -> None:
    Calls(kept, silent(), root_at_start=False, refuse_personal_data=True).start(told(), GENESYS, NOW)
    assert [span.name for span in kept.spans] == ["callspan.start"]


def test_a_continued_call_has_no_root_of_its_own_and_its_spans_link_to_its_own_trace(calls: Calls, kept: Kept) -> None:
    for record in (calls.start, calls.milestone, calls.end):
        record(told(traceparent=OTHER_TRACEPARENT), GENESYS, NOW)
    assert [span.name for span in kept.spans] == ["callspan.start", "callspan.milestone", "callspan.end"]
    for span in kept.spans:
        assert (span.trace_id, span.parent_id) == ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
        assert span.link == OWN


def test_a_retry_repeats_every_span_id(calls: Calls, kept: Kept) -> None:
    for _ in range(2):
        for record in (calls.start, calls.milestone, calls.end):
            record(told(), GENESYS, NOW)
    ids = [span.span_id for span in kept.spans]
    assert ids[:4] == ids[4:]
    assert len(set(ids)) == 4


def test_milestones_differ_by_their_names_and_by_the_executions_they_come_from(calls: Calls, kept: Kept) -> None:
    for name, caller in (("a", GENESYS), ("b", GENESYS), ("a", Caller("genesys", "c-2"))):
        calls.milestone(told(milestone=name), caller, NOW)
    assert len({span.span_id for span in kept.spans}) == 3


def test_milestones_without_a_correlation_id_are_all_different(calls: Calls, kept: Kept) -> None:
    for _ in range(3):
        calls.milestone(told(), Caller("genesys"), NOW)
    assert len({span.span_id for span in kept.spans}) == 3


@pytest.mark.parametrize(("duration", "nanoseconds"), [("", 1), ("0", 1), ("1500", 1_500_000_000), (" 7 ", 7_000_000)])
def test_a_milestone_ends_now_and_began_its_duration_ago(
    calls: Calls, kept: Kept, duration: str, nanoseconds: int
) -> None:
    calls.milestone(told(duration_ms=duration), GENESYS, NOW)
    (span,) = kept.spans
    assert (span.started_ns, span.finished_ns) == (NOW - nanoseconds, NOW)


@pytest.mark.parametrize(
    ("outcome", "shown", "error"), [("", "ok", False), ("OK", "ok", False), ("Error", "error", True)]
)
def test_an_outcome_is_a_tag_and_an_error_is_marked(
    calls: Calls, kept: Kept, outcome: str, shown: str, error: bool
) -> None:
    calls.milestone(told(outcome=outcome), GENESYS, NOW)
    calls.end(told(outcome=outcome), GENESYS, NOW)
    assert [(span.tags["outcome"], span.error) for span in kept.spans] == [(shown, error)] * 2


@pytest.mark.parametrize(
    ("inputs", "code", "words"),
    [
        ({"outcome": "maybe"}, "invalid_input", "outcome must be one of ok, error"),
        ({"duration_ms": "1.5"}, "invalid_input", "durationMs must be whole milliseconds"),
        ({"duration_ms": "-1"}, "invalid_input", "durationMs"),
        ({"duration_ms": "64800001"}, "invalid_input", "at most 64800000"),
        ({"duration_ms": "9" * 5000}, "invalid_input", "durationMs"),
        ({"duration_ms": "\u0661"}, "invalid_input", "durationMs"),
        ({"milestone": "called +15551234567"}, "invalid_input", "looks like a phone number"),
        ({"conversation_id": "x"}, "invalid_conversation_id", "expected a UUID"),
    ],
    ids=str,
)
def test_a_wrong_input_is_rejected_and_nothing_is_sent(
    calls: Calls, kept: Kept, inputs: dict[str, str], code: str, words: str
) -> None:
    with pytest.raises(Rejection, match=words) as caught:
        calls.milestone(told(**inputs), GENESYS, NOW)
    assert caught.value.code == code
    assert "5551234567" not in caught.value.message
    assert kept.spans == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Sales +1 555 123 4567", "withheld: looks like a phone number"),
        ("ann@example.com", "withheld: looks like an e-mail address"),
        ("4111 1111 1111 1111", "withheld: looks like a payment card number"),
        ("Sales 2026-11-22", "Sales 2026-11-22"),
    ],
)
def test_a_name_that_looks_like_personal_data_is_withheld_and_the_call_is_started(
    calls: Calls, kept: Kept, text: str, shown: str
) -> None:
    labels = ("flow_name", "queue_name", "channel", "direction")
    calls.start(told(**dict.fromkeys(labels, text)), GENESYS, NOW)
    calls.milestone(told(flow_name=text), GENESYS, NOW)
    calls.end(told(flow_name=text), GENESYS, NOW)
    assert [span.tags["flow.name"] for span in kept.spans] == [shown] * 4
    assert {kept.spans[0].tags[name].lower() for name in ("queue.name", "channel", "direction")} == {shown.lower()}


@pytest.mark.parametrize("between", ["\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\u202e", "\u2066", "\ud800", "\x1b"])
def test_a_name_is_one_line_that_reads_from_left_to_right(calls: Calls, kept: Kept, between: str) -> None:
    calls.start(told(flow_name=f"Sales{between}inbound"), GENESYS, NOW)
    assert kept.spans[0].tags["flow.name"] == "Sales inbound"


def test_a_name_is_not_withheld_where_personal_data_is_allowed(kept: Kept) -> None:
    calls = Calls(kept, silent(), root_at_start=True, refuse_personal_data=False)
    calls.start(told(queue_name="5551234567"), GENESYS, NOW)
    assert kept.spans[0].tags["queue.name"] == "5551234567"
