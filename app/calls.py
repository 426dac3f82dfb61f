"""What Callspan does when a flow tells it of a call."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from typing import NamedTuple

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
from app.metrics import CALLS_ENDED, CALLS_STARTED, MILESTONES, Metrics
from app.span import CALL_SERVICE, MAX_AGE_MS, FinishedSpan
from app.tags import Tags, parse_tags, personal_data
from app.telemetry import Telemetry

DIRECTIONS = ("inbound", "outbound")
CHANNELS = ("voice", "callback", "chat", "email", "message", "sms", "social", "workitem")
OUTCOMES = ("ok", "error")
MAX_LABEL_LENGTH = 200
MAX_TEXT_LENGTH = 1000
"""How much of a free text is looked at for a label."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
"""Control characters, other line breaks, what turns text around, and half surrogate pairs."""


class Caller(NamedTuple):
    """Who calls: our client, and the ids that Genesys sends along, "" when it sent none."""

    client: str
    correlation_id: str = ""
    organization_id: str = ""


class Call(NamedTuple):
    """A call: its conversation's own trace, the trace it is in, and why a `traceparent` found on it was ignored."""

    own: TraceContext
    trace: TraceContext
    ignored: str = ""

    @property
    def conversation_id(self) -> str:
        """The id that Genesys gave the conversation."""
        return conversation_id(self.own.trace_id)

    @property
    def continued(self) -> bool:
        """Whether the call was in another trace already, in which it stays."""
        return self.trace is not self.own

    @property
    def origin(self) -> str:
        """The same as a word."""
        return "continued" if self.continued else "minted"


class Recorded(NamedTuple):
    """What became of something that a flow told of a call: the span that stands for it, and its tags."""

    call: Call
    span_id: str
    tags: Tags


class Calls:
    """Records the start of calls, their milestones, and their end.

    Each method takes an action's inputs, "" for what the flow left out, and the time in nanoseconds since 1970 at
    which they came. All raise Rejection when an input has to be put right.
    """

    def __init__(
        self, telemetry: Telemetry, metrics: Metrics, *, root_at_start: bool, refuse_personal_data: bool
    ) -> None:
        self._telemetry = telemetry
        self._metrics = metrics
        self._root_at_start = root_at_start
        self._refuse_personal_data = refuse_personal_data

    def start(self, flow: Mapping[str, str], caller: Caller, now_ns: int) -> Recorded:
        """Derive the ids of a call and emit its entry span, and its root when that is done at the start.

        Starting a call again, at the same time or later, gives the same ids. A continued trace has its root already.
        """
        call = _call(flow)
        tags = self._tags(flow)
        direction, channel = self._label(flow["direction"]).lower(), self._label(flow["channel"]).lower()
        told = {
            "flow.name": self._label(flow["flow_name"]),
            "queue.name": self._label(flow["queue_name"]),
            "channel": channel,
            "direction": direction,
            "callspan.origin": call.origin,
            "callspan.traceparent_ignored": call.ignored,
        }
        labels = _labels(call, caller, tags, told)
        entry_labels = {**labels, "callspan.entry": "true", "span.kind": "server"}
        span_id = span_id_for(call.own, "start")
        entry = _child(call, "start", span_id, "start-call-trace", entry_labels, (now_ns, time.time_ns()))
        if self._root_at_start and not call.continued:
            self._telemetry.emit(_root(call, _resource(direction, channel), labels, entry), entry)
        else:
            self._telemetry.emit(entry)
        if self._metrics.is_new(span_id):
            kept = {"flow": told["flow.name"], "channel": channel, "direction": direction, "origin": call.origin}
            self._metrics.count(CALLS_STARTED, kept, tags.accepted)
        return Recorded(call, span_id, tags)

    def milestone(self, flow: Mapping[str, str], caller: Caller, now_ns: int) -> Recorded:
        """Emit a span for something that happened in a call.

        Retried with the same correlation id it repeats its span id; without one each is a milestone of its own.
        """
        call = _call(flow)
        name = label(flow["milestone"])
        if self._refuse_personal_data and (what := personal_data(name)):
            raise Rejection("invalid_input", f"milestone looks like {what}; name the step of the flow instead.")
        outcome, times = _outcome(flow), _times(flow, now_ns)
        tags = self._tags(flow)
        told = {"milestone": name, "outcome": outcome, "flow.name": self._label(flow["flow_name"])}
        labels = _labels(call, caller, tags, told)
        span_id = span_id_for(call.own, f"milestone {name}", caller.correlation_id or secrets.token_hex(16))
        self._telemetry.emit(_child(call, "milestone", span_id, name, labels, times))
        if self._metrics.is_new(span_id):
            kept = {"milestone": name, "outcome": outcome, "flow": told["flow.name"]}
            self._metrics.count(MILESTONES, kept, tags.accepted)
        return Recorded(call, span_id, tags)

    def end(self, flow: Mapping[str, str], caller: Caller, now_ns: int) -> Recorded:
        """Emit a span for the end of a call that the flow ends by itself. Ending it again repeats the span's id."""
        call = _call(flow)
        outcome, times = _outcome(flow), _times(flow, now_ns)
        tags = self._tags(flow)
        labels = _labels(call, caller, tags, {"outcome": outcome, "flow.name": self._label(flow["flow_name"])})
        span_id = span_id_for(call.own, "end")
        self._telemetry.emit(_child(call, "end", span_id, "end-call-trace", labels, times))
        if self._metrics.is_new(span_id):
            self._metrics.count(CALLS_ENDED, {"by": "flow", "outcome": outcome}, tags.accepted)
        return Recorded(call, span_id, tags)

    def _label(self, text: str) -> str:
        text = text[:MAX_TEXT_LENGTH]
        return safe_label(text) if self._refuse_personal_data else label(text)

    def _tags(self, flow: Mapping[str, str]) -> Tags:
        return parse_tags(flow["tags"], refuse_personal_data=self._refuse_personal_data)


