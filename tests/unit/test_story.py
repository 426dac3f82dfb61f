from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from app.genesys.events import Event, read_events
from app.genesys.story import Story, tell
from tests.conftest import CONVERSATION, TRACE_ID
from tests.events import NOW_MS, ORGANIZATION, call, envelope


def story(kind: str, *, root_at_start: bool = True, now_ms: int = NOW_MS, **body: Any) -> Story:
    (event,) = read_events(envelope(kind, **body))
    assert isinstance(event, Event)
    return tell(event, now_ms=now_ms, root_at_start=root_at_start)


def test_a_span_ends_with_its_event_and_began_its_length_before() -> None:
    (span,) = story("acd.end", connectedDurationMs=40_000).spans
    assert span.finished_ns == NOW_MS * 1_000_000
    assert span.finished_ns - span.started_ns == 40_000 * 1_000_000
    assert (span.name, span.service, span.trace_id, span.parent_id) == (
        "genesys.queue",
        "genesys-cloud",
        TRACE_ID,
        TRACE_ID[:16],
    )
    assert span.tags["genesys.organization_id"] == ORGANIZATION
    assert span.tags["conversation.id"] == CONVERSATION


def test_the_callers_end_is_the_root_when_no_other_root_is_sent() -> None:
    (span,) = story("customer.end", root_at_start=False, interactingDurationMs=115_000).spans
    assert (span.name, span.resource) == ("genesys.conversation", "inbound voice")
    assert (span.span_id, span.parent_id) == (TRACE_ID[:16], "")


def test_the_callers_end_is_a_span_below_the_root_when_that_was_sent_at_the_start() -> None:
    (span,) = story("customer.end", root_at_start=True, interactingDurationMs=115_000).spans
    assert (span.name, span.parent_id) == ("genesys.customer", TRACE_ID[:16])
    assert span.span_id != TRACE_ID[:16]


def test_an_agents_part_holds_its_phases_one_after_the_other() -> None:
    agent, *phases = story(
        "user.end", alertingDurationMs=5_000, interactingDurationMs=50_000, heldDurationMs=10_000, dialingDurationMs=0
    ).spans
    assert agent.finished_ns - agent.started_ns == 65_000 * 1_000_000
    assert [phase.name for phase in phases] == [
        "genesys.agent.alerting",
        "genesys.agent.interacting",
        "genesys.agent.held",
    ]
    assert phases[0].started_ns == agent.started_ns
    assert [phase.finished_ns for phase in phases[:-1]] == [phase.started_ns for phase in phases[1:]]
    assert phases[-1].finished_ns == agent.finished_ns
    assert {phase.parent_id for phase in phases} == {agent.span_id}


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        ("acd.end", {"acdOutcome": "ABANDON"}, True),
        ("acd.end", {"acdOutcome": "ANSWERED"}, False),
        ("flow.end", {"exitReason": "FLOW_ERROR_DISCONNECT"}, True),
        ("flow.end", {"disconnectType": "TRANSPORT_FAILURE"}, True),
        ("flow.end", {"exitReason": "TRANSFER", "disconnectType": "TRANSFER"}, False),
        ("flow.outcome", {"flowOutcomeValue": "FAILURE"}, True),
        ("flow.outcome", {"flowOutcomeValue": "SUCCESS"}, False),
        ("customer.end", {"disconnectType": "ERROR"}, True),
        ("customer.end", {"disconnectType": "ENDPOINT"}, False),
        ("user.end", {"disconnectType": "TRANSPORT_FAILURE"}, True),
        ("acw", {}, False),
    ],
    ids=str,
)
def test_what_the_caller_felt_as_a_failure_is_an_error(kind: str, body: dict[str, str], error: bool) -> None:
    assert story(kind, **body).spans[0].error is error


def test_a_phase_of_an_agents_part_is_no_error_of_its_own() -> None:
    agent, talk = story("user.end", disconnectType="ERROR", interactingDurationMs=1000).spans
    assert (agent.error, talk.error) == (True, False)


def test_an_outcome_lasts_from_its_start_to_its_end() -> None:
    (span,) = story("flow.outcome", flowOutcomeStartTime=NOW_MS - 9_000, flowOutcomeEndTime=NOW_MS - 2_000).spans
    assert span.finished_ns - span.started_ns == 7_000 * 1_000_000


def test_work_after_the_call_is_one_span_whichever_event_tells_of_it() -> None:
    (acw,), (wrapup,) = (story(kind, wrapupDurationMs=15_000).spans for kind in ("acw", "wrapup"))
    assert acw == wrapup


def test_sessions_are_told_apart_and_redeliveries_are_not() -> None:
    one, again, two = (story("acd.end", sessionId=session).spans[0] for session in ("a", "a", "b"))
    assert one == again
    assert one.span_id != two.span_id


@pytest.mark.parametrize(
    ("kind", "body", "now_ms", "reason"),
    [
        ("customer.start", {}, NOW_MS, "nothing has ended"),
        ("contact", {}, NOW_MS, "nothing has ended"),
        ("something.new", {}, NOW_MS, "unknown topic"),
        ("acd.end", {}, NOW_MS + 18 * 3600 * 1000 + 1, "older than 18 hours"),
        ("acd.end", {"connectedDurationMs": 3600 * 1000}, NOW_MS + 17 * 3600 * 1000 + 1, "older than 18 hours"),
        ("acd.end", {}, NOW_MS - 2 * 3600 * 1000 - 1, "in the future"),
    ],
    ids=str,
)
def test_an_event_without_spans_says_why(kind: str, body: dict[str, int], now_ms: int, reason: str) -> None:
    assert story(kind, now_ms=now_ms, **body) == Story(ignored=reason)


def test_a_long_call_reported_at_once_is_told() -> None:
    assert story("acd.end", connectedDurationMs=17 * 3600 * 1000).spans


@pytest.mark.parametrize(("root_at_start", "roots"), [(True, 0), (False, 1)])
def test_a_whole_call_is_a_tree_with_no_personal_data(root_at_start: bool, roots: int) -> None:
    spans = []
    for event in read_events(call(CONVERSATION, NOW_MS)):
        assert isinstance(event, Event)
        spans += tell(event, now_ms=NOW_MS, root_at_start=root_at_start).spans
    assert Counter(span.parent_id for span in spans)[""] == roots
    ids = {span.span_id for span in spans}
    assert len(ids) == len(spans)
    assert {span.parent_id for span in spans} <= ids | {"", TRACE_ID[:16]}
    shown = json.dumps([[span.resource, dict(span.tags)] for span in spans])
    for personal in ("+1555", "tel:", "example.com", "Ann", "bill", "u-1"):
        assert personal not in shown
