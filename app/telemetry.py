"""Spans to Datadog: the only module that imports ddtrace.

It must be imported before gunicorn sets its signal handlers (`gunicorn.conf.py` does so): ddtrace hooks SIGTERM when it
is imported, and if it came later its hook would shut the tracer down while requests are still being answered.
Spans are made complete, after the fact, so none is ever open while a request runs.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
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

from ddtrace.trace import Context, tracer

from app.shared import UNDELIVERED_SPANS
from app.span import FinishedSpan

_SERVICE = os.environ["DD_SERVICE"]
_KEEP = {"_dd.p.dm": "-4"}
_USER_KEEP = 2
_WRITER_LOG = logging.getLogger("ddtrace.internal.writer.writer")


class Losses:
    """Counts the spans that ddtrace's writer gives up; its log is the only sign of it."""

    def __init__(self) -> None:
        self.report: Callable[[int], object] = int
        """Called with the number of spans of each loss, besides the count that all workers share."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Count what a log record says was dropped.

        One record is withheld: that the writer could not be started is said when two requests start it at once, and
        then it runs.
        """
        text = str(record.msg)
        if text.startswith("failed to send, dropping") and isinstance(record.args, tuple):
            self._add(int(str(record.args[0])))
        elif text.startswith(("trace buffer", "trace (")):
            self._add(1)
        return not text.startswith("failed to start writer service")

    def _add(self, spans: int) -> None:
        UNDELIVERED_SPANS.add(spans)
        self.report(spans)


LOSSES = Losses()
# First in line, because the filter that ddtrace put there itself passes one record a minute.
_WRITER_LOG.filters.insert(0, LOSSES)


class Telemetry:
    """Hands spans to ddtrace, which sends them in the background; nothing here waits for the agent."""

    def emit(self, span: FinishedSpan) -> None:
        """Send a span, to be kept whatever samplers think of its trace.

        The trace id comes in through the parent context: assigned later, ddtrace would lose the span. The span id is
        assigned before anything reads the span's context, which would otherwise keep a random one.
        """
        parent = Context(
            trace_id=int(span.trace_id, 16),
            span_id=int(span.parent_id, 16) if span.parent_id else None,
            sampling_priority=_USER_KEEP,
            meta=dict(_KEEP),
        )
        made = tracer.start_span(span.name, child_of=parent, service=span.service or _SERVICE, resource=span.resource)
        made.span_id = int(span.span_id, 16)
        made.set_tags(dict(span.tags))
        made.error = int(span.error)
        if span.link:
            made.set_link(int(span.link.trace_id, 16), int(span.link.span_id, 16), flags=1)
        made.start_ns = span.started_ns
        made.finish(finish_time=span.finished_ns / 1e9)

    @property
    def agent_url(self) -> str:
        """Where traces are sent: an http, https or unix URL."""
        return tracer.agent_trace_url or ""

    def agent_reachable(self, timeout: float = 1.0) -> bool:
        """Return whether something accepts connections where traces are sent."""
        agent = urlsplit(self.agent_url)
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
        return UNDELIVERED_SPANS.total()
