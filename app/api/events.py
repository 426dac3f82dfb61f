"""`POST /v1/events/genesys`: Genesys Cloud's own account of a call, through EventBridge or a trigger's workflow.

EventBridge waits five seconds and delivers again on 429 and 5xx, not on other 4xx. So nothing slow is done here, and
an event that can never be read is answered 400.
"""

from __future__ import annotations

import json
import time
from collections import Counter

from flask import Blueprint, Response
from werkzeug.exceptions import BadRequest

from app.api.body import json_body
from app.errors import Rejection
from app.genesys.events import Event, MalformedEventError, read_events
from app.genesys.story import tell
from app.identity import conversation_id
from app.logs import note
from app.telemetry import Telemetry
from schemas import REPORT_CALL_EVENT


def blueprint(telemetry: Telemetry, *, root_at_start: bool) -> Blueprint:
    """Return the route of the events."""
    events = Blueprint("events", __name__)

    @events.post(REPORT_CALL_EVENT.path)
    def genesys() -> Response:
        found = _events()
        now_ms = time.time_ns() // 1_000_000
        ignored: Counter[str] = Counter()
        spans = 0
        for event in found:
            if isinstance(event, Event):
                story = tell(event, now_ms=now_ms, root_at_start=root_at_start)
                for span in story.spans:
                    telemetry.emit(span)
                spans += len(story.spans)
                ignored.update([f"{event.kind}: {story.ignored}"] if story.ignored else [])
            elif event is None:
                ignored["not a conversation detail event"] += 1
        _refuse_malformed(found)
        told = {"spans": str(spans), "ignored": _told(ignored)}
        note(outcome="ok", **told)
        return Response(
            json.dumps(REPORT_CALL_EVENT.outputs.dump({"status": "ok", **told})), mimetype="application/json"
        )

    return events


def _events() -> list[Event | MalformedEventError | None]:
    try:
        found = read_events(json_body())
    except (Rejection, MalformedEventError) as error:
        raise BadRequest(str(error)) from None
    if len(found) == 1 and isinstance(found[0], Event):
        trace_id = found[0].conversation.trace_id
        note(conversation__id=conversation_id(trace_id), dd__trace_id=trace_id, event=found[0].kind)
    return found


def _refuse_malformed(found: list[Event | MalformedEventError | None]) -> None:
    """Refuse a request with an event that cannot be read, after the others were taken in."""
    problems = [f"event {n}: {e}" for n, e in enumerate(found, start=1) if isinstance(e, MalformedEventError)]
    if problems:
        raise BadRequest("; ".join(problems))


def _told(ignored: Counter[str]) -> str:
    return "; ".join(f"{reason} ({count})" for reason, count in sorted(ignored.items()))
