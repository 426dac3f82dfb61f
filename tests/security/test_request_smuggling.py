"""Requests whose end two servers could see in two places, or that are no HTTP at all, sent as bytes to gunicorn.

Behind each comes a whole second request. Where the first is refused, nothing may answer the second: a proxy in front
that saw the end elsewhere would take that answer for somebody else's.
"""

from __future__ import annotations

import pytest

from architect.sandbox import Service
from tests.security.raw import send
from tests.system.conftest import Caller

HOST = b"Host: callspan.example.com\r\n"
SECOND = b"GET /version HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
JSON = b"Content-Type: application/json\r\n"
START = b"POST /v1/actions/start-call-trace HTTP/1.1\r\n" + HOST + JSON
CHUNKED = START + b"Transfer-Encoding: chunked\r\n\r\n"
LONG = b"a" * 9000

REFUSED = {
    "content-length and transfer-encoding": START + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding and content-length": START + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two content-lengths": START + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "two content-lengths that differ": START + b"Content-Length: 0\r\nContent-Length: 2\r\n\r\n{}",
    "a list of content-lengths": START + b"Content-Length: 2, 2\r\n\r\n{}",
    "a content-length with a sign": START + b"Content-Length: +2\r\n\r\n{}",
    "a negative content-length": START + b"Content-Length: -2\r\n\r\n{}",
    "a content-length with an underscore": START + b"Content-Length: 0_2\r\n\r\n{}",
    "a content-length in hex": START + b"Content-Length: 0x2\r\n\r\n{}",
    "a content-length in another script": START + b"Content-Length: \xb2\r\n\r\n{}",
    "an empty content-length": START + b"Content-Length:\r\n\r\n{}",
    "transfer-encoding: xchunked": START + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding: identity": START + b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}",
    "transfer-encoding: chunked twice": START + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding: chunked, gzip": START + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "transfer-encoding in quotes": START + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "transfer-encoding after a vertical tab": START + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding in two headers": START
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunked in HTTP/1.0": CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"0\r\n\r\n",
    "a blank before the colon": START + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a blank before a name": START + b" Content-Length: 2\r\n\r\n{}",
    "a folded header": START + b"X-Note: one\r\n two\r\n\r\n",
    "a folded transfer-encoding": START + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a header without a colon": START + b"Content-Length 2\r\n\r\n{}",
    "a header without a name": START + b": 2\r\n\r\n{}",
    "a bare line feed between headers": START + b"X-Note: one\nContent-Length: 2\r\n\r\n{}",
    "a bare carriage return in a header": START + b"X-Note: one\rContent-Length: 2\r\n\r\n{}",
    "NUL in a header": START + b"X-Note: one\x00two\r\n\r\n",
    "NUL in a name": START + b"Content-Length\x00: 2\r\n\r\n{}",
    "two hosts": START + HOST + b"\r\n",
    "a chunk size with a sign": CHUNKED + b"+2\r\n{}\r\n0\r\n\r\n",
    "a negative chunk size": CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "a chunk size with 0x": CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n",
    "a chunk size with an underscore": CHUNKED + b"0_2\r\n{}\r\n0\r\n\r\n",
    "a chunk size with a blank before it": CHUNKED + b" 2\r\n{}\r\n0\r\n\r\n",
    "no chunk size": CHUNKED + b"\r\n{}\r\n0\r\n\r\n",
    "a chunk longer than its size": CHUNKED + b"1\r\n{}\r\n0\r\n\r\n",
    "a chunk that ends with a line feed": CHUNKED + b"2\r\n{}\n0\r\n\r\n",
    "a chunk extension with a bare carriage return": CHUNKED + b"2;a\rb\r\n{}\r\n0\r\n\r\n",
    "a chunk extension with a bare line feed": CHUNKED + b"2;a\n{}\r\n0\r\n\r\n",
    "content-length in a trailer": CHUNKED + b"2\r\n{}\r\n0\r\nContent-Length: 40\r\n\r\n",
    "a request line that ends with a line feed": b"GET /version HTTP/1.1\n" + HOST + b"\r\n",
    "a request line with a tab": b"GET\t/version HTTP/1.1\r\n" + HOST + b"\r\n",
    "a blank in the path": b"GET /ver sion HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in the path": b"GET /version\x00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a byte over 127 in the path": b"GET /version\xff HTTP/1.1\r\n" + HOST + b"\r\n",
    "a method in lower case": b"get /version HTTP/1.1\r\n" + HOST + b"\r\n",
    "no path": b"GET HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/0.9": b"GET /version\r\n\r\n",
    "HTTP/2's preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a very long path": b"GET /" + LONG + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a very long header": b"GET /version HTTP/1.1\r\n" + HOST + b"X-Note: " + LONG + b"\r\n\r\n",
    "a token that is too long": START.replace(HOST, b"Authorization: Bearer " + LONG + b"\r\n") + b"\r\n",
    "a very long name": b"GET /version HTTP/1.1\r\n" + HOST + LONG + b": x\r\n\r\n",
    "101 headers": b"GET /version HTTP/1.1\r\n" + b"X-Note: x\r\n" * 101 + b"\r\n",
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32) + b"\r\n\r\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_ambiguous_request_is_refused_and_what_is_behind_it_is_not_read(
    service: Service, caller: Caller, name: str
) -> None:
    token = f"Authorization: {caller.headers['Authorization']}\r\n".encode()
    exchange = send(service, REFUSED[name].replace(HOST, HOST + token, 1) + SECOND)
    assert exchange.closed
    assert all(400 <= status < 600 for status in exchange.statuses), exchange.statuses
    assert 401 not in exchange.statuses, "it reached the application"
    assert b"callspan" not in b"".join(response.body for response in exchange.responses)


@pytest.mark.parametrize(
    ("first", "status"),
    [
        (START + b"Content-Length: 2\r\n\r\n{}", 401),
        (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n", 401),
        (CHUNKED + b'1;note="a b"\r\n{\r\n1\r\n}\r\n0\r\nX-Note: x\r\n\r\n', 401),
        (b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 200),
        # RFC 9112, section 3, lets a reader go by words; where the request ends is the same.
        (b"GET  /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 200),
    ],
    ids=["content-length", "chunked", "chunk extension and trailer", "no body", "a request line with two blanks"],
)
def test_a_plain_request_is_answered_and_so_is_the_one_behind_it(service: Service, first: bytes, status: int) -> None:
    """The other tests would pass on a server that reads no second request at all."""
    exchange = send(service, first + SECOND)
    assert exchange.statuses == [status, 200]
    assert b"callspan" in exchange.responses[1].body


def test_a_body_that_a_get_brings_is_not_taken_for_the_next_request(service: Service) -> None:
    hidden = b"GET /readyz HTTP/1.1\r\n\r\n"
    first = b"GET /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(hidden) + hidden
    exchange = send(service, first + SECOND)
    assert exchange.statuses == [200, 200]
    assert b"callspan" in exchange.responses[1].body


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_body_that_is_too_large_to_be_read_is_never_taken_for_requests(service: Service, framing: str) -> None:
    line = b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n"
    body = line * (1_000_000 // len(line))
    if framing == "length":
        first = START + b"Content-Length: %d\r\n\r\n" % len(body) + body
    else:
        first = CHUNKED + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    exchange = send(service, first)
    assert 200 not in exchange.statuses
    assert len(exchange.responses) <= 1
