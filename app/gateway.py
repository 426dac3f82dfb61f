"""The service as an ASGI application: the hot path on the event loop, and everything else through Flask, in threads.

A connection costs no thread, so clients that send half a request, or read slowly, hold up nobody. What Flask does may
take its time: a data action is answered between two of its steps. Requests that wait for a thread are few; beyond
that a request is answered 503 at once, for a phone call is better served by its flow's own ids than by a long silence.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from app.hot_path import HotPath, Scope

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

THREADS = 4
MAX_WAITING = 64
"""Requests that may be with Flask at once, in a thread or waiting for one."""

_JSON = (b"content-type", b"application/json")
_BUSY = json.dumps(
    {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "Callspan has more to do than it can; try again in a second.",
    }
).encode()
_BUSY_HEADERS = [(b"content-type", b"application/problem+json"), (b"retry-after", b"1")]
BUSY = b"".join(
    (
        b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: %d\r\n" % len(_BUSY),
        *(b"%s: %s\r\n" % header for header in _BUSY_HEADERS),
        b"\r\n",
        _BUSY,
    )
)
"""The whole answer to a request that there is no time to read."""


class Gateway:
    """Answers the requests that a server hands it."""

    def __init__(self, flask: WSGIApplication, hot_path: HotPath, max_body: int) -> None:
        self._flask = flask
        self._hot_path = hot_path
        self._max_body = max_body
        self._threads = ThreadPoolExecutor(THREADS, "flask")
        self._with_flask = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI, "HTTP"); there are no other kinds of connections here."""
        if scope["type"] != "http":
            raise ValueError(f"Callspan does not speak {scope['type']}")
        body = await self._body(receive)
        if body is None:
            return
        answer = self._hot_path.answer(scope, body)
        if answer is not None:
            await _send(send, 200, [_JSON], answer)
        elif self._with_flask >= MAX_WAITING:
            await _send(send, 503, _BUSY_HEADERS, _BUSY)
        else:
            await _send(send, *await self._through_flask(environ(scope, body)))

    async def _body(self, receive: Receive) -> bytes | None:
        """Return the body, cut off where it is too large already; None when the client went away."""
        message = await receive()
        body: bytes = message.get("body", b"")
        while message.get("more_body") and len(body) <= self._max_body:
            message = await receive()
            body += message.get("body", b"")
        return None if message["type"] == "http.disconnect" else body

    async def _through_flask(self, environ: dict[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        self._with_flask += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, _call, self._flask, environ)
        finally:
            self._with_flask -= 1


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    if not any(name == b"content-length" for name, _ in headers):
        headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """Return a request as a WSGI application is told of it (PEP 3333); the whole body is there already."""
    client, server = scope.get("client") or ("", 0), scope.get("server") or ("", 0)
    told: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str(client[0]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        value = raw_value.decode("latin-1")
        if name not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            name = f"HTTP_{name}"
        told[name] = f"{told[name]},{value}" if name in told else value
    # However the body was sent, here it is; its length is more than is here when the rest was not read.
    told.pop("HTTP_TRANSFER_ENCODING", None)
    told["CONTENT_LENGTH"] = str(max(len(body), int(told.get("CONTENT_LENGTH") or 0)))
    return told


def _call(application: WSGIApplication, environ: dict[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return a WSGI application's answer: its status, its headers and its whole body."""
    started: list[Any] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], object]:
        started[:] = int(status[:3]), [(n.lower().encode(), v.encode("latin-1")) for n, v in headers]
        return started.append

    chunks = application(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return started[0], started[1], body
