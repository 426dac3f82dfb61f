"""Conversation id <-> trace identity. Pure: the same conversation always gives the same ids.

A Genesys Cloud conversation id is a UUID, 128 bits; so is a W3C and Datadog trace id. The conversation's trace id is
therefore the UUID's 32 lower-case hex digits, and the id of its root span the first 16 of them. The first half is
used because Datadog keeps the low half as its 64-bit trace id and asks for a span id that differs from it (Datadog,
"Send traces to the Agent by API").
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}"
"""A regular expression of a UUID in lower case, with its dashes or without any."""

_UUID = re.compile(UUID, re.ASCII)
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII | re.DOTALL)
_ZERO_HALF = "0" * 16

TRACESTATE = "dd=s:2;t.dm:-4"
"""What a back end is told: keep this trace (sampling priority 2), because a person asked for it (decision maker 4)."""


class InvalidConversationIdError(ValueError):
    """The text is not a usable Genesys Cloud conversation id. The message says what it should look like."""


class InvalidTraceparentError(ValueError):
    """The text is not a `traceparent` that a trace can be continued from. The message says what is wrong with it."""


class TraceContext(NamedTuple):
    """A place in a trace: 32 and 16 lower-case hex digits and two of W3C trace flags, as in a `traceparent`."""

    trace_id: str
    span_id: str
    flags: str = "01"

    @property
    def traceparent(self) -> str:
        """The W3C `traceparent` header, version 00."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"

    @property
    def trace_id_decimal(self) -> str:
        """The low 64 bits in decimal: Datadog's short trace id. Up to 20 digits, beyond an Architect Integer."""
        return str(int(self.trace_id[16:], 16))

    @property
    def span_id_decimal(self) -> str:
        """The span id in decimal, up to 20 digits."""
        return str(int(self.span_id, 16))


def conversation_trace(conversation_id: str) -> TraceContext:
    """Return the trace of a conversation: its trace id and the id of its root span.

    Accepts a UUID in either case, with its dashes or without any, blanks around it ignored. A UUID with a zero half is
    refused, for Datadog takes zero as "no id".

    >>> conversation_trace("8F14E45F-CEEA-467F-A34E-7D5C3B2A1908").traceparent
    '00-8f14e45fceea467fa34e7d5c3b2a1908-8f14e45fceea467f-01'

    Raises:
        InvalidConversationIdError: for anything else.

    """
    text = conversation_id.strip().lower()
    if not _UUID.fullmatch(text):
        raise InvalidConversationIdError(
            "is not a conversation id: expected a UUID such as 8f14e45f-ceea-467f-a34e-7d5c3b2a1908, "
            f"got a text of length {len(text)}"
        )
    trace_id = text.replace("-", "")
    if _ZERO_HALF in (trace_id[:16], trace_id[16:]):
        raise InvalidConversationIdError(
            "is not a real conversation id: the first or second half of the UUID is all zeros"
        )
    return TraceContext(trace_id, trace_id[:16])


def conversation_id(trace_id: str) -> str:
    """Return the conversation id, dashed and lower-case, whose trace id (32 hex digits) this is.

    >>> conversation_id("8f14e45fceea467fa34e7d5c3b2a1908")
    '8f14e45f-ceea-467f-a34e-7d5c3b2a1908'
    """
    return "-".join((trace_id[:8], trace_id[8:12], trace_id[12:16], trace_id[16:20], trace_id[20:]))


def parse_traceparent(text: str) -> TraceContext:
    """Return the context that a `traceparent` value stands for, by the W3C Trace Context recommendation.

    Version 00 must have exactly its four fields. A later version may carry more after them; its context is
    re-written as version 00 with the sampled flag alone, as the recommendation asks of a reader that knows only 00.
    A trace id whose low half is zero is refused beyond the recommendation: Datadog could not store it.

    Raises:
        InvalidTraceparentError: when it cannot be continued.

    """
    match = _TRACEPARENT.fullmatch(text.strip())
    if not match:
        raise InvalidTraceparentError("is not of the form 00-<32 hex>-<16 hex>-<2 hex> in lower case")
    version, trace_id, span_id, flags, rest = match.groups()
    if version == "ff":
        raise InvalidTraceparentError("has version ff, which the W3C recommendation forbids")
    if version == "00" and rest is not None:
        raise InvalidTraceparentError("has more fields than version 00 allows")
    if trace_id[16:] == _ZERO_HALF:
        raise InvalidTraceparentError("has a trace id whose last 16 digits are zero")
    if span_id == _ZERO_HALF:
        raise InvalidTraceparentError("has a parent id of zero")
    if version != "00":
        flags = f"{int(flags, 16) & 1:02x}"
    return TraceContext(trace_id, span_id, flags)


def span_id_for(conversation: TraceContext, kind: str, session: str = "") -> str:
    """Return the id (16 hex digits) of one span of a conversation, the same each time it is asked for.

    A retry or a redelivery therefore repeats its span instead of adding one. `kind` is what the span stands for,
    `session` tells apart several of a kind within one conversation.
    """
    seed = "\n".join((conversation.trace_id, kind, session)).encode()
    digest = hashlib.blake2b(seed, digest_size=8, person=b"callspan-span").hexdigest()
    # Zero and the root's own id, one chance in 2^63 each, would break the trace.
    return (
        digest if digest not in (_ZERO_HALF, conversation.span_id) else span_id_for(conversation, kind, session + "\n")
    )
