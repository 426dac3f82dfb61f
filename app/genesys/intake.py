"""What Callspan does with the events of Genesys Cloud: spans, metrics, and the check that what flows wrote persists."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.genesys.events import Event, MalformedEventError
from app.genesys.persistence import check_persistence
from app.genesys.story import tell
from app.identity import conversation_id, span_id_for
from app.metrics import ATTRIBUTES, CALLS_ENDED, EVENTS, QUEUE_WAIT, TALK_TIME, Metrics
from app.span import FinishedSpan
from app.telemetry import Telemetry

log = logging.getLogger("callspan.events")


@dataclass
class TakenIn:
    """What became of the events of a request: how many spans, and why others gave none, each with its number."""

    spans: int = 0
    ignored: Counter[str] = field(default_factory=Counter)


class Intake:
    """Takes events in. Taking one in again sends the same spans again and counts nothing twice."""

    def __init__(self, telemetry: Telemetry, metrics: Metrics, *, root_at_start: bool) -> None:
        self._telemetry = telemetry
        self._metrics = metrics
        self._root_at_start = root_at_start

    def take(self, found: Iterable[Event | MalformedEventError | None], now_ms: int) -> TakenIn:
        """Take in what a request held, as `read_events` gave it; `now_ms` is in milliseconds since 1970."""
        taken = TakenIn()
        for event in found:
            if isinstance(event, Event):
                self._take(event, now_ms, taken)
            elif event is None:
                taken.ignored["not a conversation detail event"] += 1
                self._metrics.count(EVENTS, {"result": "ignored", "reason": "not a conversation detail event"})
            else:
                self._metrics.count(EVENTS, {"result": "malformed"})
        return taken

    def _take(self, event: Event, now_ms: int, taken: TakenIn) -> None:
        if event.kind == "attributes":
            self._check(event)
            return
        story = tell(event, now_ms=now_ms, root_at_start=self._root_at_start)
        kind = "" if story.ignored == "unknown topic" else event.kind
        if story.ignored:
            taken.ignored[f"{event.kind}: {story.ignored}"] += 1
            self._metrics.count(EVENTS, {"kind": kind, "result": "ignored", "reason": story.ignored})
            return
        self._telemetry.emit(*story.spans)
        taken.spans += len(story.spans)
        if self._metrics.is_new(story.spans[0].span_id):
            self._metrics.count(EVENTS, {"kind": kind, "result": "told"})
            self._measure(event, story.spans[0])

    def _measure(self, event: Event, span: FinishedSpan) -> None:
        """Measure what an event told; `span` is the one that stands for it."""
        common = {"channel": event.word("mediaType"), "direction": event.word("direction")}
        disconnect_type = event.word("disconnectType")
        if event.kind == "acd.end":
            wait_ms = event.milliseconds("connectedDurationMs")
            self._metrics.distribution(QUEUE_WAIT, wait_ms, {**common, "outcome": event.word("acdOutcome")})
        elif event.kind == "user.end" and (talk_ms := event.milliseconds("interactingDurationMs")):
            self._metrics.distribution(TALK_TIME, talk_ms, {**common, "disconnect_type": disconnect_type})
        elif event.kind == "customer.end":
            outcome = "error" if span.error else "ok"
            self._metrics.count(CALLS_ENDED, {"by": "event", "outcome": outcome, "disconnect_type": disconnect_type})

    def _check(self, event: Event) -> None:
        if not self._metrics.is_new(span_id_for(event.conversation, f"attributes {event.time_ms}", event.session)):
            return
        found = check_persistence(event.conversation, event.body.get("attributes"))
        self._metrics.count(EVENTS, {"kind": event.kind, "result": "told"})
        self._metrics.count(ATTRIBUTES, {"result": found.result, "source": found.source})
        if found.result == "overwritten":
            fields = {
                "conversation.id": conversation_id(event.conversation.trace_id),
                "dd.trace_id": event.conversation.trace_id,
                "expected": found.expected,
                "found": found.found or "a value that is no trace context",
                "callspan_source": found.source,
            }
            log.warning("the call does not carry the trace ids that its flow wrote", extra={"fields": fields})
