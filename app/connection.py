"""A client's connection: bytes in, requests to the gateway, answers out (RFC 9112).

The bytes are parsed by llhttp, the parser of Node.js. What two servers could take for two things is refused, and
nothing behind it is read. Requests that come one behind the other are answered in their order.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections import deque
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httptools

from app import MAX_BODY
from app.messages import BUSY, Answer, Request, problem

if TYPE_CHECKING:
    from app.gateway import Gateway
    from app.worker import Worker

MAX_HEAD = 8 * 1024
"""Bytes of the largest head that is read: its target and its headers."""

MAX_HEADERS = 100

MAX_MESSAGE = 512 * 1024
"""Bytes of the largest request as it comes: a body in small chunks is several times as long as what is in it."""

LINGER_SECONDS = 2.0
"""How long after a refusal what still comes is thrown away: closed at once, the refusal itself could be lost."""

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_MALFORMED = "The request is not HTTP/1.1 as RFC 9112 has it."


class Connection(asyncio.Protocol):
    """Serves one client. asyncio calls the methods `connection_*`, `data_received` and so on, the parser `on_*`."""

    def __init__(self, gateway: Gateway, worker: Worker) -> None:
        self._gateway, self._worker = gateway, worker
        self._parser = httptools.HttpRequestParser(self)
        self._transport: Any = None
        self._client = ""
        self._request: Request | None = None
        """What is being read."""
        self._body: list[bytes] = []
        self._in_head = False
        self._head_size = self._body_size = self._message_size = 0
        self._waiting: deque[Request | Answer] = deque()
        """Requests that were read, and at the end a refusal if nothing more is."""
        self._answering = self._reading_ended = self._lingers = self._writing_paused = False
        self._deadline = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        address = transport.get_extra_info("peername")
        self._client = address[0] if isinstance(address, tuple) else ""
        self._worker.connections.add(self)
        self._allow(self._worker.cfg.timeout)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        """End; an answer that is being made finds nobody."""
        self._worker.connections.discard(self)
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        """Read on, and answer what is complete."""
        if self._reading_ended:
            return
        if self._request is not None:
            self._message_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._reading_ended = True
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST, _MALFORMED)
        if self._request is not None and self._message_size > (MAX_HEAD if self._in_head else MAX_MESSAGE):
            self._refuse_size()
        self._advance()
        if self._waiting:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Close, when what came is answered."""
        self._reading_ended, self._lingers = True, False
        return self._owes

    def pause_writing(self) -> None:
        """Answer nothing more until the client has read."""
        self._writing_paused = True
        self._allow(self._worker.cfg.timeout)

    def resume_writing(self) -> None:
        """Go on."""
        self._writing_paused = False
        self._allow(self._worker.cfg.keepalive)
        self._advance()

    @property
    def _owes(self) -> bool:
        return self._answering or bool(self._waiting)

    @property
    def idle(self) -> bool:
        """Whether no request is being read or answered."""
        return self._request is None and not self._owes

    def _allow(self, seconds: float) -> None:
        """Give the client so long for what it does next."""
        self._deadline = time.monotonic() + seconds

    def expire(self, now: float) -> None:
        """Close the connection of a client that took too long; `now` in monotonic seconds."""
        if now > self._deadline and not self._answering:
            self._transport.abort()

    def close(self) -> None:
        """Close the connection, when what was written has left."""
        self._transport.close()

    # --- requests

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._request = None if self._reading_ended else Request(self._client)
        self._in_head = True
        self._head_size = self._body_size = self._message_size = 0
        self._allow(self._worker.cfg.timeout)

    def on_url(self, part: bytes) -> None:
        """Take a part of the target."""
        if self._request is not None:
            self._request.target += part
            self._count_head(len(part))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, and drop what comes as one behind the body."""
        if self._request is not None:
            if self._in_head:
                self._request.headers.append((name.lower(), value))
            self._count_head(len(name) + len(value))

    def on_headers_complete(self) -> None:
        """Judge the head."""
        self._in_head = False
        request = self._request
        if request is None:
            return
        request.method = self._parser.get_method().decode()
        request.version = self._parser.get_http_version()
        request.fields = dict(request.headers)
        if refusal := _refusal(request):
            self._refuse(*refusal)
        elif request.fields.get(b"expect", b"").lower() == b"100-continue" and not self._owes:
            self._transport.write(_CONTINUE)

    def on_body(self, part: bytes) -> None:
        """Take a part of the body; of one that is too large the beginning is enough to judge it."""
        if self._request is None:
            return
        self._body.append(part)
        self._body_size += len(part)
        if self._body_size > MAX_BODY:
            self._lingers = True
            self._complete(ended=True)

    def on_message_complete(self) -> None:
        """Have the request answered."""
        if self._request is not None:
            self._complete(ended=not self._parser.should_keep_alive() or self._request.version != "1.1")

    def _complete(self, *, ended: bool) -> None:
        assert self._request is not None  # noqa: S101  the callers have asked
        self._request.body = b"".join(self._body)
        self._body.clear()
        self._waiting.append(self._request)
        self._request = None
        self._reading_ended = ended

    def _count_head(self, size: int) -> None:
        self._head_size += size
        if self._head_size > MAX_HEAD:
            self._refuse_size()

    def _refuse_size(self) -> None:
        text = f"A head may have {MAX_HEAD} bytes, a request {MAX_MESSAGE}."
        self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, text)

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Read nothing more, and say why, once what came before is answered."""
        if not self._reading_ended:
            self._reading_ended = self._lingers = True
            self._request = None
            self._body.clear()
            self._waiting.append(problem(status, detail))

    # --- answers

    def _advance(self) -> None:
        """Answer the next request: one at a time, so that a client with many holds up nobody."""
        if not self._waiting or self._answering or self._writing_paused:
            return
        request = self._waiting.popleft()
        if isinstance(request, Answer):
            self._answered(request)
        elif self._worker.late():
            self._answered(BUSY)
        elif answer := self._gateway.at_once(request):
            self._answered(answer)
        else:
            self._answering = True
            self._gateway.in_a_thread(request).add_done_callback(lambda done: self._answered(done.result()))

    def _answered(self, answer: Answer) -> None:
        self._answering = False
        if self._transport.is_closing():
            return
        last = not self._waiting and (self._reading_ended or not self._worker.alive)
        self._write(answer, b"connection: close\r\n" if last else b"")
        if last:
            self._end()
        elif self._waiting:
            asyncio.get_running_loop().call_soon(self._advance)
        else:
            self._allow(self._worker.cfg.keepalive)
            self._transport.resume_reading()

    def _write(self, answer: Answer, more: bytes) -> None:
        self._transport.write(b"%bdate: %b\r\n%b\r\n%b" % (answer.head, _date(int(time.time())), more, answer.body))

    def _end(self) -> None:
        if not self._lingers:
            self._transport.close()
            return
        self._transport.write_eof()
        self._transport.resume_reading()
        self._allow(LINGER_SECONDS)


def _refusal(request: Request) -> tuple[HTTPStatus, str] | None:
    """Return why the head of a request is not taken, beyond what the parser sees."""
    fields = request.fields
    if request.version not in ("1.0", "1.1"):
        return HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, _MALFORMED
    if len(request.headers) > MAX_HEADERS:
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"A head may have {MAX_HEADERS} headers."
    if b"host" not in fields and request.version == "1.1":
        return HTTPStatus.BAD_REQUEST, "The header Host is missing."
    coding = fields.get(b"transfer-encoding")
    if coding is not None and (coding.lower() != b"chunked" or request.version != "1.1"):
        return HTTPStatus.NOT_IMPLEMENTED, "Of the transfer codings only chunked is known, in HTTP/1.1."
    if len(fields) < len(request.headers):
        names = [name for name, _ in request.headers]
        for name in (b"host", b"content-length", b"transfer-encoding"):
            if names.count(name) > 1:
                return HTTPStatus.BAD_REQUEST, f"The header {name.decode()} came twice."
    return None


@functools.lru_cache(maxsize=2)
def _date(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()
