"""A Datadog agent's intake that keeps in this process what it took, so that nothing is forgotten when it goes away.

It answers `/info` and takes `/v0.4/traces` in msgpack, as Datadog documents for its agent, and fails as told.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

import msgpack  # type: ignore[import-untyped]

from architect.sandbox import free_ports

_INFO = b'{"version": "7.0.0", "endpoints": ["/v0.4/traces"], "client_drop_p0s": false}'
_RATES = b'{"rate_by_service": {}}'
_LINGER_NOT = struct.pack("ii", 1, 0)


class Held(NamedTuple):
    """A span that reached the agent. Ids are hex digits, 32 for the trace and 16 for spans; "" where there is none."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    conversation: str


@dataclass(frozen=True)
class Behaviour:
    """How the intake takes traces.

    It waits `delay` seconds, then answers `status`, or resets the connection; what it answers 200 it `keeps`. After
    `takes_first` a reset comes when the spans were kept already, so that only the answer is lost.
    """

    status: int = 200
    delay: float = 0
    reset: bool = False
    takes_first: bool = False
    keeps: bool = True


class Intake:
    """The intake. Its port stays the same while it is away."""

    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.behaviour = Behaviour()
        self.complaints: list[str] = []
        self.refused = 0
        self._held: list[Held] = []
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._thread = threading.Thread()

    def start(self) -> Self:
        """Listen, for the first time or again."""
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.end()
            self._thread.join()
            self._server = None

    def held(self) -> list[Held]:
        """Return every span taken so far."""
        with self._lock:
            return list(self._held)

    def failures(self) -> str:
        """Return what was wrong with the payloads, a line each, or ""."""
        with self._lock:
            return "\n".join(self.complaints)

    def take(self, body: bytes, trace_count: str) -> None:
        """Keep the spans of a payload."""
        chunks = msgpack.unpackb(body)
        found = [span for chunk in chunks for span in spans_of(chunk)]
        problems = [] if trace_count == str(len(chunks)) else [f"{len(chunks)} chunks, but told of {trace_count}"]
        problems += [
            f"a chunk of several traces: {chunk}" for chunk in chunks if len({s["trace_id"] for s in chunk}) > 1
        ]
        with self._lock:
            self._held += found
            self.complaints += problems


def spans_of(chunk: Iterable[dict[str, Any]]) -> list[Held]:
    """Return the spans of a chunk; the first one has the high half of the trace id that is common to all."""
    chunk = list(chunk)
    high = chunk[0]["meta"].get("_dd.p.tid", "0" * 16)
    return [
        Held(
            trace_id=f"{high}{span['trace_id']:016x}",
            span_id=f"{span['span_id']:016x}",
            parent_id=f"{span['parent_id']:016x}" if span.get("parent_id") else "",
            name=span["name"],
            conversation=span["meta"].get("conversation.id", ""),
        )
        for span in chunk
    ]


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, intake: Intake) -> None:
        super().__init__(("127.0.0.1", intake.port), _Handler)
        self.intake = intake
        self.ended = threading.Event()
        self._connections: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that went away."""

    def end(self) -> None:
        """Stop, and wait for the threads of the connections."""
        self.ended.set()
        self.shutdown()
        self.socket.close()
        for connection in tuple(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/info" else 404, _INFO)

    def do_PUT(self) -> None:
        body = self._body()
        if self.path != "/v0.4/traces":
            self._answer(404, b"")
            return
        intake, behaviour = self.server.intake, self.server.intake.behaviour
        if self.server.ended.wait(behaviour.delay):
            return
        takes = behaviour.takes_first if behaviour.reset else behaviour.status == 200
        if takes and behaviour.keeps:
            intake.take(body, self.headers.get("X-Datadog-Trace-Count", ""))
        if not takes:
            intake.refused += 1
        if behaviour.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
            self.connection.close()
            self.close_connection = True
            return
        self._answer(behaviour.status, _RATES)

    do_POST = do_PUT  # noqa: N815 - a name that the base class asks for

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the output clean."""
