"""What a user's tag may be. Pure.

Tags follow Datadog's rules (Datadog, "Getting started with tags"): a letter first; letters, digits and `_ - : . /`,
anything else becomes `_`; lower case; at most 200 characters; no colon at the end. On top of them a tag must not take
a name that Datadog or Callspan uses, and must not look like personal data, for tags end up on spans and metrics.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_TAGS = 20
MAX_TAG_LENGTH = 200
MAX_ITEMS = 50
"""How many items of a list are looked at, so that a runaway list costs and answers little."""

RESERVED_KEYS = frozenset(
    {
        # Datadog's unified service tags and the tags its agent sets (Datadog, "Assigning tags").
        "cluster_name", "container_id", "container_name", "device", "env", "host", "hostname", "image_name",
        "kube_namespace", "lang", "language", "pod_name", "region", "service", "site", "source", "status", "team",
        "timestamp", "version",
        # Reserved attributes of spans and logs (Datadog, "Query syntax"; "Standard attributes").
        "ddsource", "ddtags", "duration", "error", "link", "message", "name", "operation_name", "parent_id", "resource",
        "resource_name", "span.kind", "span.type", "span_id", "span_type", "trace_id", "type",
        # What Callspan itself puts on spans and metrics.
        "channel", "conversation.id", "conversation_id", "direction", "flow.name", "origin", "outcome", "queue.name",
        "traceparent", "tracestate",
    }
)  # fmt: skip
RESERVED_PREFIXES = ("callspan.", "call.", "dd.", "genesys.", "otel.")

_UNSAFE = re.compile(r"[^\w\-:./]+")
_AROUND_COLON = re.compile(r"\s*:\s*")
_REPEATED_UNDERSCORES = re.compile(r"_{2,}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
# Seven to nineteen digits with the separators people write between them, not part of a longer word.
_DIGITS = re.compile(r"(?<![0-9A-Za-z])\+?(?:\(\+?)?\d(?:[ ()./-]{0,2}\d){6,18}(?![0-9A-Za-z])")
_NOT_PERSONAL = re.compile(
    r"(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)"  # a date
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",  # a UUID
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Tag:
    """An accepted tag, in the form in which Datadog will show it."""

    key: str
    value: str

    def __str__(self) -> str:
        """Return `key:value`."""
        return f"{self.key}:{self.value}"


@dataclass(frozen=True, slots=True)
class RejectedTag:
    """A refused tag: its place in the list, counted from 1, its key when that is safe to repeat, and the reason."""

    position: int
    key: str
    reason: str

    def __str__(self) -> str:
        """Return one sentence for the flow's author. The value is never repeated: it may be personal data."""
        return f"tag {self.position} ({self.key}): {self.reason}" if self.key else f"tag {self.position}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Tags:
    """The outcome of reading a list of tags, in the order in which they were written."""

    accepted: tuple[Tag, ...] = ()
    rejected: tuple[RejectedTag, ...] = ()


class _RefusedError(Exception):
    """Why a tag is refused; `key` is set when it is known to be safe to show."""

    def __init__(self, reason: str, key: str = "") -> None:
        super().__init__(reason)
        self.reason, self.key = reason, key


@lru_cache(maxsize=256)  # at the most 64 MB: a body has 64 KiB, and in memory a character may take four bytes
def parse_tags(text: str, *, refuse_personal_data: bool = True) -> Tags:
    """Read `priority:high,line:sales`.

    A comma always separates tags and cannot be part of one; what is empty between commas is passed over. The first
    tag of a key wins: the same tag again is dropped in silence, another value for its key is rejected. What comes
    after 20 accepted tags is rejected, and what comes after 50 items is rejected unread.

    >>> [str(tag) for tag in parse_tags("priority:High, line:Retail Sales").accepted]
    ['priority:high', 'line:retail_sales']
    >>> [str(tag) for tag in parse_tags("env:prod").rejected]
    ['tag 1 (env): is reserved for Datadog or Callspan, choose another key']
    """
    accepted: dict[str, Tag] = {}
    rejected: list[RejectedTag] = []
    for position, item in _items(text):
        if position > MAX_ITEMS:
            rejected.append(RejectedTag(position, "", f"only the first {MAX_ITEMS} items of a list are read"))
            break
        try:
            tag = _parse_tag(item, refuse_personal_data=refuse_personal_data)
            _keep(tag, accepted)
        except _RefusedError as refusal:
            rejected.append(RejectedTag(position, refusal.key, refusal.reason))
    return Tags(tuple(accepted.values()), tuple(rejected))


def _keep(tag: Tag, accepted: dict[str, Tag]) -> None:
    if accepted.get(tag.key, tag) != tag:
        raise _RefusedError("has a second value, the first one was kept", tag.key)
    if tag.key not in accepted and len(accepted) == MAX_TAGS:
        raise _RefusedError(f"is one too many, at most {MAX_TAGS} tags are kept", tag.key)
    accepted[tag.key] = tag


def _items(text: str) -> Iterator[tuple[int, str]]:
    items = (item.strip() for item in text.split(","))
    return enumerate((item for item in items if item), start=1)


def _parse_tag(item: str, *, refuse_personal_data: bool) -> Tag:
    if len(item) > MAX_TAG_LENGTH:
        raise _RefusedError(f"is {len(item)} characters long, Datadog keeps {MAX_TAG_LENGTH}")
    if refuse_personal_data and (what := personal_data(item)):
        raise _RefusedError(f"looks like {what}, and personal data does not belong in tags")
    normal = normalize(item)
    if not normal[:1].isalpha():
        raise _RefusedError("must start with a letter, as in priority:high")
    key, _, value = normal.partition(":")
    if not value:
        raise _RefusedError("has no value, write key:value as in priority:high", key)
    if normal.endswith(":"):
        raise _RefusedError("ends with a colon, which Datadog does not allow", key)
    if key in RESERVED_KEYS or normal.startswith(RESERVED_PREFIXES):
        raise _RefusedError("is reserved for Datadog or Callspan, choose another key", key)
    return Tag(key, value)


def normalize(item: str) -> str:
    """Return the form that Datadog gives a tag: lower case, runs of other characters as one underscore.

    Blanks around a colon are dropped first, for `priority: high` is how people write.
    """
    lowered = _AROUND_COLON.sub(":", item.lower())
    return _REPEATED_UNDERSCORES.sub("_", _UNSAFE.sub("_", lowered))[:MAX_TAG_LENGTH].rstrip("_")


@lru_cache(maxsize=4096)
def personal_data(text: str) -> str:
    """Return what kind of personal data a short text looks like, or "" when it looks like none.

    Recognised by shape alone: e-mail addresses, and runs of 7 to 19 digits as in phone, card and account numbers.
    Dates and UUIDs are told apart from them. A shorter number, a name or an address is not recognised.
    """
    if _EMAIL.search(text):
        return "an e-mail address"
    for match in _DIGITS.finditer(_NOT_PERSONAL.sub("-", text)):
        digits = re.sub(r"\D", "", match.group())
        if len(digits) >= 13 and _passes_luhn(digits):
            return "a payment card number"
        if len(digits) <= 15:
            return "a phone number"
    return ""


def _passes_luhn(digits: str) -> bool:
    doubled = (int(d) * 2 if i % 2 else int(d) for i, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
