"""Spans to Datadog: the only module that imports ddtrace.

It must be imported before gunicorn sets its signal handlers (`gunicorn.conf.py` does so): ddtrace hooks SIGTERM when it
is imported, and if it came later its hook would shut the tracer down while requests are still being answered.
Spans are made complete, after the fact, so none is ever open while a request runs.
"""

from __future__ import annotations

import logging
import mmap
import os
import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

# ddtrace reads its configuration while it is imported. The last two are not for an operator to choose.
os.environ.setdefault("DD_SERVICE", "callspan")
os.environ.setdefault("DD_INSTRUMENTATION_TELEMETRY_ENABLED", "false")
os.environ.setdefault("DD_REMOTE_CONFIGURATION_ENABLED", "false")
os.environ.setdefault("DD_TRACE_LOG_STREAM_HANDLER", "false")  # its log goes where ours goes, as JSON
# v0.5 has no place for span links, and ddtrace throws a payload away when an agent does not know v0.5.
os.environ["DD_TRACE_API_VERSION"] = "v0.4"
# Each span leaves by itself: one conversation's spans never wait for each other, and lost payloads count lost spans.
os.environ["DD_TRACE_PARTIAL_FLUSH_MIN_SPANS"] = "1"

from ddtrace.trace import Context, Span, tracer

from app.identity import TraceContext

CALL_SERVICE = "genesys-cloud"
"""The Datadog service that a call's own spans belong to; our spans belong to DD_SERVICE."""

_KEEP = {"_dd.p.dm": "-4"}
_USER_KEEP = 2
_WRITER_LOG = logging.getLogger("ddtrace.internal.writer.writer")


class UndeliveredSpans:
    """How many spans could not be handed to the agent, over all worker processes forked from this one.

    Each process adds to a slot of its own in memory they share, so there is no lock that a killed worker could leave
    held; `claim` must be called with a number that no other living process has.
    """

    _SLOTS = 512

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 8 * self._SLOTS)
        self._slot = 0
        self._lock = threading.Lock()

    def claim(self, number: int) -> None:
        """Count into the slot of this number from now on."""
        self._slot = number % self._SLOTS

    def add(self, spans: int) -> None:
        """Count more spans as undelivered."""
        with self._lock:
            (count,) = struct.unpack_from("=Q", self._memory, 8 * self._slot)
            struct.pack_into("=Q", self._memory, 8 * self._slot, count + spans)

    def total(self) -> int:
        """Return the count of all processes."""
        return sum(struct.unpack_from(f"={self._SLOTS}Q", self._memory))

    def filter(self, record: logging.LogRecord) -> bool:
        """Count what a log record of ddtrace's writer says was dropped; this log is the only sign of it.

        One record is withheld: that the writer could not be started is said when two requests start it at once, and
        then it runs.
        """
        text = str(record.msg)
        if text.startswith("failed to send, dropping") and isinstance(record.args, tuple):
            self.add(int(str(record.args[0])))
        elif text.startswith(("trace buffer", "trace (")):
            self.add(1)
        return not text.startswith("failed to start writer service")


UNDELIVERED = UndeliveredSpans()
# First in line, because the filter that ddtrace put there itself passes one record a minute.
_WRITER_LOG.filters.insert(0, UNDELIVERED)


@dataclass(frozen=True, slots=True)
class CallStart:
    """What is told about the start of a call.

    `own` is the conversation's own trace; `trace` the one the call is in, which differs when it was continued.
    Times are in nanoseconds since 1970.
    """

    own: TraceContext
    trace: TraceContext
    entry_span_id: str
    started_ns: int
    resource: str
    tags: Mapping[str, str] = field(default_factory=dict)


class Telemetry:
    """Hands spans to ddtrace, which sends them in the background; nothing here waits for the agent or raises."""

    def __init__(self, *, root_at_start: bool) -> None:
        self._root_at_start = root_at_start
        self._service = os.environ["DD_SERVICE"]

    def call_started(self, call: CallStart) -> None:
        """Emit the entry span and, when roots are emitted at the start, the root.

        A continued trace has its root already; the entry span then links to the conversation's own trace.
        """
        finished_ns = time.time_ns()
        continued = call.trace.trace_id != call.own.trace_id
        if self._root_at_start and not continued:
            root = _span("genesys.conversation", call, CALL_SERVICE, call.resource, parent_id=None)
            _finish(root, call.own.span_id, call, finished_ns)
        entry = _span("callspan.start", call, self._service, "start-call-trace", parent_id=int(call.trace.span_id, 16))
        entry.set_tag("callspan.entry", "true")
        entry.set_tag("span.kind", "server")
        if continued:
            entry.set_link(int(call.own.trace_id, 16), int(call.own.span_id, 16), flags=1)
        _finish(entry, call.entry_span_id, call, finished_ns)

    def agent_reachable(self, timeout: float = 1.0) -> bool:
        """Return whether something accepts connections where traces are sent."""
        agent = urlsplit(tracer.agent_trace_url or "")
        try:
            if agent.scheme == "unix":
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.settimeout(timeout)
                    connection.connect(agent.path)
            else:
                with socket.create_connection((agent.hostname or "localhost", agent.port or 8126), timeout):
                    pass
        except OSError:
            return False
        return True

    def undelivered_spans(self) -> int:
        """Return how many spans were given up, over all workers since the service started."""
        return UNDELIVERED.total()


def _span(name: str, call: CallStart, service: str, resource: str, *, parent_id: int | None) -> Span:
    """Start a span whose parent is given by its id alone; without one it is a root.

    The trace id comes in through the parent context: assigned later, ddtrace would lose the span.
    """
    parent = Context(
        trace_id=int(call.trace.trace_id, 16),
        span_id=parent_id,
        sampling_priority=_USER_KEEP,
        meta=dict(_KEEP),
    )
    return tracer.start_span(name, child_of=parent, service=service, resource=resource)


def _finish(span: Span, span_id: str, call: CallStart, finished_ns: int) -> None:
    """Give the span its id, before anything reads its context, then its tags and times."""
    span.span_id = int(span_id, 16)
    span.set_tags(dict(call.tags))
    span.start_ns = call.started_ns
    span.finish(finish_time=finished_ns / 1e9)
