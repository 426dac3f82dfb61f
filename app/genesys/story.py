"""From the events of a conversation to the spans of its trace. Pure.

Only events that end something become spans: they carry its length, so each is complete by itself and may come in any
order and any number of times. A span's id is made from the conversation, the kind and the session, so a redelivery
repeats it. What the caller would have felt as a failure is marked as an error. Phone numbers, names, subjects and
notes are never read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from app.genesys.events import Event
from app.identity import conversation_id, span_id_for
from app.span import CALL_SERVICE, MAX_AGE_MS, FinishedSpan

FAILED_DISCONNECTS = frozenset({"error", "transport_failure", "timeout", "session_expired"})
FAILED_EXITS = frozenset(
    {"flow_error_disconnect", "flow_error_exit", "recognition_failure_disconnect", "recognition_failure_exit"}
)
CLOCK_SKEW_MS = 2 * 3600 * 1000
"""How far ahead of ours another clock may be: as far as Datadog takes spans (the same guidelines)."""

_AGENT_PHASES = ("dialing", "contacting", "alerting", "interacting", "held")
_WITHOUT_SPAN = frozenset(
    {"customer.start", "flow.start", "acd.start", "user.start", "voicemail.start", "contact", "outbound"}
)


class Story(NamedTuple):
    """What became of an event: the spans to send, or why there are none."""

    spans: tuple[FinishedSpan, ...] = ()
    ignored: str = ""


def tell(event: Event, *, now_ms: int, root_at_start: bool) -> Story:
    """Return the spans that an event stands for, none when it began or ends where Datadog would not take it."""
    teller = _TELLERS.get(event.kind)
    if teller is None:
        return Story(ignored="nothing has ended" if event.kind in _WITHOUT_SPAN else "unknown topic")
    if event.time_ms > now_ms + CLOCK_SKEW_MS:
        return Story(ignored="in the future")
    spans = tuple(teller(event))
    if event.kind == "customer.end" and not root_at_start:
        spans = (_as_root(event, spans[0]),)
    if min(span.started_ns for span in spans) < (now_ms - MAX_AGE_MS) * 1_000_000:
        return Story(ignored="older than 18 hours")
    return Story(spans)


def _customer(event: Event) -> Iterator[FinishedSpan]:
    failed = event.word("disconnectType") in FAILED_DISCONNECTS
    yield _span(event, "customer", event.milliseconds("interactingDurationMs"), {}, failed=failed)


def _as_root(event: Event, customer: FinishedSpan) -> FinishedSpan:
    """Return the caller's span as the root of the trace, which nobody sent when the call started."""
    words = (event.word("direction"), event.word("mediaType"))
    return dataclasses.replace(
        customer,
        name="genesys.conversation",
        resource=" ".join(filter(None, words)) or "conversation",
        span_id=event.conversation.span_id,
        parent_id="",
    )


def _flow(event: Event) -> Iterator[FinishedSpan]:
    exit_reason = event.word("exitReason")
    tags = {
        "flow.id": event.identifier("flowId"),
        "flow.type": event.word("flowType"),
        "exit_reason": exit_reason,
        "transfer_type": event.word("transferType"),
    }
    failed = exit_reason in FAILED_EXITS or event.word("disconnectType") in FAILED_DISCONNECTS
    yield _span(event, "flow", event.milliseconds("connectedDurationMs"), tags, failed=failed)


def _flow_outcome(event: Event) -> Iterator[FinishedSpan]:
    value = event.word("flowOutcomeValue")
    began, ended = event.milliseconds("flowOutcomeStartTime"), event.milliseconds("flowOutcomeEndTime")
    outcome = event.identifier("flowOutcomeId")
    tags = {"flow.id": event.identifier("flowId"), "flow.outcome_id": outcome, "outcome": value}
    length = max(ended - began, 0) if began else 0
    span = _span(event, "flow_outcome", length, tags, failed=value == "failure", session=f"{event.session} {outcome}")
    yield span


def _queue(event: Event) -> Iterator[FinishedSpan]:
    outcome = event.word("acdOutcome")
    tags = {"queue.id": event.identifier("queueId"), "outcome": outcome, "routing": event.word("usedRouting")}
    yield _span(event, "queue", event.milliseconds("connectedDurationMs"), tags, failed=outcome == "abandon")


def _agent(event: Event) -> Iterator[FinishedSpan]:
    """Tell of an agent's part, and of its phases one after the other.

    The event gives the length of each phase and not its place: what was held in between is shown at the end.
    """
    lengths = {phase: event.milliseconds(f"{phase}DurationMs") for phase in _AGENT_PHASES}
    tags = {"queue.id": event.identifier("queueId")}
    failed = event.word("disconnectType") in FAILED_DISCONNECTS
    agent = _span(event, "agent", sum(lengths.values()), tags, failed=failed)
    yield agent
    started_ns = agent.started_ns
    for phase, length in lengths.items():
        if length:
            finished_ns = started_ns + length * 1_000_000
            yield dataclasses.replace(
                agent,
                name=f"genesys.agent.{phase}",
                resource=phase,
                span_id=span_id_for(event.conversation, f"agent {phase}", event.session),
                parent_id=agent.span_id,
                started_ns=started_ns,
                finished_ns=finished_ns,
                error=False,
            )
            started_ns = finished_ns


def _wrapup(event: Event) -> Iterator[FinishedSpan]:
    """Tell of the work after the call; the events acw and wrapup tell of the same, so both give the same span."""
    tags = {"queue.id": event.identifier("queueId"), "wrapup.code": event.identifier("wrapupCode")}
    yield _span(event, "wrapup", event.milliseconds("wrapupDurationMs"), tags)


_TELLERS: Mapping[str, Callable[[Event], Iterator[FinishedSpan]]] = {
    "customer.end": _customer,
    "flow.end": _flow,
    "flow.outcome": _flow_outcome,
    "acd.end": _queue,
    "user.end": _agent,
    "acw": _wrapup,
    "wrapup": _wrapup,
}


def _span(
    event: Event,
    kind: str,
    length_ms: int,
    tags: Mapping[str, str],
    *,
    failed: bool = False,
    session: str = "",
) -> FinishedSpan:
    """Return a span below the root, of a length that ends when the event happened."""
    all_tags = {
        "conversation.id": conversation_id(event.conversation.trace_id),
        "genesys.organization_id": event.organization_id,
        "channel": event.word("mediaType"),
        "direction": event.word("direction"),
        "disconnect_type": event.word("disconnectType"),
        **tags,
    }
    finished_ns = event.time_ms * 1_000_000
    return FinishedSpan(
        name=f"genesys.{kind}",
        service=CALL_SERVICE,
        resource=kind,
        trace_id=event.conversation.trace_id,
        span_id=span_id_for(event.conversation, kind, session or event.session),
        parent_id=event.conversation.span_id,
        started_ns=finished_ns - (length_ms * 1_000_000 or 1),
        finished_ns=finished_ns,
        tags={name: value for name, value in all_tags.items() if value},
        error=failed,
    )
