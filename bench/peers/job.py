"""The job of Start Call Trace for the peers in Python: ids, two spans, a log line and an answer.

It is Callspan's job in one plain function. What a conversation id, a `traceparent` and a tag may be is not written
again: those are pure functions of Callspan, so that the peers do the same checks.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Mapping

from ddtrace.trace import Context, tracer

from app.genesys.ids import identifier
from app.identity import (
    TRACESTATE,
    InvalidConversationIdError,
    InvalidTraceparentError,
    TraceContext,
    conversation_id,
    conversation_trace,
    parse_traceparent,
    span_id_for,
)
from app.tags import Tags, parse_tags

KID, _, KEY = os.environ.get("CALLSPAN_JWT_KEYS", "").partition(",")[0].partition(":")
"""The key that signed the token, as Callspan is given it."""

CLAIMS = ["iss", "aud", "sub", "scope", "iat", "exp", "jti"]
OUTPUTS = (
    "status", "error_code", "error_message", "trace_id", "trace_id_decimal", "span_id", "span_id_decimal",
    "traceparent", "tracestate", "trace_url", "origin", "accepted_tags", "rejected_tags",
)  # fmt: skip

log = logging.getLogger("peer")
log.setLevel(logging.INFO)
log.propagate = False
log.addHandler(logging.StreamHandler(sys.stdout))


class RejectedError(Exception):
    """An input that has to be put right."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def rejection(code: str, message: str) -> dict[str, str]:
    """Return the answer to such an input."""
    return {**dict.fromkeys(OUTPUTS, ""), "status": "rejected", "error_code": code, "error_message": message}


def start(inputs: Mapping[str, str], client: str, correlation_id: str, organization_id: str) -> dict[str, str]:
    """Start a call: send its two spans, log a line, and return the answer.

    Raises:
        RejectedError: when the conversation id is none.

    """
    started = time.time_ns()
    try:
        own = conversation_trace(inputs["conversationId"])
    except InvalidConversationIdError as error:
        raise RejectedError("invalid_conversation_id", f"conversationId {error}") from None
    trace = _trace(own, inputs["traceparent"])
    origin = "minted" if trace == own else "continued"
    tags = parse_tags(inputs["tags"])
    labels = {
        "conversation.id": conversation_id(own.trace_id),
        "genesys.organization_id": identifier(organization_id),
        "genesys.correlation_id": identifier(correlation_id),
        "flow.name": inputs["flowName"][:200],
        "queue.name": inputs["queueName"][:200],
        "channel": inputs["channel"],
        "direction": inputs["direction"],
        "callspan.origin": origin,
        **{f"call.{tag.key}": tag.value for tag in tags.accepted},
    }
    labels = {name: value for name, value in labels.items() if value}
    entry = span_id_for(own, "start")
    if trace == own:
        resource = f"{inputs['direction']} {inputs['channel']}"
        _emit("genesys.conversation", "genesys-cloud", resource, trace, own.span_id, labels, started)
    labels |= {"callspan.entry": "true", "span.kind": "server"}
    _emit("callspan.start", os.environ["DD_SERVICE"], "start-call-trace", trace, entry, labels, started)
    answer = _answer(trace, origin, tags)
    log.info(json.dumps(_line(client, identifier(correlation_id), own, trace, entry, time.time_ns() - started)))
    return answer


def _trace(own: TraceContext, found: str) -> TraceContext:
    try:
        context = parse_traceparent(found) if found else own
    except InvalidTraceparentError:
        return own
    return own if context.trace_id == own.trace_id else context


def _emit(
    name: str, service: str, resource: str, trace: TraceContext, span_id: str, labels: Mapping[str, str], started: int
) -> None:
    root = span_id == trace.span_id
    parent = Context(
        trace_id=int(trace.trace_id, 16),
        span_id=None if root else int(trace.span_id, 16),
        sampling_priority=2,
        meta={"_dd.p.dm": "-4"},
    )
    span = tracer.start_span(name, child_of=parent, service=service, resource=resource)
    span.span_id = int(span_id, 16)
    span.set_tags(dict(labels))
    span.start_ns = started
    span.finish()


def _answer(trace: TraceContext, origin: str, tags: Tags) -> dict[str, str]:
    return {
        "status": "ok",
        "error_code": "",
        "error_message": "",
        "trace_id": trace.trace_id,
        "trace_id_decimal": trace.trace_id_decimal,
        "span_id": trace.span_id,
        "span_id_decimal": trace.span_id_decimal,
        "traceparent": trace.traceparent,
        "tracestate": TRACESTATE,
        "trace_url": f"https://app.datadoghq.com/apm/trace/{trace.trace_id}",
        "origin": origin,
        "accepted_tags": ",".join(map(str, tags.accepted)),
        "rejected_tags": "; ".join(map(str, tags.rejected)),
    }


def _line(
    client: str, correlation_id: str, own: TraceContext, trace: TraceContext, span_id: str, duration: int
) -> dict[str, object]:
    return {
        "timestamp": time.time(),
        "status": "info",
        "message": "request",
        "http.method": "POST",
        "http.route": "/v1/actions/start-call-trace",
        "http.status_code": 200,
        "duration": duration,
        "client": client,
        "outcome": "ok",
        "genesys.correlation_id": correlation_id,
        "conversation.id": conversation_id(own.trace_id),
        "dd.trace_id": trace.trace_id,
        "dd.span_id": str(int(span_id, 16)),
    }
