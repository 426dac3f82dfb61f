"""The demo's spans, read back from the agent."""

from __future__ import annotations

import json
from collections.abc import Mapping

from architect.demo.calls import FIRST_CALL, MILESTONES, TELLINGS
from architect.demo.checks import Checks, title
from architect.sandbox import Agent
from architect.timeline import Span, timeline_of
from architect.trace_commands import show_timeline

LENGTHS = {
    "genesys.conversation": 115,
    "genesys.flow": 10,
    "genesys.queue": 40,
    "genesys.agent": 65,
    "genesys.agent.alerting": 5,
    "genesys.agent.interacting": 50,
    "genesys.agent.held": 10,
    "genesys.wrapup": 15,
}
"""Seconds that the events say the first call and its parts took."""
_OF_EVENTS = len(LENGTHS) + 1
"""The flow's outcome is told as well, and has no length."""
_STARTS = 2 + 8 + 1
"""The first call was started twice, another eight times, and one that continues the first."""


def check_traces(agent: Agent, checks: Checks, first: Mapping[str, str], moved: str) -> None:
    """Wait for the spans of all calls, show the first call's, and check them. `moved` is the call that continues it."""
    title(f"The first call's trace, as `callspan trace show {FIRST_CALL} --from-agent ...` shows it")
    expected = _STARTS + len(MILESTONES) + TELLINGS * _OF_EVENTS
    spans = agent.wait_for_spans(lambda spans: len(spans) >= expected)
    timeline = timeline_of(spans, FIRST_CALL, first["traceparent"])
    if timeline is None:
        checks.equal("the first call has spans", timeline, "spans")
        return
    show_timeline(timeline)
    print()
    checks.equal("no payload broke the agent's own checks", agent.failures(), "")
    checks.equal("all spans arrived, and no other", len(spans), expected)
    roots = [(row.name, row.span_id) for row in timeline.rows if not row.depth]
    checks.equal("one root, whose id is the first half", roots, [("genesys.conversation", "8f14e45fceea467f")])
    sent = {row.name: row.copies for row in timeline.rows if row.name in LENGTHS}
    checks.equal("what was told twice is one span each", sent, dict.fromkeys(LENGTHS, TELLINGS))
    lengths = {row.name: round(row.duration_ns / 1e9, 3) for row in timeline.rows if row.name in LENGTHS}
    checks.equal("each is as long as its event says: 40 s in the queue, 10 s on hold", lengths, LENGTHS)
    errors = [row.label for row in timeline.rows if row.error]
    checks.equal("only the milestone that went wrong is an error", errors, ["billing asked"])
    checks.equal("the call's tags are on what its flow told", timeline.tags, {"priority": "normal", "line": "sales"})
    names = [row.name for row in timeline.rows if row.conversation_id == moved]
    checks.equal("the continued call's start is in this trace", names, ["callspan.start"])
    checks.equal("each span is kept", {span["metrics"]["_sampling_priority_v1"] for span in spans}, {2})
    checks.equal("the rejected call made no span", len(_conversations(spans)), 3)
    checks.equal("no phone number, name or note is anywhere", _personal_data(spans), [])


def _conversations(spans: list[Span]) -> set[str]:
    return {span["meta"]["conversation.id"] for span in spans}


def _personal_data(spans: list[Span]) -> list[str]:
    """Return what the events hold of a person and no span may."""
    text = json.dumps(spans)
    return [each for each in ("5551234567", "5557654321", "Ann", 'bill"') if each in text]
