"""From what people paste to a conversation, and from a conversation to every form of its ids. Pure.

People paste ids out of addresses, log lines, headers, JSON and chat messages. An id that is labelled as that of a
conversation counts before a `traceparent`, that before an id labelled as that of a trace, and that before one without a
label; within a rank there must be one id only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from app.config import Settings
from app.identity import (
    TRACESTATE,
    UUID,
    InvalidConversationIdError,
    InvalidTraceparentError,
    TraceContext,
    conversation_id,
    conversation_trace,
    parse_traceparent,
)

MAX_LENGTH = 2000
"""Characters of the longest text that is read; Datadog's addresses have some hundred."""

_ID = rf"((?<![0-9a-z])(?:{UUID})(?![0-9a-z]))"
_TRACEPARENT = re.compile(r"(?<![0-9a-z])[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?![0-9a-z-])")
_OF_CONVERSATION = re.compile(rf"(?:(?:conversation|interaction)[._ -]?id\W{{0,8}}|interactions/){_ID}")
_TRACE_LABEL = r"(?:trace[._ -]?id\W{0,8}|/apm/trace/)"
# Datadog's own addresses also name a span as trace=<32 hex digits><its id in decimal>.
_OF_TRACE = re.compile(rf"{_TRACE_LABEL}{_ID}|[?&]trace=([0-9a-f]{{32}})\d{{0,20}}(?![0-9a-z])")
_ANY_ID = re.compile(_ID)
_DATADOG_LOW = re.compile(r"x-datadog-trace-id\W{0,8}(\d{1,20})")
_DATADOG_HIGH = re.compile(r"_dd\.p\.tid=([0-9a-f]{16})")
_DECIMAL = re.compile(rf"(?:{_TRACE_LABEL}|^\W*)(\d{{17,39}})(?![0-9a-z])")
_HALF = re.compile(r"(?:.*id)?\W*[0-9a-f]{16}\W*")
_HEX = re.compile(r"[0-9a-f-]+")
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\$!?\{.*?\}", re.DOTALL)
_DASHES = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"}
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_EXAMPLE = "such as 8f14e45f-ceea-467f-a34e-7d5c3b2a1908"


