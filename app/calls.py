"""What Callspan does when a flow tells it of a call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import Rejection
from app.identity import (
    InvalidConversationIdError,
    InvalidTraceparentError,
    TraceContext,
    conversation_id,
    conversation_trace,
    parse_traceparent,
    span_id_for,
)
from app.tags import Tags, parse_tags
from app.telemetry import CallStart, Telemetry

DIRECTIONS = ("inbound", "outbound")
CHANNELS = ("voice", "callback", "chat", "email", "message", "sms", "social", "workitem")
MAX_LABEL_LENGTH = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: our client, and the ids that Genesys sends along, "" when it sent none."""

    client: str
    correlation_id: str = ""
    organization_id: str = ""


@dataclass(frozen=True, slots=True)
class StartedCall:
    """A call whose trace was started: where it is, how it came to be there, and what became of its tags."""

    conversation: TraceContext
    trace: TraceContext
    entry_span_id: str
    tags: Tags

    @property
    def origin(self) -> str:
        """`continued` when the call was in another trace already, else `minted`."""
        return "minted" if self.trace == self.conversation else "continued"


class Calls:
    """Starts the traces of calls."""

    def __init__(self, telemetry: Telemetry, *, refuse_personal_data: bool) -> None:
        self._telemetry = telemetry
        self._refuse_personal_data = refuse_personal_data

    def start(self, flow: Mapping[str, str], caller: Caller, started_ns: int) -> StartedCall:
        """Derive the ids of a call, emit its entry span, and say what was decided.

        `flow` holds the inputs of Start Call Trace, "" for what the flow left out. Starting a call again, at the same
        time or later, gives the same ids.

        Raises:
            Rejection: when the conversation id is not one.

        """
        try:
            own = conversation_trace(flow["conversation_id"])
        except InvalidConversationIdError as error:
            raise Rejection("invalid_conversation_id", f"conversationId {error}; use Call.ConversationId.") from None
        trace, ignored = _context(own, flow["traceparent"])
        tags = parse_tags(flow["tags"], refuse_personal_data=self._refuse_personal_data)
        call = StartedCall(own, trace, span_id_for(own, "start"), tags)
        labels = {
            "conversation.id": conversation_id(own.trace_id),
            "genesys.organization_id": caller.organization_id,
            "genesys.correlation_id": caller.correlation_id,
            "flow.name": label(flow["flow_name"]),
            "queue.name": label(flow["queue_name"]),
            "channel": label(flow["channel"]).lower(),
            "direction": label(flow["direction"]).lower(),
            "callspan.origin": call.origin,
            "callspan.traceparent_ignored": ignored,
            **{f"call.{tag.key}": tag.value for tag in tags.accepted},
        }
        self._telemetry.call_started(
            CallStart(
                own=own,
                trace=trace,
                entry_span_id=call.entry_span_id,
                started_ns=started_ns,
                resource=_resource(labels["direction"], labels["channel"]),
                tags={name: value for name, value in labels.items() if value},
            )
        )
        return call


def _context(own: TraceContext, found: str) -> tuple[TraceContext, str]:
    """Return the trace a call is in, given the `traceparent` found on it, and why that one was ignored, if it was."""
    if not found.strip():
        return own, ""
    try:
        context = parse_traceparent(found)
    except InvalidTraceparentError as error:
        return own, f"traceparent {error}"
    return (own, "") if context.trace_id == own.trace_id else (context, "")


def _resource(direction: str, channel: str) -> str:
    """Return the resource of a root span: few values, since Datadog keeps 1,000 of an operation."""
    words = (direction if direction in DIRECTIONS else "", channel if channel in CHANNELS else "")
    return " ".join(filter(None, words)) or "conversation"


def label(text: str) -> str:
    """Return free text (a flow's or queue's name) as a span tag: one line, at most 200 characters."""
    return _CONTROL.sub(" ", text).strip()[:MAX_LABEL_LENGTH]