def _call(flow: Mapping[str, str]) -> Call:
    try:
        return call_of(flow["conversation_id"], flow["traceparent"])
    except InvalidConversationIdError as error:
        raise Rejection("invalid_conversation_id", f"conversationId {error}; use Call.ConversationId.") from None


def call_of(conversation: str, traceparent: str) -> Call:
    """Return the call that a conversation id and the `traceparent` found on it, if any, stand for.

    Raises:
        InvalidConversationIdError: when the id is none.

    """
    own = conversation_trace(conversation)
    if traceparent == own.traceparent or not traceparent.strip():
        return Call(own, own)
    try:
        context = parse_traceparent(traceparent)
    except InvalidTraceparentError as error:
        return Call(own, own, f"traceparent {error}")
    return Call(own, own if context.trace_id == own.trace_id else context)


def _outcome(flow: Mapping[str, str]) -> str:
    outcome = flow["outcome"].strip().lower() or OUTCOMES[0]
    if outcome not in OUTCOMES:
        raise Rejection("invalid_input", f"outcome must be one of {', '.join(OUTCOMES)}.")
    return outcome


def _times(flow: Mapping[str, str], now_ns: int) -> tuple[int, int]:
    """Return when a span that ends now started, and when it ends: a moment ago when no duration was given."""
    text = flow["duration_ms"].strip() or "0"
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > MAX_AGE_MS:
        raise Rejection("invalid_input", f"durationMs must be whole milliseconds, at most {MAX_AGE_MS} (18 hours).")
    return now_ns - (int(text) * 1_000_000 or 1), now_ns


def _labels(call: Call, caller: Caller, tags: Tags, told: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a span, without those that are empty."""
    labels = {
        "conversation.id": call.conversation_id,
        "genesys.organization_id": caller.organization_id,
        "genesys.correlation_id": caller.correlation_id,
        **told,
        **{f"call.{tag.key}": tag.value for tag in tags.accepted},
    }
    return {name: value for name, value in labels.items() if value}


def _root(call: Call, resource: str, labels: Mapping[str, str], entry: FinishedSpan) -> FinishedSpan:
    """Return the root of a call's own trace, as long as the start that emits it."""
    return FinishedSpan(
        name="genesys.conversation",
        service=CALL_SERVICE,
        resource=resource,
        trace_id=call.own.trace_id,
        span_id=call.own.span_id,
        parent_id="",
        started_ns=entry.started_ns,
        finished_ns=entry.finished_ns,
        tags=labels,
    )


def _child(
    call: Call, kind: str, span_id: str, resource: str, labels: Mapping[str, str], times: tuple[int, int]
) -> FinishedSpan:
    """Return a span of ours, below the call's root or below the span that a continued call came with."""
    return FinishedSpan(
        name=f"callspan.{kind}",
        resource=resource,
        trace_id=call.trace.trace_id,
        span_id=span_id,
        parent_id=call.trace.span_id,
        started_ns=times[0],
        finished_ns=times[1],
        tags=labels,
        error=labels.get("outcome") == "error",
        link=call.own if call.continued else None,
    )


def _resource(direction: str, channel: str) -> str:
    """Return the resource of a root span: few values, since Datadog keeps 1,000 of an operation."""
    words = (direction if direction in DIRECTIONS else "", channel if channel in CHANNELS else "")
    return " ".join(filter(None, words)) or "conversation"


def safe_label(text: str) -> str:
    """Return free text as a span tag, or why it is withheld: a call must not fail for the name of its queue."""
    name = label(text)
    what = personal_data(name)
    return f"withheld: looks like {what}" if what else name


def label(text: str) -> str:
    """Return free text (a flow's or queue's name) as a span tag: one line, at most 200 characters."""
    return _CONTROL.sub(" ", text).strip()[:MAX_LABEL_LENGTH]
