"""What the data actions of a flow call: `/v1/actions/...`.

A view gets the contract's inputs as a dictionary, who calls and when, and returns its outputs. `action` does the rest,
for every view alike.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from flask import Blueprint, Response, g, request
from marshmallow import ValidationError

from app.api.body import json_body
from app.calls import Caller, Calls, Recorded
from app.config import Settings
from app.errors import Rejection
from app.genesys.ids import identifier
from app.identity import TRACESTATE
from app.logs import note
from app.metrics import REJECTIONS, Metrics
from schemas import END_CALL_TRACE, RECORD_CALL_MILESTONE, START_CALL_TRACE, Contract

Inputs = dict[str, str]
Outputs = dict[str, str]


def blueprint(calls: Calls, metrics: Metrics, settings: Settings) -> Blueprint:
    """Return the routes of the data actions."""
    actions = Blueprint("actions", __name__)

    def start_call_trace(flow: Inputs, caller: Caller, now_ns: int) -> Outputs:
        started = calls.start(flow, caller, now_ns)
        note(origin=started.call.origin)
        trace = started.call.trace
        return {
            **_recorded(started),
            "trace_id_decimal": trace.trace_id_decimal,
            # The parent of what follows is the root, not the span that stands for this request.
            "span_id": trace.span_id,
            "span_id_decimal": trace.span_id_decimal,
            "traceparent": trace.traceparent,
            "tracestate": TRACESTATE,
            "trace_url": settings.trace_url(trace.trace_id),
            "origin": started.call.origin,
        }

    def record_milestone(flow: Inputs, caller: Caller, now_ns: int) -> Outputs:
        return _recorded(calls.milestone(flow, caller, now_ns))

    def end_call_trace(flow: Inputs, caller: Caller, now_ns: int) -> Outputs:
        return _recorded(calls.end(flow, caller, now_ns))

    action(actions, metrics, START_CALL_TRACE, start_call_trace)
    action(actions, metrics, RECORD_CALL_MILESTONE, record_milestone)
    action(actions, metrics, END_CALL_TRACE, end_call_trace)
    return actions


def action(
    blueprint: Blueprint, metrics: Metrics, contract: Contract, view: Callable[[Inputs, Caller, int], Outputs]
) -> None:
    """Route a contract's path to a view of its inputs, the caller and the time; make the outputs complete.

    An input that is refused, by the contract or by the view, is answered 200 with `status: "rejected"`.
    """
    name = contract.path.rpartition("/")[2]

    def answer() -> Response:
        now_ns = time.time_ns()
        headers = request.headers
        caller = Caller(
            g.client, identifier(headers.get("ININ-Correlation-Id")), identifier(headers.get("ININ-Organization-Id"))
        )
        note(genesys__correlation_id=caller.correlation_id)
        try:
            outputs = view(_inputs(contract), caller, now_ns)
            note(outcome=outputs["status"])
        except Rejection as rejection:
            note(outcome="rejected", error_code=rejection.code)
            metrics.count(REJECTIONS, {"action": name, "reason": rejection.code})
            outputs = {"status": "rejected", "error_code": rejection.code, "error_message": rejection.message}
        return Response(json.dumps(contract.outputs.dump(outputs)), mimetype="application/json")

    blueprint.add_url_rule(contract.path, contract.path, answer, methods=["POST"])


def _inputs(contract: Contract) -> Inputs:
    """Return the inputs that the request's body holds; raises Rejection when they break the contract."""
    body = json_body()
    if not isinstance(body, dict):
        raise Rejection("invalid_body", "The body must be a JSON object with the action's inputs.")
    try:
        inputs: Inputs = contract.inputs.load(body)
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


def _recorded(recorded: Recorded) -> Outputs:
    """Return the outputs that all actions have in common, and note them for the log."""
    trace_id = recorded.call.trace.trace_id
    note(
        conversation__id=recorded.call.conversation_id,
        dd__trace_id=trace_id,
        dd__span_id=str(int(recorded.span_id, 16)),
    )
    return {
        "status": "ok",
        "trace_id": trace_id,
        "span_id": recorded.span_id,
        "accepted_tags": ",".join(map(str, recorded.tags.accepted)),
        "rejected_tags": "; ".join(map(str, recorded.tags.rejected)),
    }
