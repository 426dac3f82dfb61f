"""What comes over a connection and what goes back: requests of HTTP/1.1 and the answers to them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple


@dataclass(slots=True)
class Request:
    """A request. Names of headers are in lower case; `target` is what stood in the request line.

    `fields` has the headers by name, the last where one came twice. `body` is whole, or, where it is larger than
    MAX_BODY, its beginning, which is larger than that as well.
    """

    client: str = ""
    method: str = ""
    target: bytes = b""
    version: str = "1.1"
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    fields: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""


class Answer(NamedTuple):
    """An answer: its status line and headers, each with its end, and its body.

    Its date, and whether the connection is closed behind it, are added where it is written.
    """

    head: bytes
    body: bytes


_JSON_200 = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"


def json_answer(text: str) -> Answer:
    """Return a JSON document as an answer."""
    body = text.encode()
    return Answer(_JSON_200 % len(body), body)


def problem(status: HTTPStatus, detail: str, headers: bytes = b"") -> Answer:
    """Return a problem document (RFC 9457) such as `app/errors.py` makes, for what Flask is not asked about."""
    body = json.dumps({"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}).encode()
    head = b"HTTP/1.1 %d %b\r\n%bcontent-type: application/problem+json\r\ncontent-length: %d\r\n"
    return Answer(head % (status, status.phrase.encode(), headers, len(body)), body)


BUSY = problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Callspan has more to do than it can; try again in a second.",
    b"retry-after: 1\r\n",
)
"""What a request gets that there is no time for."""

FAILED = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Callspan failed on this request; the log says why.")
