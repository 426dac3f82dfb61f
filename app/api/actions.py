"""What the data actions of a flow call: `/v1/actions/...`.

A view gets the contract's inputs as a dictionary, who calls and when, and returns its outputs. `Action` does the rest,
for every view alike, and knows nothing of Flask: `app/hot_path.py` answers well-formed requests with it as well.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import NamedTuple

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
from schemas.compiled import compile_inputs, compile_outputs

Inputs = dict[str, str]
Outputs = dict[str, str]
View = Callable[[Inputs, Caller, int], tuple[Recorded, Outputs]]


class Answer(NamedTuple):
    """The JSON that a data action gets, and what the log says of it."""

    body: str
    fields: dict[str, str]


class Action:
    """A contract with the view that fulfils it."""

    def __init__(self, contract: Contract, view: View, metrics: Metrics) -> None:
        self.contract = contract
        self.name = contract.path.rpartition("/")[2]
        self.load_well_formed = compile_inputs(contract.inputs)
        self._dump = compile_outputs(contract.outputs)
        self._view = view
        self._metrics = metrics

    def load(self, body: object) -> Inputs:
        """Return the inputs that a request's JSON holds.

        Raises:
            Rejection: when they break the contract; every input that does is named.

        """
        if not isinstance(body, dict):
            raise Rejection("invalid_body", "The body must be a JSON object with the action's inputs.")
        try:
            inputs: Inputs = self.contract.inputs.load(body)
        except ValidationError as error:
            raise _rejection(error) from None
        return inputs

    def answer(self, inputs: Inputs, caller: Caller, now_ns: int) -> Answer:
        """Return the answer to inputs that keep the contract."""
        try:
            recorded, own = self._view(inputs, caller, now_ns)
        except Rejection as rejection:
            return self.reject(rejection, caller)
        call, tags = recorded.call, recorded.tags
        outputs = {
            "status": "ok",
            "trace_id": call.trace.trace_id,
            "span_id": recorded.span_id,
            "accepted_tags": ",".join(map(str, tags.accepted)),
            "rejected_tags": "; ".join(map(str, tags.rejected)),
            **own,
        }
        fields = {
            "genesys.correlation_id": caller.correlation_id,
            "conversation.id": call.conversation_id,
            "dd.trace_id": call.trace.trace_id,
            "dd.span_id": str(int(recorded.span_id, 16)),
            "origin": call.origin,
        }
        return Answer(json.dumps(self._dump(outputs)), fields)

    def reject(self, rejection: Rejection, caller: Caller) -> Answer:
        """Return the answer to an input that has to be put right: `status: "rejected"`."""
        self._metrics.count(REJECTIONS, {"action": self.name, "reason": rejection.code})
        outputs = {"status": "rejected", "error_code": rejection.code, "error_message": rejection.message}
        fields = {
            "genesys.correlation_id": caller.correlation_id,
            "outcome": "rejected",
            "error_code": rejection.code,
        }
        return Answer(json.dumps(self._dump(outputs)), fields)


def actions(calls: Calls, metrics: Metrics, settings: Settings) -> tuple[Action, ...]:
    """Return the data actions, each with what it does."""

    def start_call_trace(flow: Inputs, caller: Caller, now_ns: int) -> tuple[Recorded, Outputs]:
        started = calls.start(flow, caller, now_ns)
        trace = started.call.trace
        return started, {
            # The parent of what follows is the root, not the span that stands for this request.
            "span_id": trace.span_id,
            "trace_id_decimal": trace.trace_id_decimal,
            "span_id_decimal": trace.span_id_decimal,
            "traceparent": trace.traceparent,
            "tracestate": TRACESTATE,
            "trace_url": settings.trace_url(trace.trace_id),
            "origin": started.call.origin,
        }

    def record_milestone(flow: Inputs, caller: Caller, now_ns: int) -> tuple[Recorded, Outputs]:
        return calls.milestone(flow, caller, now_ns), {}

    def end_call_trace(flow: Inputs, caller: Caller, now_ns: int) -> tuple[Recorded, Outputs]:
        return calls.end(flow, caller, now_ns), {}

    return (
        Action(START_CALL_TRACE, start_call_trace, metrics),
        Action(RECORD_CALL_MILESTONE, record_milestone, metrics),
        Action(END_CALL_TRACE, end_call_trace, metrics),
    )


def blueprint(actions: tuple[Action, ...]) -> Blueprint:
    """Return the routes of the data actions."""
    routes = Blueprint("actions", __name__)
    for action in actions:
        routes.add_url_rule(action.contract.path, action.contract.path, _route(action), methods=["POST"])
    return routes


def _route(action: Action) -> Callable[[], Response]:
    def answer() -> Response:
        now_ns = time.time_ns()
        headers = request.headers
        caller = Caller(
            g.client, identifier(headers.get("ININ-Correlation-Id")), identifier(headers.get("ININ-Organization-Id"))
        )
        try:
            inputs = action.load(json_body())
        except Rejection as rejection:
            answered = action.reject(rejection, caller)
        else:
            answered = action.answer(inputs, caller, now_ns)
        note(answered.fields)
        return Response(answered.body, mimetype="application/json")

    return answer


def _rejection(error: ValidationError) -> Rejection:
    """Return the refusal of inputs that break the contract; every one of them is named."""
    messages: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
    problems = {name: texts[0] for name, texts in messages.items()}
    missing = any(message.startswith("is required") for message in problems.values())
    return Rejection(
        "missing_input" if missing else "invalid_input",
        " ".join(f"{name} {message}" for name, message in sorted(problems.items())),
    )
