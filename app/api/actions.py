"""What the data actions of a flow call: `/v1/actions/...`.

A view gets the contract's inputs as a dictionary and returns its outputs. `action` does the rest, for every view alike.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, request
from marshmallow import ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from app.calls import Caller, Calls, StartedCall
from app.config import Settings
from app.errors import Rejection
from app.identity import TRACESTATE, conversation_id
from app.logs import note
from schemas import START_CALL_TRACE, Contract

_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)

View = Callable[[dict[str, str]], dict[str, str]]


def blueprint(calls: Calls, settings: Settings) -> Blueprint:
    """Return the routes of the data actions."""
    actions = Blueprint("actions", __name__)

    def start_call_trace(flow: dict[str, str]) -> dict[str, str]:
        call = calls.start(flow, _caller(), time.time_ns())
        note(
            conversation__id=conversation_id(call.conversation.trace_id),
            dd__trace_id=call.trace.trace_id,
            dd__span_id=str(int(call.entry_span_id, 16)),
            origin=call.origin,
        )
        return _started(call, settings)

    action(actions, START_CALL_TRACE, start_call_trace)
    return actions


def action(blueprint: Blueprint, contract: Contract, view: View) -> None:
    """Route a contract's path to a view, with its inputs checked and its outputs complete.

    An input that is refused, by the contract or by the view, is answered 200 with `status: "rejected"`.
    """

    def answer() -> Response:
        note(genesys__correlation_id=_header("ININ-Correlation-Id"))
        try:
            outputs = view(_inputs(contract))
            note(outcome=outputs["status"])
        except Rejection as rejection:
            note(outcome="rejected", error_code=rejection.code)
            outputs = {"status": "rejected", "error_code": rejection.code, "error_message": rejection.message}
        return Response(json.dumps(contract.outputs.dump(outputs)), mimetype="application/json")

    blueprint.add_url_rule(contract.path, contract.path, answer, methods=["POST"])


def _inputs(contract: Contract) -> dict[str, str]:
    """Return the inputs that the request's body holds.

    Raises:
        Rejection: when the body is not a JSON object, or an input is missing or not a string.
        UnsupportedMediaType: when the request does not say that it is JSON.
        RequestEntityTooLarge: when the body is larger than is read.

    """
    if not request.is_json:
        raise UnsupportedMediaType("Send the header Content-Type: application/json.")
    text = request.get_data(cache=False)
    # Werkzeug cuts a chunked body off at the limit in silence, and refuses it only when read further.
    request.stream.read(1)
    try:
        body: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise Rejection("invalid_json", "The body is not JSON. Put each input through $esc.jsonEncode.") from None
    if not isinstance(body, dict):
        raise Rejection("invalid_body", "The body must be a JSON object with the action's inputs.")
    try:
        inputs: dict[str, str] = contract.inputs.load(body)
    except ValidationError as error:
        raise _rejection(error) from None
    return inputs


def _rejection(error: ValidationError) -> Rejection:
    """Return the refusal of inputs that break the contract; every one of them is named."""
    messages: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
    problems = {name: texts[0] for name, texts in messages.items()}
    missing = any(message.startswith("is required") for message in problems.values())
    return Rejection(
        "missing_input" if missing else "invalid_input",
        " ".join(f"{name} {message}" for name, message in sorted(problems.items())),
    )


def _caller() -> Caller:
    return Caller(g.client, _header("ININ-Correlation-Id"), _header("ININ-Organization-Id"))


def _header(name: str) -> str:
    """Return an id from a header that Genesys adds, or "" when it is absent or not of the form of an id."""
    value = request.headers.get(name, "")
    return value if _ID.fullmatch(value) else ""


def _started(call: StartedCall, settings: Settings) -> dict[str, str]:
    return {
        "status": "ok",
        "trace_id": call.trace.trace_id,
        "trace_id_decimal": call.trace.trace_id_decimal,
        "span_id": call.trace.span_id,
        "span_id_decimal": call.trace.span_id_decimal,
        "traceparent": call.trace.traceparent,
        "tracestate": TRACESTATE,
        "trace_url": settings.trace_url(call.trace.trace_id),
        "origin": call.origin,
        "accepted_tags": ",".join(map(str, call.tags.accepted)),
        "rejected_tags": "; ".join(map(str, call.tags.rejected)),
    }