class UnrecognisedError(ValueError):
    """No conversation can be told from the text. The message says why, and what would be right.

    `trace` is the id of a trace, 32 hex digits or 64 bits in decimal, that Datadog can show all the same, or "".
    """

    def __init__(self, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.trace = trace


@dataclass(frozen=True, slots=True)
class Recognised:
    """A conversation's own trace, the form in which it was found, and a doubt whether it is a conversation's, or ""."""

    trace: TraceContext
    form: str
    doubt: str = ""


def recognise(text: str) -> Recognised:
    """Return the conversation that a pasted text names.

    >>> recognise("https://app.datadoghq.com/apm/trace/8F14E45FCEEA467FA34E7D5C3B2A1908?spanID=1").trace.trace_id
    '8f14e45fceea467fa34e7d5c3b2a1908'

    Raises:
        UnrecognisedError: when it names none, or several.

    """
    if len(text) > MAX_LENGTH:
        raise UnrecognisedError(f"This has {len(text)} characters. Paste the id alone, or its line or address.")
    plain = _plain(text)
    if not plain:
        raise UnrecognisedError(f"There is nothing here. Paste a conversation id {_EXAMPLE}, or its trace's.")
    found, form = _find(plain)
    # An id that was copied out of a narrow column has line breaks in it.
    if not found:
        found, form = _find("".join(plain.split()))
    if not found:
        raise _diagnosis(plain)
    if len(found) > 1:
        raise UnrecognisedError(f"There are {len(found)} different ids in this. Paste one of them.")
    return _checked(found.pop(), form)


def _plain(text: str) -> str:
    """Return a text in lower case, with what addresses escape and what word processors replace put back."""
    for _ in range(3):
        text = unquote(text)
    return unicodedata.normalize("NFKC", text).translate({**_DASHES, **_INVISIBLE}).strip().lower()


def _find(text: str) -> tuple[set[str], str]:
    """Return the ids of the highest rank that has any, 32 hex digits each, and the form they have."""
    for form, read in _RANKS:
        if found := read(text):
            return found, form
    return set(), ""


def _of_conversation(text: str) -> set[str]:
    return _without_dashes(_OF_CONVERSATION.findall(text))


def _of_traceparent(text: str) -> set[str]:
    try:
        return {parse_traceparent(found).trace_id for found in _TRACEPARENT.findall(text)}
    except InvalidTraceparentError as error:
        raise UnrecognisedError(f"This traceparent {error}. Paste the conversation id instead.") from None


def _of_datadog(text: str) -> set[str]:
    low, high = _DATADOG_LOW.search(text), _DATADOG_HIGH.search(text)
    return {f"{high[1]}{int(low[1]):016x}"} if low and high and int(low[1]) < 2**64 else set()


def _of_trace(text: str) -> set[str]:
    return _without_dashes(labelled or in_address for labelled, in_address in _OF_TRACE.findall(text))


def _unlabelled(text: str) -> set[str]:
    return _without_dashes(_ANY_ID.findall(text))


def _of_decimal(text: str) -> set[str]:
    number = _DECIMAL.search(text)
    return {f"{int(number[1]):032x}"} if number and 2**64 <= int(number[1]) < 2**128 else set()


def _without_dashes(ids: Iterable[str]) -> set[str]:
    return {found.replace("-", "") for found in ids}


_RANKS: tuple[tuple[str, Callable[[str], set[str]]], ...] = (
    ("conversation id", _of_conversation),
    ("traceparent", _of_traceparent),
    ("Datadog headers", _of_datadog),
    ("trace id", _of_trace),
    ("id", _unlabelled),
    ("trace id in decimal", _of_decimal),
)


def _checked(trace_id: str, form: str) -> Recognised:
    try:
        trace = conversation_trace(trace_id)
    except InvalidConversationIdError:
        raise UnrecognisedError("Half of this id is zeros, so it is not that of a real conversation.") from None
    if trace_id[8:16] == "0" * 8:
        # Datadog, "Span and trace ID format": the time in seconds, 32 zero bits, 64 random bits.
        raise UnrecognisedError(
            "This trace began in a Datadog tracer, not with a call: the second 8 digits of its id are zeros. "
            "Its conversation, if it has one, is in the tag conversation.id of a span.",
            trace_id,
        )
    doubt = ""
    if trace_id[12] != "4" or trace_id[16] not in "89ab":
        doubt = "Conversation ids have been version 4 UUIDs, and this is none: no call may have it."
    return Recognised(trace, form, doubt)


def _diagnosis(text: str) -> UnrecognisedError:
    """Return why no id was found in a text."""
    if placeholder := _PLACEHOLDER.search(text):
        return UnrecognisedError(_unfilled(placeholder[0]))
    if (number := _DECIMAL.search(text)) and int(number[1]) < 2**64:
        return UnrecognisedError(
            "This is the short form of a trace id: the second half of its 128 bits, in decimal. The first half, and "
            "with it the conversation, cannot be computed from it. Open the trace in Datadog: the tag "
            "conversation.id of its root span names the conversation.",
            str(int(number[1])),
        )
    if _HALF.fullmatch(text):
        return UnrecognisedError(
            "These 16 hex digits are a span id, or half of a trace id. The other half cannot be computed from it: "
            "paste the trace id, which has 32."
        )
    if _HEX.fullmatch(digits := text.strip("\"'`{}()[]<>., ")):
        count = len(digits.replace("-", ""))
        wrong = f"has {count}" if count != 32 else "has its dashes in other places"
        return UnrecognisedError(f"A conversation id has 32 hex digits, {_EXAMPLE}; this {wrong}.")
    if "://" in text:
        return UnrecognisedError(
            "There is no id in this address. Open the trace in Datadog, or the interaction in Genesys Cloud, and copy "
            "the address from there."
        )
    return UnrecognisedError(
        f"There is no id in this. Paste a conversation id, {_EXAMPLE}, a trace id of 32 hex digits, a traceparent, "
        "or the address of a trace or an interaction."
    )


def _unfilled(placeholder: str) -> str:
    if placeholder in ("{{gcconversationid}}", "{{pcconversationid}}"):
        return (
            "The placeholder for the conversation id was not filled in. Genesys Cloud fills it in only for an "
            "integration of the type Interaction Widget, beside an interaction."
        )
    return (
        "This is a placeholder that nobody filled in. In the address of an interaction widget write exactly "
        "{{gcConversationId}}, in an agent script {{Scripter.Interaction ID}}."
    )


def describe(found: Recognised, settings: Settings) -> dict[str, str]:
    """Return every form of a conversation's ids and the links to it, as `schemas.CONVERSATION` names them."""
    trace = found.trace
    conversation = conversation_id(trace.trace_id)
    return {
        "conversation_id": conversation,
        "trace_id": trace.trace_id,
        "trace_id_decimal": trace.trace_id_decimal,
        "span_id": trace.span_id,
        "span_id_decimal": trace.span_id_decimal,
        "traceparent": trace.traceparent,
        "tracestate": TRACESTATE,
        "x_datadog_trace_id": trace.trace_id_decimal,
        "x_datadog_parent_id": trace.span_id_decimal,
        "x_datadog_sampling_priority": "2",
        "x_datadog_tags": f"_dd.p.tid={trace.trace_id[:16]},_dd.p.dm=-4",
        "trace_url": settings.trace_url(trace.trace_id),
        "search_url": settings.search_url(conversation),
        "interaction_url": settings.interaction_url(conversation),
        "recognised_as": found.form,
        "doubt": found.doubt,
    }


def expressions(settings: Settings) -> dict[str, str]:
    """Return Architect's expressions for what a flow writes on a call, by the name of the participant attribute."""
    trace_id = 'Lower(Replace(Call.ConversationId, "-", ""))'
    return {
        "traceparent": f'Append("00-", {trace_id}, "-", Left({trace_id}, 16), "-01")',
        "dd_trace_id": trace_id,
        "dd_trace_url": f'Append("{settings.trace_url("")}", {trace_id})',
    }
