"""A span, complete and not yet sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.identity import TraceContext

CALL_SERVICE = "genesys-cloud"
"""The Datadog service that a call's own spans belong to; our spans belong to DD_SERVICE."""

MAX_AGE_MS = 18 * 3600 * 1000
"""Datadog takes spans that began up to 18 hours ago (Datadog, "Tracing troubleshooting", data volume guidelines)."""


@dataclass(frozen=True, slots=True)
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
