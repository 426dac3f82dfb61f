"""Genesys Cloud's conversation detail events, as they arrive. Pure.

An event comes as an EventBridge envelope (Genesys, "Amazon EventBridge integration"), as a list of them, or bare, from
the data action of a trigger's workflow. Fields and enum values that are not known here are passed over, since Genesys
adds some from time to time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.genesys.ids import identifier
from app.identity import InvalidConversationIdError, TraceContext, conversation_trace

MAX_EVENTS = 100
"""Events of one request; EventBridge sends one."""

# The envelope's topic holds the conversation's id, or {id} in its detail-type.
_TOPIC = re.compile(r"v2\.detail\.events\.conversation\.[^.]+\.([a-z]{1,30}(?:\.[a-z]{1,30})?)")
_BARE_TOPIC = re.compile(r"[a-z]{1,30}(?:\.[a-z]{1,30})?")
_WORD = re.compile(r"[A-Za-z_]{1,40}", re.ASCII)
_LATEST_MS = 10**14


class MalformedEventError(ValueError):
    """An event that cannot be read, now or later; the message names the field."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a conversation.

    `kind` is the end of its topic, such as `customer.end`. Times are milliseconds since 1970. `session` tells apart
    the sessions of one kind in a conversation.
    """

    kind: str
    conversation: TraceContext
    time_ms: int
    session: str
    organization_id: str
    body: Mapping[str, Any]

    def milliseconds(self, name: str) -> int:
        """Return a duration or a time, 0 when the event has none."""
        return _milliseconds(self.body.get(name)) or 0

    def word(self, name: str) -> str:
        """Return an enum's value in lower case, "" when the event has none or it is unknown."""
        value = self.body.get(name)
        word = value.lower() if isinstance(value, str) and _WORD.fullmatch(value) else ""
        return "" if word == "unknown" else word

    def identifier(self, name: str) -> str:
        """Return the id of a queue, a flow or the like, "" when the event has none."""
        return identifier(self.body.get(name))


def read_events(payload: object) -> list[Event | MalformedEventError | None]:
    """Return what a request's JSON holds, in its order: an event, why it is none, or None where it is of no concern.

    Raises:
        MalformedEventError: when it is not one event or a list of some.

    """
    items = payload if isinstance(payload, list) else [payload]
    if not 0 < len(items) <= MAX_EVENTS:
        raise MalformedEventError(f"send one event, or a list of 1 to {MAX_EVENTS}")
    return [_read(item) for item in items]


def _read(item: object) -> Event | MalformedEventError | None:
    if not isinstance(item, Mapping):
        return MalformedEventError("an event must be a JSON object")
    try:
        return _from_envelope(item) if "detail" in item or "detail-type" in item else _from_bare(item)
    except MalformedEventError as error:
        return error


def _from_envelope(envelope: Mapping[str, Any]) -> Event | None:
    topic = _TOPIC.fullmatch(str(envelope.get("detail-type")))
    if not topic:
        return None
    detail = envelope.get("detail")
    body = detail.get("eventBody") if isinstance(detail, Mapping) else None
    if not isinstance(body, Mapping):
        raise MalformedEventError("detail.eventBody must be a JSON object")
    # aws.partner/genesys.com/cloud/<organisation>/<suffix>
    source: Sequence[str] = str(envelope.get("source")).split("/")
    return _event(topic.group(1), body, source[3] if len(source) > 3 else "")


def _from_bare(body: Mapping[str, Any]) -> Event:
    topic = body.get("topic")
    if not isinstance(topic, str) or not _BARE_TOPIC.fullmatch(topic):
        raise MalformedEventError("topic is required with a bare event: the end of its topic, such as customer.end")
    return _event(topic, body, "")


def _event(kind: str, body: Mapping[str, Any], organization_id: str) -> Event:
    try:
        conversation = conversation_trace(str(body.get("conversationId")))
    except InvalidConversationIdError as error:
        raise MalformedEventError(f"conversationId {error}") from None
    time_ms = _milliseconds(body.get("eventTime"))
    if time_ms is None:
        raise MalformedEventError("eventTime must be milliseconds since 1970")
    session = identifier(body.get("sessionId")) or identifier(body.get("participantId"))
    return Event(kind, conversation, time_ms, session, identifier(organization_id), body)


def _milliseconds(value: object) -> int | None:
    """Return a whole number of milliseconds, which a data action sends as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LATEST_MS:
        return value
    return None
