from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from architect.timeline import Timeline, full_trace_id, timeline_of
from tests.conftest import CONVERSATION, OTHER_TRACEPARENT, TRACE_ID, TRACEPARENT
from tests.unit.timeline.spans import ROOT, START_NS, a_call, span

OTHER_TRACE = OTHER_TRACEPARENT.split("-")[1]
OTHER_CONVERSATION = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"


def timeline(spans: list[dict[str, Any]]) -> Timeline:
    found = timeline_of(spans, CONVERSATION, TRACEPARENT)
    assert found is not None
    return found


def test_spans_stand_below_their_parents_by_their_start() -> None:
    rows = timeline(a_call()).rows
    assert [(row.depth, row.name, row.label) for row in rows] == [
        (0, "genesys.conversation", "inbound voice"),
        (1, "callspan.start", ""),
        (1, "callspan.milestone", "billing asked"),
        (1, "callspan.milestone", "menu left"),
        (1, "genesys.queue", ""),
        (1, "genesys.agent", ""),
        (2, "genesys.agent.held", ""),
    ]
    assert [row.last for row in rows if row.last[-1]] == [(True,), (True, True), (True, True, True)]


def test_times_count_from_the_first_span_to_the_end_of_the_last() -> None:
    call = timeline([*a_call(), span("genesys.wrapup", 8, (115, 15)), span("genesys.flow", 9, (-2, 12))])
    assert call.started_ns == START_NS - 2 * 10**9
    assert call.duration_ns == 132 * 10**9
    assert call.started.isoformat() == "2026-11-22T17:21:06+00:00"
    (queue,) = [row for row in call.rows if row.name == "genesys.queue"]
    assert (queue.offset_ns, queue.duration_ns) == (12 * 10**9, 40 * 10**9)


def test_a_span_that_was_sent_again_is_one_row_from_when_it_first_began() -> None:
    again = span("genesys.conversation", ROOT, (9, 0), parent=0, resource="inbound voice")
    call = timeline([again, *a_call()])
    assert [(row.name, row.copies) for row in call.rows if row.copies > 1] == [
        ("genesys.conversation", 2),
        ("genesys.queue", 2),
    ]
    assert call.rows[0].duration_ns == 115 * 10**9


def test_outcomes_are_told_once_each_and_errors_with_their_message() -> None:
    told = {"outcome": "abandon", "disconnect_type": "error", "exit_reason": "error", "error.message": "line lost"}
    (row,) = timeline([span("genesys.queue", 1, (0, 1), error=1, **told)]).rows
    assert (row.error, row.error_message, row.outcomes) == (True, "line lost", ("abandon", "error"))


def test_tags_that_all_rows_agree_on_are_the_calls() -> None:
    call = timeline(a_call())
    assert call.tags == {"line": "sales", "priority": "normal"}
    assert [row.tags for row in call.rows if row.label == "menu left"] == [
        {"line": "sales", "priority": "normal", "menu": "two"}
    ]


@pytest.mark.parametrize(("seconds", "point"), [(0, True), (1e-9, True), (2.56e-7, True), (1e-6, False), (1, False)])
def test_what_has_no_length_that_a_tracer_could_tell_is_a_point(seconds: float, point: bool) -> None:
    (row,) = timeline([span("callspan.milestone", 1, (0, seconds))]).rows
    assert row.is_point is point


def test_a_continued_call_is_found_in_the_trace_it_came_with() -> None:
    entry = span("callspan.start", 1, (5, 0), parent=99, trace=OTHER_TRACE)
    strangers = [span("genesys.conversation", 99, (0, 9), parent=0, trace=OTHER_TRACE) | {"meta": {}}]
    call = timeline([entry, *strangers, span("genesys.queue", 2, (6, 1))])
    assert [(row.name, row.trace_id, row.depth) for row in call.rows] == [
        ("genesys.queue", TRACE_ID, 0),
        ("callspan.start", OTHER_TRACE, 0),
    ]
    assert not call.has_root


def test_what_another_conversation_or_a_back_end_adds_to_the_trace_is_shown() -> None:
    moved = span("callspan.start", 8, (3, 0)) | {
        "meta": {"conversation.id": OTHER_CONVERSATION, "_dd.p.tid": TRACE_ID[:16]}
    }
    back_end = span("flask.request", 9, (4, 1), resource="GET /customers") | {"meta": {"_dd.p.tid": TRACE_ID[:16]}}
    rows = timeline([*a_call(), moved, back_end]).rows
    assert [(row.label, row.conversation_id) for row in rows if row.span_id in (f"{8:016x}", f"{9:016x}")] == [
        ("", OTHER_CONVERSATION),
        ("GET /customers", ""),
    ]


def test_spans_of_other_calls_are_not_of_this_one() -> None:
    assert timeline_of([], CONVERSATION, TRACEPARENT) is None
    other = span("genesys.conversation", 1, (0, 1), trace=OTHER_TRACE) | {
        "meta": {"conversation.id": OTHER_CONVERSATION}
    }
    assert timeline_of([other], CONVERSATION, TRACEPARENT) is None


def test_a_trace_id_has_its_high_half_in_a_tag() -> None:
    assert full_trace_id({"trace_id": 0xAB, "meta": {"_dd.p.tid": "00000000000000cd"}}) == f"{0xCD:016x}{0xAB:016x}"
    assert full_trace_id({"trace_id": 0xAB, "meta": {}}) == f"{0xAB:032x}"


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(0, 9)), min_size=1))
def test_every_span_is_one_row_whatever_its_parents_are(edges: list[tuple[int, int]]) -> None:
    """Also where a span is its own ancestor, or its parent never came."""
    rows = timeline([span("x", span_id, (0, 1), parent=parent) for span_id, parent in edges]).rows
    assert sorted(row.span_id for row in rows) == sorted({f"{span_id:016x}" for span_id, _ in edges})
    assert sum(row.copies for row in rows) == len(edges)


def test_a_very_deep_trace_is_no_trouble() -> None:
    rows = timeline([span("x", each, (0, 1), parent=each - 1) for each in range(1, 3000)]).rows
    assert rows[-1].depth == 2998
