"""Spans to Datadog: the only module that imports ddtrace.

It must be imported before gunicorn sets its signal handlers (`gunicorn.conf.py` does so): ddtrace hooks SIGTERM when it
is imported, and if it came later its hook would shut the tracer down while requests are still being answered.
Spans are made complete, after the fact, so none is ever open while a request runs.
"""

from __future__ import annotations

import atexit
import logging
import os
import socket
import time
from collections.abc import Callable, Iterable
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from urllib.parse import urlsplit

# ddtrace reads its configuration while it is imported. The last two are not for an operator to choose.
os.environ.setdefault("DD_SERVICE", "callspan")
os.environ.setdefault("DD_INSTRUMENTATION_TELEMETRY_ENABLED", "false")
os.environ.setdefault("DD_REMOTE_CONFIGURATION_ENABLED", "false")
os.environ.setdefault("DD_TRACE_LOG_STREAM_HANDLER", "false")  # its log goes where ours goes, as JSON
# v0.5 has no place for span links, and ddtrace throws a payload away when an agent does not know v0.5.
os.environ["DD_TRACE_API_VERSION"] = "v0.4"
# Nothing is sent but when a batch is flushed, so that what becomes of it is known.
os.environ["DD_TRACE_WRITER_INTERVAL_SECONDS"] = "86400"

from ddtrace.trace import Context, Span, tracer

from app.outbox import Outbox
from app.shared import UNDELIVERED_SPANS
from app.span import FinishedSpan

_SERVICE = os.environ["DD_SERVICE"]
_KEEP = {"_dd.p.dm": "-4"}
_USER_KEEP = 2
_BREATH = 8
"""Traces whose spans are made before requests get a chance to be answered."""

_TRACE_ID = attrgetter("trace_id")

log = logging.getLogger("callspan.telemetry")
_WRITER_LOG = logging.getLogger("ddtrace.internal.writer.writer")


class Losses:
    """Sees the batches that ddtrace's writer gives up; its log is the only sign of it."""

    def __init__(self) -> None:
        self.seen = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Note a loss, and let only what is no loss into the log: the spans are kept and sent again."""
        text = str(record.msg)
        lost = text.startswith(("failed to send, dropping", "trace buffer", "trace ("))
        self.seen += lost
        # That the writer could not be started is said when two requests start it at once, and then it runs.
        return not lost and not text.startswith("failed to start writer service")


LOSSES = Losses()
# First in line, because the filter that ddtrace put there itself passes one record a minute.
_WRITER_LOG.filters.insert(0, LOSSES)


class Telemetry:
    """Takes spans and sees to it that the agent gets them; nothing here waits for the agent.

    With a folder they wait there. `lost` is called with the number of spans that are given up.
    """

    def __init__(self, folder: Path | None = None, lost: Callable[[int], object] = int) -> None:
        self._lost = lost
        self._outbox = Outbox(self.deliver, self._lose, folder)
        self.emit = self._outbox.put
        self.waiting_bytes = self._outbox.waiting_bytes

    def start(self) -> None:
        """Begin to send, in the background, until the process ends."""
        self._outbox.start()
        atexit.register(self._outbox.stop)

    def _lose(self, spans: int) -> None:
        UNDELIVERED_SPANS.add(spans)
        self._lost(spans)

    def deliver(self, spans: Iterable[FinishedSpan]) -> bool:
        """Send spans to the agent and wait for its answer, with ddtrace's retries; return whether it took them."""
        losses = LOSSES.seen
        for number, (_, together) in enumerate(groupby(spans, _TRACE_ID), start=1):
            # What is in one trace leaves in one piece, once the last of it is finished.
            for made, finished_ns in [(_started(span), span.finished_ns) for span in together]:
                made.finish(finish_time=finished_ns / 1e9)
            if number % _BREATH == 0:
                time.sleep(0.0005)
        tracer.flush()  # type: ignore[no-untyped-call]
        if LOSSES.seen > losses:
            log.warning("the agent does not take spans; they are kept, and sent again")
        return LOSSES.seen == losses

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


def _started(span: FinishedSpan) -> Span:
    """Return ddtrace's form of a span, complete but for its end, to be kept whatever samplers think of its trace.

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
    # ddtrace says these of the first span of a piece only; said of each, they do not depend on what it leaves with.
    made.set_tags({**span.tags, **_KEEP, "_dd.p.tid": span.trace_id[:16], "_sampling_priority_v1": _USER_KEEP})  # type: ignore[dict-item]
    made.error = int(span.error)
    if span.link:
        made.set_link(int(span.link.trace_id, 16), int(span.link.span_id, 16), flags=1)
    made.start_ns = span.started_ns
    return made
