"""Spans to Datadog: the only module that imports ddtrace.

It must be imported before gunicorn sets its signal handlers (`gunicorn.conf.py` does so): ddtrace hooks SIGTERM when it
is imported, and if it came later its hook would shut the exporter down while requests are still being answered.

Of ddtrace we take its configuration and its exporter, the part that speaks with the agent. Its tracer is left out:
spans are made after the fact, with ids of our own, and encoded once, when they are written down (`app/span.py`). Of the
exporter we hear what became of a batch, which the tracer's own writer says in its log alone.
"""

from __future__ import annotations

import atexit
import functools
import logging
import os
import platform
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

# ddtrace reads its configuration while it is imported. The last two are not for an operator to choose.
os.environ.setdefault("DD_SERVICE", "callspan")
os.environ.setdefault("DD_INSTRUMENTATION_TELEMETRY_ENABLED", "false")
os.environ.setdefault("DD_REMOTE_CONFIGURATION_ENABLED", "false")
os.environ.setdefault("DD_TRACE_LOG_STREAM_HANDLER", "false")  # its log goes where ours goes, as JSON

import ddtrace
from ddtrace import config
from ddtrace.internal.native import (  # type: ignore[attr-defined]
    AgentError,
    DeserializationError,
    IoError,
    NetworkError,
    RequestError,
    SharedRuntime,
    TraceExporter,
    TraceExporterBuilder,
)
from ddtrace.internal.process_tags import process_tags
from ddtrace.internal.runtime import get_runtime_id
from ddtrace.trace import tracer

from app.outbox import Outbox, UnreadableError
from app.shared import UNDELIVERED_SPANS
from app.span import Encoder, Origin, payload

log = logging.getLogger("callspan.telemetry")

_FORMAT = "v0.4"
"""v0.5 has no place for span links."""

_SHUTDOWN_NS = 3_000_000_000


class Telemetry:
    """Takes spans and sees to it that the agent gets them; nothing here waits for the agent.

    With a folder they wait there. `lost` is called with the number of spans that are given up.
    """

    def __init__(self, folder: Path | None = None, lost: Callable[[int], object] = int) -> None:
        self._lost = lost
        self._outbox = Outbox(Encoder(_origin()).encode, self.deliver, self._lose, folder)
        self.emit = self._outbox.put
        self.waiting_bytes = self._outbox.waiting_bytes

    def start(self) -> None:
        """Begin to send, in the background, until the process ends."""
        self._outbox.start()
        atexit.register(self._stop)

    def _stop(self) -> None:
        self._outbox.stop()
        self._exporter.shutdown(_SHUTDOWN_NS)

    @functools.cached_property
    def _exporter(self) -> TraceExporter:
        """Made in the process that uses it, for it has threads of its own."""
        builder = (
            TraceExporterBuilder()  # type: ignore[no-untyped-call]
            .set_url(self.agent_url)
            .set_language("python")
            .set_language_version(platform.python_version())
            .set_language_interpreter(platform.python_implementation())
            .set_tracer_version(ddtrace.__version__)
            .set_input_format(_FORMAT)
            .set_output_format(_FORMAT)
            .set_client_computed_top_level()
        )
        return builder.build(SharedRuntime())

    def _lose(self, spans: int) -> None:
        UNDELIVERED_SPANS.add(spans)
        self._lost(spans)

    def deliver(self, chunks: Sequence[bytes]) -> bool:
        """Send chunks to the agent and wait for its answer, with the exporter's retries; return whether it took them.

        Raises:
            UnreadableError: when they are no chunks.

        """
        try:
            self._exporter.send(payload(chunks))
        except DeserializationError as error:
            raise UnreadableError(str(error)) from None
        except (AgentError, IoError, NetworkError, RequestError) as error:
            fields = {"error.message": str(error)}
            log.warning("the agent does not take spans; they are kept, and sent again", extra={"fields": fields})
            return False
        return True

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


def _origin() -> Origin:
    """Return what ddtrace's tracer would say of this process, as Datadog's "Unified service tagging" asks."""
    meta = {**config.tags, "runtime-id": get_runtime_id()}
    if config.env:
        meta["env"] = config.env
    first = {"language": "python"}
    if process_tags:
        first["_dd.tags.process"] = process_tags
    return Origin(
        service=config.service or "callspan",
        version=config.version or "",
        process_id=os.getpid(),
        meta=meta,
        first=first,
        renamed=config.service_mapping,
    )
