"""A span, complete and not yet sent, and the form in which Datadog's agent takes it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import msgpack  # type: ignore[import-untyped]

from app.identity import TraceContext

CALL_SERVICE = "genesys-cloud"
"""The Datadog service that a call's own spans belong to; our spans belong to DD_SERVICE."""

MAX_AGE_MS = 18 * 3600 * 1000
"""Datadog takes spans that began up to 18 hours ago (Datadog, "Tracing troubleshooting", data volume guidelines)."""

SMALLEST = 100
"""No span takes fewer bytes than this: the names of its fields alone take 88."""

_BUFFER = 8192
"""Bytes to begin with, above what a start's two spans take: of the usual 256 kB the system gives and takes each."""

_KEPT_BY_A_PERSON: Mapping[str, str] = MappingProxyType({"_dd.p.dm": "-4"})
_USER_KEEP = 2.0
_FLAGS_ARE_SET = 1 << 31
_SAMPLED = 1


@dataclass(slots=True)  # frozen, it would take three times as long to make
class FinishedSpan:
    """A span to send. Ids are hex digits, 32 for the trace and 16 for spans; times are nanoseconds since 1970.

    Without a parent it is the root of its trace; without a service it is one of ours. `link` leads to another trace
    that it belongs to as well.
    """

    name: str
    resource: str
    trace_id: str
    span_id: str
    parent_id: str
    started_ns: int
    finished_ns: int
    tags: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    error: bool = False
    link: TraceContext | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What the process that sends spans says on each of them.

    `meta` goes on every span, and `first` on the first one of a chunk as well. Spans of `service` have its `version`;
    those of other services name it as their base. `renamed` has the services that are to appear under another name.
    """

    service: str
    version: str = ""
    process_id: int = 0
    meta: Mapping[str, str] = field(default_factory=dict)
    first: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)


class _Said(NamedTuple):
    service: str
    meta: Mapping[str, str]
    metrics: Mapping[str, float]


class Encoder:
    """Encodes the spans of a process. Each is to be kept, whatever samplers think of its trace.

    Every span is marked as an entry of its service: Datadog then counts and measures it, which it does not do with
    spans that it takes for a part of another's work.
    """

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._said: dict[tuple[str, bool], _Said] = {}

    def encode(self, spans: Sequence[FinishedSpan]) -> bytes:
        """Return spans of one trace as a trace chunk, an array in msgpack (Datadog, "Send Traces to the Agent by API").

        The agent knows the field `span_links` since its version 7.46. Half surrogate pairs, which are no text, become
        question marks.
        """
        chunk = [self._fields(span, first=not number) for number, span in enumerate(spans)]
        try:
            encoded: bytes = msgpack.packb(chunk, buf_size=_BUFFER)
        except UnicodeEncodeError:
            # Not at once, for it takes half as long again.
            encoded = msgpack.packb(chunk, unicode_errors="replace")
        return encoded

    def _fields(self, span: FinishedSpan, *, first: bool) -> dict[str, Any]:
        said = self._said.get((span.service, first)) or self._say(span.service, first=first)
        fields = {
            "service": said.service,
            "name": span.name,
            "resource": span.resource,
            "trace_id": int(span.trace_id[16:], 16),
            "span_id": int(span.span_id, 16),
            "parent_id": int(span.parent_id or "0", 16),
            "start": span.started_ns,
            "duration": span.finished_ns - span.started_ns,
            "error": int(span.error),
            "meta": {**said.meta, **span.tags, "_dd.p.tid": span.trace_id[:16]},
            "metrics": said.metrics,
            "type": "",
        }
        if span.link:
            fields["span_links"] = [_link(span.link)]
        return fields

    def _say(self, service: str, *, first: bool) -> _Said:
        origin = self._origin
        shown = origin.renamed.get(service or origin.service, service or origin.service)
        meta = {**origin.meta, **(origin.first if first else {}), **_KEPT_BY_A_PERSON}
        if origin.version and shown == origin.service:
            meta["version"] = origin.version
        if shown.lower() != origin.service.lower():
            meta["_dd.base_service"] = origin.service.lower()
        metrics = {"_sampling_priority_v1": _USER_KEEP, "_dd.top_level": 1.0, "process_id": float(origin.process_id)}
        if first:
            metrics["_dd.tracer_kr"] = 1.0
        said = self._said[service, first] = _Said(shown, meta, metrics)
        return said


def _link(context: TraceContext) -> dict[str, int]:
    return {
        "trace_id": int(context.trace_id[16:], 16),
        "trace_id_high": int(context.trace_id[:16], 16),
        "span_id": int(context.span_id, 16),
        "flags": _SAMPLED | _FLAGS_ARE_SET,
    }


def payload(chunks: Sequence[bytes]) -> bytes:
    """Return chunks as what is sent to the agent at once."""
    head: bytes = msgpack.Packer().pack_array_header(len(chunks))
    return head + b"".join(chunks)
