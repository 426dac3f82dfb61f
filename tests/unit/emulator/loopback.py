"""A web service on the loopback interface that remembers what it was sent and answers as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire; `chunks` are the sizes of its chunks, None when it was not chunked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    chunks: list[int] | None


@dataclass(frozen=True)
class Answer:
    """What the service answers. `hold` is waited for before the status line, `drip` sends the body byte by byte."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None
    drip: threading.Event | None = None


class Service:
    """The service. `answer` takes a request and gives its answer; tests replace it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.received: list[Received] = []
        self.arrived = threading.Event()
        self.answer: Callable[[Received], Answer] = lambda _: Answer()

    def answers(self, status: int = 200, body: object = None, **more: Any) -> None:
        """Answer every request alike; a body that is not bytes is sent as JSON."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.answer = lambda _: Answer(status, content, **more)

    @property
    def last(self) -> Received:
        return self.received[-1]


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    service: Service

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client gave up: some tests are about that."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5
    server: _Server

    def handle_any(self) -> None:
        chunks = self._chunks() if self.headers.get("Transfer-Encoding") == "chunked" else None
        body = b"".join(chunks) if chunks is not None else self.rfile.read(int(self.headers.get("Content-Length", 0)))
        sizes = None if chunks is None else [len(chunk) for chunk in chunks]
        received = Received(self.command, self.path, dict(self.headers), body, sizes)
        service = self.server.service
        service.received.append(received)
        answer = service.answer(received)
        service.arrived.set()
        if answer.hold is not None:
            answer.hold.wait(5)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.drip is None:
            self.wfile.write(answer.body)
            return
        for byte in answer.body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if answer.drip.wait(0.02):
                return

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - names the base class asks for

    def _chunks(self) -> list[bytes]:
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return chunks

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@contextmanager
def running_service() -> Iterator[Service]:
    """Run the service, and wait for its last thread in the end."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.service = Service(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
