"""A Datadog agent that takes every payload and keeps only what is asked for: `python -m bench.intake PORT`.

Payloads are stored as they come and decoded when somebody asks, so that taking them costs the machine next to nothing
while it is being measured. Datadog's own test agent decodes and keeps everything. On the UDP port of the same number it
takes metrics (DogStatsD) and throws them away.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgpack  # type: ignore[import-untyped]
import urllib3

from architect.sandbox import Process, clean_environment, free_ports, wait_for

PATHS = ("/v0.4/traces", "/v0.5/traces")

_http = urllib3.PoolManager(retries=False, timeout=30)


class Intake(Process):
    """The intake as a process."""

    def __init__(self) -> None:
        (port,) = free_ports(1)
        command = [sys.executable, "-m", "bench.intake", str(port)]
        super().__init__(command, f"http://127.0.0.1:{port}", clean_environment(), "/info")

    def clear(self) -> None:
        """Forget what came so far."""
        _http.request("GET", self.url + "/clear")

    def counts(self) -> Counter[str]:
        """Return how many spans came of each name since it was last cleared."""
        return Counter(_http.request("GET", self.url + "/counts").json())

    def spans(self) -> list[dict[str, Any]]:
        """Return the spans that came since it was last cleared."""
        spans: list[dict[str, Any]] = _http.request("GET", self.url + "/spans").json()
        return spans

    def wait_for(self, expected: Counter[str], seconds: float = 20) -> None:
        """Wait until at least so many spans of each name came.

        Raises:
            SandboxError: when they do not.

        """
        wait_for(f"the spans {dict(expected)}", lambda: expected <= self.counts() or None, seconds)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    payloads: list[tuple[str, bytes]]
    decoded: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = self._body()
        if self.path in PATHS:
            self.payloads.append((self.path, body))
        self._answer({"rate_by_service": {}})

    do_PUT = do_POST  # noqa: N815

    def do_GET(self) -> None:
        if self.path == "/clear":
            self.payloads.clear()
            self.decoded.clear()
        elif self.path in ("/counts", "/spans"):
            while self.payloads:
                self.decoded.extend(spans_in(*self.payloads.pop(0)))
        answers: dict[str, Any] = {
            "/info": {"version": "7.0.0", "endpoints": PATHS},
            "/counts": Counter(span["name"] for span in self.decoded),
            "/spans": self.decoded,
        }
        self._answer(answers.get(self.path, {}))

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def spans_in(path: str, payload: bytes) -> Iterator[dict[str, Any]]:
    """Give the spans of a payload, of version 0.4 or with 0.5's table of strings.

    The fields of 0.5 stand in the order that Datadog's agent documents for it.
    """
    content = msgpack.unpackb(payload, strict_map_key=False)
    if path == "/v0.4/traces":
        for trace in content:
            yield from trace
        return
    strings, traces = content
    names = ("service", "name", "resource", "trace_id", "span_id", "parent_id", "start", "duration", "error")
    for trace in traces:
        for span in trace:
            fields = dict(zip(names, span, strict=False))
            meta = {strings[key]: strings[value] for key, value in span[9].items()}
            metrics = {strings[key]: value for key, value in span[10].items()}
            yield {**fields, **{n: strings[fields[n]] for n in names[:3]}, "meta": meta, "metrics": metrics}


def _discard(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as metrics:
        metrics.bind(("127.0.0.1", port))
        while True:
            metrics.recv(65536)


def main() -> None:
    """Serve on loopback until told to end."""
    threading.Thread(target=_discard, args=(int(sys.argv[1]),), daemon=True).start()
    handler = type("Handler", (_Handler,), {"payloads": [], "decoded": []})
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
