"""`POST /v1/events/genesys`: Genesys Cloud's own account of a call, through EventBridge or a trigger's workflow.

EventBridge waits five seconds and delivers again on 429 and 5xx, not on other 4xx. So nothing slow is done here, an
event that can never be read is answered 400, and a failure of ours 503.
"""

from __future__ import annotations

import json
import logging
import time

from flask import Blueprint, Response
from werkzeug.exceptions import BadRequest, HTTPException, ServiceUnavailable
from werkzeug.sansio.response import Response as SansioResponse

from app.api.body import json_body
from app.errors import Rejection, problem_answer
from app.genesys.events import Event, MalformedEventError, read_events
from app.genesys.intake import Intake
from app.identity import conversation_id
from app.logs import note
from schemas import REPORT_CALL_EVENT

log = logging.getLogger("callspan")

RETRY_AFTER_SECONDS = 10


def blueprint(intake: Intake) -> Blueprint:
    """Return the route of the events."""
    events = Blueprint("events", __name__)

    @events.post(REPORT_CALL_EVENT.path)
    def genesys() -> Response:
        found = _events()
        taken = intake.take(found, time.time_ns() // 1_000_000)
        _refuse_malformed(found)
        ignored = "; ".join(f"{reason} ({count})" for reason, count in sorted(taken.ignored.items()))
        told = {"spans": str(taken.spans), "ignored": ignored}
        note(told)
        outputs = REPORT_CALL_EVENT.outputs.dump({"status": "ok", **told})
        return Response(json.dumps(outputs), mimetype="application/json")

    events.register_error_handler(HTTPException, problem_answer)
    events.register_error_handler(Exception, _deliver_again)
    return events


def _deliver_again(error: Exception) -> Response | SansioResponse:
    log.error("event not taken in", exc_info=error)
    detail = "Callspan failed on this event and does not hold it; deliver it again."
    return problem_answer(ServiceUnavailable(detail, retry_after=RETRY_AFTER_SECONDS))


def _events() -> list[Event | MalformedEventError | None]:
    try:
        found = read_events(json_body())
    except (Rejection, MalformedEventError) as error:
        raise BadRequest(str(error)) from None
    if len(found) == 1 and isinstance(found[0], Event):
        trace_id = found[0].conversation.trace_id
        note({"conversation.id": conversation_id(trace_id), "dd.trace_id": trace_id, "event": found[0].kind})
    return found


def _refuse_malformed(found: list[Event | MalformedEventError | None]) -> None:
    """Refuse a request with an event that cannot be read, after the others were taken in."""
    problems = [f"event {n}: {e}" for n, e in enumerate(found, start=1) if isinstance(e, MalformedEventError)]
    if problems:
        raise BadRequest("; ".join(problems))
