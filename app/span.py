"""A span, complete and not yet sent. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from app.identity import TraceContext, parse_traceparent

CALL_SERVICE = "genesys-cloud"
"""The Datadog service that a call's own spans belong to; our spans belong to DD_SERVICE."""

MAX_AGE_MS = 18 * 3600 * 1000
"""Datadog takes spans that began up to 18 hours ago (Datadog, "Tracing troubleshooting", data volume guidelines)."""


_TYPES = [str, str, str, str, str, int, int, dict, str, bool, str]
"""What a line holds, in its order."""


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

    def to_line(self) -> bytes:
        """Return the span as one line, with its line feed."""
        link = self.link.traceparent if self.link else ""
        fields = (
            self.name, self.resource, self.trace_id, self.span_id, self.parent_id, self.started_ns, self.finished_ns,
            self.tags, self.service, self.error, link,
        )  # fmt: skip
        return json.dumps(fields).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self | None:
        """Return the span of a line, or None for a line that was not written to its end, or is damaged."""
        try:
            fields = json.loads(line)
            if list(map(type, fields)) != _TYPES:
                return None
            for number in fields[2:5]:
                int(number or "0", 16)
            fields[-1] = parse_traceparent(fields[-1]) if fields[-1] else None
            return cls(*fields)
        except (ValueError, TypeError, RecursionError):
            return None
