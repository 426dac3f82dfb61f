"""Who answers a request: the hot path at once, or Flask in a thread.

What Flask does may take its time: a data action is answered between two of its steps. Requests that wait for a thread
are few; beyond that a request is answered 503, for a phone call is better served by its flow's own ids than by a long
silence.
"""

from __future__ import annotations

import asyncio
import io
import logging
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import httptools

from app.hot_path import HotPath
from app.messages import BUSY, FAILED, Answer, Request, json_answer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 4
MAX_WAITING = 64
"""Requests that may be with Flask at once, in a thread or waiting for one."""

log = logging.getLogger("callspan")


class Gateway:
    """Answers the requests that connections hand it."""

    def __init__(self, flask: WSGIApplication, hot_path: HotPath) -> None:
        self._flask = flask
        self._hot_path = hot_path
        self._threads = ThreadPoolExecutor(THREADS, "flask")
        self._with_flask = 0

    def at_once(self, request: Request) -> Answer | None:
        """Return the answer to a request that needs no thread, or None."""
        try:
            text = self._hot_path.answer(request)
        except Exception:
            log.exception("request failed")
            return FAILED
        if text is not None:
            return json_answer(text)
        return BUSY if self._with_flask >= MAX_WAITING else None

    def in_a_thread(self, request: Request) -> asyncio.Future[Answer]:
        """Have Flask answer a request."""
        self._with_flask += 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, self.through_flask, request)
        future.add_done_callback(self._done)
        return future

    def _done(self, _future: object) -> None:
        self._with_flask -= 1

    def through_flask(self, request: Request) -> Answer:
        """Return Flask's answer."""
        try:
            return _call(self._flask, environ(request))
        except Exception:
            log.exception("request failed")
            return FAILED


def environ(request: Request) -> dict[str, Any]:
    """Return a request as a WSGI application is told of it (PEP 3333); the whole body is there already."""
    path, query = _path_and_query(request.target)
    told: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "REMOTE_ADDR": request.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in request.headers:
        # An underscore would become one of a hyphen's own, and a proxy's header could be forged with it.
        if b"_" in raw_name:
            continue
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        value = raw_value.decode("latin-1")
        if name not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            name = f"HTTP_{name}"
        told[name] = f"{told[name]},{value}" if name in told else value
    # However the body was sent, here it is.
    told.pop("HTTP_TRANSFER_ENCODING", None)
    told["CONTENT_LENGTH"] = str(len(request.body))
    return told


def _path_and_query(target: bytes) -> tuple[bytes, bytes]:
    """Return what a target asks for; a proxy may send a whole URL (RFC 9112, section 3.2.2)."""
    if target.startswith(b"/"):
        path, _, query = target.partition(b"?")
        return path, query
    try:
        url = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError:
        return target, b""
    return url.path or b"/", url.query or b""


def _call(application: WSGIApplication, environ: dict[str, Any]) -> Answer:
    started: list[Any] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], object]:
        started[:] = status, headers
        return started.append

    chunks = application(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, headers = started
    if not any(name.lower() == "content-length" for name, _ in headers):
        headers = [*headers, ("content-length", str(len(body)))]
    lines = [f"HTTP/1.1 {status}\r\n", *(f"{name.lower()}: {value}\r\n" for name, value in headers)]
    return Answer("".join(lines).encode("latin-1"), body)
