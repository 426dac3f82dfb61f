"""`POST /v1/conversations/{conversationId}/attributes`: the writer for conversations that no flow of ours handles.

It waits for Genesys Cloud, as nothing else in the service does, so only a few of a worker's threads may be at it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, g, request
from marshmallow import ValidationError

from app.api.body import json_body
from app.calls import Caller
from app.errors import Problem, Rejection
from app.genesys.budget import Budget
from app.genesys.errors import (
    NotWritableError,
    PlatformError,
    RateLimitedError,
    RefusedError,
    TimedOutError,
    UnavailableError,
    UnknownConversationError,
)
from app.genesys.ids import identifier
from app.genesys.participants import UnresolvedError
from app.identity import (
    InvalidConversationIdError,
    InvalidTraceparentError,
    conversation_id,
    conversation_trace,
    parse_traceparent,
)
from app.logs import note
from app.tagging import Tagged, Tagging
from app.tags import personal_data
from schemas.conversation_attributes import PATH, TRACE_ATTRIBUTES, AttributeReport, WriteAttributes

AT_ONCE = 2
"""Writers of one process, out of the 4 threads that gunicorn.conf.py gives it: the others answer flows."""

BUSY_SECONDS = 5
"""When to ask again, where nothing tells."""


def blueprint(tagging: Tagging | None, *, refuse_personal_data: bool) -> Blueprint:
    """Return the route; without access to Genesys Cloud it answers 503."""
    blueprint = Blueprint("attributes", __name__)
    slots = threading.BoundedSemaphore(AT_ONCE)

    @blueprint.post(PATH.replace("{", "<").replace("}", ">"))
    def attributes(**path: str) -> Response:
        if tagging is None:
            raise Problem(
                503,
                "Callspan has no access to Genesys Cloud's API here: set GENESYSCLOUD_REGION, "
                "GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET.",
                code="not_configured",
            )
        found = _conversation_id(path["conversationId"])
        order = _order(refuse_personal_data=refuse_personal_data)
        if not slots.acquire(blocking=False):
            raise Problem(503, "Callspan is writing as much as it may at once.", code="busy", retry_after=BUSY_SECONDS)
        try:
            tagged = tagging.tag(
                found,
                order["attributes"],
                Caller(g.client, identifier(request.headers.get("ININ-Correlation-Id"))),
                Budget(order["budget_ms"] / 1000),
                participant_id=order["participant_id"],
            )
        except UnresolvedError as error:
            note({"error_code": error.code})
            raise Problem(409, str(error), code=error.code) from None
        except PlatformError as error:
            raise _problem(error) from None
        finally:
            slots.release()
        return _report(tagged)

    return blueprint


_FIELDS = frozenset(field.data_key or name for name, field in WriteAttributes().fields.items())

_ANSWERS: Mapping[type[PlatformError], tuple[int, str]] = {
    UnknownConversationError: (404, "unknown_conversation"),
    NotWritableError: (409, "not_writable"),
    RefusedError: (502, "genesys_refused"),
    UnavailableError: (502, "genesys_unavailable"),
    RateLimitedError: (503, "genesys_busy"),
    TimedOutError: (504, "genesys_timeout"),
}


def _problem(error: PlatformError) -> Problem:
    status, code = _ANSWERS[type(error)]
    if error.status == 503:
        status, code = 503, "genesys_busy"
    retry_after = (error.retry_after or BUSY_SECONDS) if status == 503 else None
    detail = str(error)
    if error.accepted:
        detail += " The write was accepted, and could not be read back: ask again, which writes nothing twice."
    members = {"code": code, "genesys_correlation_id": error.correlation_id}
    note({"error_code": code, "genesys.correlation_id": error.correlation_id})
    return Problem(status, detail, retry_after=retry_after, **{name: text for name, text in members.items() if text})


def _conversation_id(text: str) -> str:
    """Return the path's conversation id, dashed and in lower case."""
    try:
        trace_id = conversation_trace(text).trace_id
    except InvalidConversationIdError as error:
        raise _invalid(f"conversationId {error}.") from None
    note({"conversation.id": conversation_id(trace_id), "dd.trace_id": trace_id})
    return conversation_id(trace_id)


def _order(*, refuse_personal_data: bool) -> dict[str, Any]:
    """Return what the body asks for; every field that is wrong is named, and none is repeated."""
    try:
        order: dict[str, Any] = WriteAttributes().load(json_body())
    except Rejection as rejection:
        raise Problem(400, rejection.message, code=rejection.code) from None
    except ValidationError as error:
        raise _invalid(" ".join(_sentences(error.normalized_messages()))) from None  # type: ignore[no-untyped-call]
    try:
        if "traceparent" in order["attributes"]:
            parse_traceparent(order["attributes"]["traceparent"])
    except InvalidTraceparentError as error:
        raise _invalid(f"attributes.traceparent {error}.") from None
    if refuse_personal_data:
        for position, (name, value) in enumerate(order["attributes"].items(), start=1):
            if what := personal_data(name):
                raise _invalid(f"The name of attribute {position} looks like {what}, which does not belong there.")
            if name not in TRACE_ATTRIBUTES and (what := personal_data(value)):
                raise _invalid(f"attributes.{name} looks like {what}, which does not belong in attributes.")
    return order


def _sentences(messages: Mapping[str, Any]) -> Iterator[str]:
    """Turn marshmallow's messages into sentences that begin with the field they are about."""
    for name, problem in messages.items():
        if isinstance(problem, Mapping):
            for inner, wrong in problem.items():
                # What is no name is not repeated.
                yield f"A name in {name} {wrong['key'][0]}" if "key" in wrong else f"{name}.{inner} {wrong['value'][0]}"
        else:
            subject = "The body" if name == "_schema" else name if name in _FIELDS else "A field of the body"
            yield f"{subject} {problem[0]}"


def _invalid(detail: str) -> Problem:
    note({"error_code": "invalid_input"})
    return Problem(422, detail, code="invalid_input")


def _report(tagged: Tagged) -> Response:
    trace, resolution = tagged.call.trace, tagged.resolution
    note(
        {
            "dd.trace_id": trace.trace_id,
            "genesys.participant_id": identifier(resolution.participant.id),
            "attempts": str(tagged.attempts),
            "outcome": "ok" if tagged.complete else "incomplete",
        }
    )
    document = {
        "conversation_id": tagged.call.conversation_id,
        "participant_id": resolution.participant.id,
        "reason": resolution.reason,
        "passed_over": [
            {"participant_id": each.participant.id, "purpose": each.participant.purpose, "reason": each.reason}
            for each in resolution.passed_over
        ],
        "attributes": tagged.outcomes,
        "complete": tagged.complete,
        "attempts": tagged.attempts,
        "elapsed_ms": round(tagged.seconds * 1000),
        "trace_id": trace.trace_id,
        "traceparent": trace.traceparent,
        "trace_url": tagged.trace_url,
    }
    return Response(json.dumps(AttributeReport().dump(document)), mimetype="application/json")
