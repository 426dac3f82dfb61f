"""From the spans of a call to the rows of its timeline. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from architect.timeline.received import Span, full_trace_id

_CALL_TAG = "call."
_OUTCOMES = ("outcome", "exit_reason", "disconnect_type", "transfer_type")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One span. Ids are hex digits; times are nanoseconds, `offset_ns` from the start of the call's first span.

    `label` is the resource where it tells more than the name. `tags` are the call's own without their `call.`.
    `outcomes` are words such as `answered` or `peer`, once each. `copies` counts how often the span was sent.
    `last` tells for each level above, and for the row itself, whether nothing follows there.
    """

    trace_id: str
    span_id: str
    name: str
    label: str
    service: str
    conversation_id: str
    offset_ns: int
    duration_ns: int
    error: bool
    error_message: str
    outcomes: tuple[str, ...]
    tags: Mapping[str, str]
    copies: int
    last: tuple[bool, ...]

    @property
    def depth(self) -> int:
        """How many spans are above it; 0 where its parent is not among the spans."""
        return len(self.last) - 1

    @property
    def is_point(self) -> bool:
        """Whether it marks a moment. Datadog takes no span of no length, and tracers round below a microsecond."""
        return self.duration_ns < 1000


@dataclass(frozen=True)
class Timeline:
    """A call, its rows in the order of a tree: each below its parent, by start."""

    conversation_id: str
    trace_id: str
    traceparent: str
    started_ns: int
    rows: tuple[Row, ...]

    @cached_property
    def duration_ns(self) -> int:
        """From the start of the first span to the end of the last."""
        return max(row.offset_ns + row.duration_ns for row in self.rows)

    @cached_property
    def tags(self) -> Mapping[str, str]:
        """The call's tags that all its rows with tags agree on."""
        tagged = [row.tags for row in self.rows if row.tags]
        counted = Counter(item for tags in tagged for item in tags.items())
        return {key: value for (key, value), count in counted.items() if count == len(tagged)}

    @property
    def has_root(self) -> bool:
        """Whether the root of the conversation's own trace is among the rows."""
        return any((row.trace_id, row.span_id) == (self.trace_id, self.trace_id[:16]) for row in self.rows)

    @property
    def started(self) -> datetime:
        """When the first span began."""
        return _EPOCH + timedelta(microseconds=self.started_ns // 1000)

    def as_dict(self) -> dict[str, Any]:
        """Return the timeline for JSON, with milliseconds."""
        return {
            "conversation_id": self.conversation_id,
            "trace_id": self.trace_id,
            "traceparent": self.traceparent,
            "started": self.started.isoformat(),
            "duration_ms": self.duration_ns / 1e6,
            "has_root": self.has_root,
            "tags": dict(self.tags),
            "spans": [
                {
                    "name": row.name,
                    "label": row.label,
                    "service": row.service,
                    "trace_id": row.trace_id,
                    "span_id": row.span_id,
                    "conversation_id": row.conversation_id,
                    "depth": row.depth,
                    "offset_ms": row.offset_ns / 1e6,
                    "duration_ms": row.duration_ns / 1e6,
                    "error": row.error,
                    "error_message": row.error_message,
                    "outcomes": list(row.outcomes),
                    "tags": dict(row.tags),
                    "copies": row.copies,
                }
                for row in self.rows
            ],
        }


_Key = tuple[str, int]


def timeline_of(spans: Iterable[Span], conversation_id: str, traceparent: str) -> Timeline | None:
    """Return the timeline of a conversation, None when no span is of it.

    Its spans are those of its own trace, which `traceparent` names, and those in other traces that carry its id, for a
    call that continues another trace.
    """
    trace_id = traceparent.split("-")[1]
    copies: Counter[_Key] = Counter()
    first: dict[_Key, Span] = {}
    for span in spans:
        trace = full_trace_id(span)
        if trace != trace_id and span["meta"].get("conversation.id") != conversation_id:
            continue
        key = (trace, span["span_id"])
        copies[key] += 1
        if key not in first or span["start"] < first[key]["start"]:
            first[key] = span
    if not first:
        return None
    started_ns = min(span["start"] for span in first.values())
    rows = (
        _row(trace, first[trace, span_id], copies[trace, span_id], started_ns, last)
        for (trace, span_id), last in _in_tree_order(first, trace_id)
    )
    return Timeline(conversation_id, trace_id, traceparent, started_ns, tuple(rows))


def _in_tree_order(spans: Mapping[_Key, Span], own: str) -> Iterator[tuple[_Key, tuple[bool, ...]]]:
    """Yield each span once, below its parent; those of the own trace first, and what is its own ancestor last."""
    below: dict[_Key | None, list[_Key]] = {}
    for key, span in spans.items():
        parent = (key[0], span.get("parent_id") or 0)
        below.setdefault(parent if parent in spans else None, []).append(key)

    def order(key: _Key) -> tuple[bool, int, int, int]:
        return key[0] != own, spans[key]["start"], -spans[key]["duration"], key[1]

    seen: set[_Key] = set()
    starts = sorted(below.get(None, []), key=order)
    reached = _reached(starts, below)
    starts += sorted(set(spans) - reached, key=order)
    # An explicit stack: a trace may be deeper than Python's own.
    stack: list[tuple[_Key, tuple[bool, ...]]] = [(key, (key == starts[-1],)) for key in reversed(starts)]
    while stack:
        key, last = stack.pop()
        if key in seen:
            continue
        seen.add(key)
        yield key, last
        children = sorted((child for child in below.get(key, []) if child not in seen), key=order)
        stack += [(child, (*last, child == children[-1])) for child in reversed(children)]


def _reached(starts: Sequence[_Key], below: Mapping[_Key | None, Sequence[_Key]]) -> set[_Key]:
    reached: set[_Key] = set()
    waiting = list(starts)
    while waiting:
        key = waiting.pop()
        reached.add(key)
        waiting += below.get(key, [])
    return reached


def _row(trace: str, span: Span, copies: int, started_ns: int, last: tuple[bool, ...]) -> Row:
    meta: Mapping[str, Any] = span["meta"]
    resource = str(span.get("resource") or "")
    kind = span["name"].rpartition(".")[2]
    return Row(
        trace_id=trace,
        span_id=f"{span['span_id']:016x}",
        name=span["name"],
        label="" if resource in (span["name"], kind, f"{kind}-call-trace") else resource,
        service=str(span.get("service") or ""),
        conversation_id=str(meta.get("conversation.id", "")),
        offset_ns=span["start"] - started_ns,
        duration_ns=span["duration"],
        error=bool(span.get("error")),
        error_message=str(meta.get("error.message", "")),
        outcomes=tuple(dict.fromkeys(str(meta[name]) for name in _OUTCOMES if name in meta)),
        tags={name.removeprefix(_CALL_TAG): str(value) for name, value in meta.items() if name.startswith(_CALL_TAG)},
        copies=copies,
        last=last,
    )
