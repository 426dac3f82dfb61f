"""What a client may expect of a connection (RFC 9112), said in bytes to the running service."""

from __future__ import annotations

import json
import socket
import time

import pytest

from architect.sandbox import Agent, Credentials, Service, wait_for
from tests.security.raw import connect, send
from tests.system.conftest import START, Caller, new_conversation

HOST = b"Host: callspan.example.com\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\n" + HOST
VERSION = b"GET /version HTTP/1.1\r\n" + HOST
CLOSE = b"Connection: close\r\n\r\n"


def start(caller: Caller, headers: bytes = b"") -> bytes:
    body = json.dumps({"conversationId": new_conversation()}).encode()
    return head(caller, headers + b"Content-Length: %d\r\n" % len(body)) + body


def head(caller: Caller, headers: bytes) -> bytes:
    lines = [f"POST {START} HTTP/1.1", *(f"{name}: {value}" for name, value in caller.headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n" + HOST + headers + b"\r\n"


def read_until(connection: socket.socket, end: bytes) -> bytes:
    received = b""
    while end not in received:
        chunk = connection.recv(65536)
        assert chunk, received
        received += chunk
    return received


def test_requests_that_come_one_behind_the_other_are_answered_in_their_order(service: Service, caller: Caller) -> None:
    """Those that a thread answers and those that need none alike."""
    exchange = send(
        service, (HEALTH + b"\r\n" + start(caller) + VERSION + b"\r\n" + start(caller)) * 20 + HEALTH + CLOSE
    )
    assert exchange.statuses == [200] * 81
    assert exchange.closed
    kinds = [min(json.loads(response.body)) for response in exchange.responses]
    assert kinds == ["status", "accepted_tags", "commit", "accepted_tags"] * 20 + ["status"]


def test_a_connection_is_kept_and_closed_as_the_client_asks(service: Service) -> None:
    assert not send(service, HEALTH + b"\r\n").closed
    last = send(service, HEALTH + CLOSE)
    assert last.closed
    assert last.responses[0].headers["connection"] == "close"
    assert send(service, b"GET /healthz HTTP/1.0\r\n\r\n").closed


def test_an_answer_says_when_it_was_made_and_how_long_it_is(service: Service, caller: Caller) -> None:
    for request in (HEALTH + b"\r\n", start(caller), b"GET /healthz HTTP/9.9\r\n\r\n"):
        (response,) = send(service, request).responses
        assert response.headers["date"].endswith(" GMT")
        assert int(response.headers["content-length"]) == len(response.body) > 0


@pytest.mark.parametrize(
    ("request_line", "headers", "status"),
    [
        (b"GET /healthz HTTP/1.1", b"", 400),
        (b"GET /healthz HTTP/1.0", b"", 200),
        (b"GET /healthz HTTP/1.1", HOST + b"X-Note: a\r\n" * 99, 200),
        (b"GET /healthz HTTP/1.1", HOST + b"X-Note: a\r\n" * 100, 431),
    ],
    ids=["without a host", "1.0 without a host", "100 headers", "101 headers"],
)
def test_a_head_has_a_host_and_at_most_100_headers(
    service: Service, request_line: bytes, headers: bytes, status: int
) -> None:
    assert send(service, request_line + b"\r\n" + headers + b"\r\n").statuses == [status]


def test_a_head_is_asked_for_and_none_of_the_body_comes(service: Service) -> None:
    """Or it would be taken for the next answer."""
    exchange = send(service, HEALTH.replace(b"GET", b"HEAD") + b"\r\n" + VERSION + CLOSE)
    assert exchange.responses[0].status == 200
    with connect(service) as connection:
        connection.sendall(HEALTH.replace(b"GET", b"HEAD") + CLOSE)
        connection.settimeout(5)
        assert read_until(connection, b"\r\n\r\n").endswith(b"\r\n\r\n")
        assert connection.recv(100) == b""


def test_who_waits_for_100_continue_gets_it_and_then_the_answer(service: Service, caller: Caller) -> None:
    body = json.dumps({"conversationId": new_conversation()}).encode()
    with connect(service) as connection:
        connection.sendall(head(caller, b"Expect: 100-continue\r\nContent-Length: %d\r\n" % len(body)))
        assert read_until(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert b'"status": "ok"' in read_until(connection, b"}")


def test_a_body_in_chunks_starts_a_call(service: Service, caller: Caller) -> None:
    """Genesys Cloud sends them so."""
    body = json.dumps({"conversationId": new_conversation()}).encode()
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:7], body[7:8], body[8:]))
    (response,) = send(service, head(caller, b"Transfer-Encoding: chunked\r\n") + chunks + b"0\r\n\r\n").responses
    assert json.loads(response.body)["status"] == "ok"


def test_a_request_may_come_byte_by_byte(service: Service, caller: Caller) -> None:
    with connect(service) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in start(caller):
            connection.sendall(bytes([byte]))
        assert b'"status": "ok"' in read_until(connection, b"}")


def test_a_client_that_sends_no_more_is_still_answered(service: Service, caller: Caller) -> None:
    for request in (HEALTH + b"\r\n", start(caller)):
        with connect(service) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            assert read_until(connection, b"}").startswith(b"HTTP/1.1 200 ")
            assert connection.recv(100) == b""


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"Content-Length: 3000000\r\n", b"413"),
        (b"Transfer-Encoding: gzip\r\n", b"501"),
        (b"X-Note: " + b"a" * 8192 + b"\r\nContent-Length: 3000000\r\n", b"431"),
    ],
    ids=["a body that is too large", "another coding", "a head that is too large"],
)
def test_a_refusal_is_read_by_a_client_that_is_still_sending(
    service: Service, caller: Caller, headers: bytes, status: bytes
) -> None:
    """A connection that is closed at once may throw away, at the client, what was sent just before."""
    with connect(service) as connection:
        connection.sendall(head(caller, headers))
        for _ in range(30):
            connection.sendall(b" " * 100_000)
            time.sleep(0.005)
        received = read_until(connection, b"}")
    assert received.startswith(b"HTTP/1.1 " + status)


def test_what_comes_as_a_header_behind_the_body_is_none(service: Service, caller: Caller) -> None:
    signed_in = head(caller, b"Transfer-Encoding: chunked\r\n").partition(b"\r\n\r\n")[0].splitlines()
    (token,) = [line for line in signed_in if line.startswith(b"Authorization: ")]
    anonymous = b"\r\n".join(line for line in signed_in if line != token)
    chunks = b"\r\n\r\n2\r\n{}\r\n0\r\n"
    assert send(service, anonymous + chunks + token + b"\r\n\r\n").statuses == [401]
    assert send(service, b"\r\n".join(signed_in) + chunks + b"\r\n").statuses == [200]


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (VERSION + b"X-Note: ", b"a" * 1000),
        (VERSION, b"X-Note: a\r\n"),
        (b"GET /", b"a" * 1000),
        (b"POST /healthz HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Note: ", b"a" * 1000),
        (b"POST /healthz HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1;a=", b"a" * 1000),
        (b"POST /healthz HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * 100),
    ],
    ids=["a header", "headers", "a target", "a trailer", "a chunk's extension", "chunks"],
)
def test_what_never_ends_is_refused_before_it_fills_the_memory(service: Service, begun: bytes, more: bytes) -> None:
    sent = 0
    with connect(service) as connection:
        connection.sendall(begun)
        connection.settimeout(0.002)
        try:
            while sent < 4_000_000:
                connection.sendall(more)
                sent += len(more)
                try:
                    answer = connection.recv(65536)
                except TimeoutError:
                    continue
                assert answer.startswith(b"HTTP/1.1 4")
                break
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert sent < 1_000_000


def test_a_head_of_eight_kilobytes_is_read_in_one_piece_or_in_two(service: Service) -> None:
    request = HEALTH + b"X-Note: " + b"a" * 8000 + b"\r\n\r\n"
    assert send(service, request).statuses == [200]
    with connect(service) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request[:6000])
        time.sleep(0.05)
        connection.sendall(request[6000:])
        assert read_until(connection, b"}").startswith(b"HTTP/1.1 200 ")


def test_a_connection_too_many_is_told_to_come_back(agent: Agent, credentials: Credentials) -> None:
    service = Service(agent.url, credentials, WEB_CONCURRENCY="1")
    service._env["GUNICORN_CMD_ARGS"] += " --worker-connections 3"
    service.start()
    kept = []
    try:
        for _ in range(4):  # the one that asked whether the service is up may be there still
            kept.append(connect(service))
            kept[-1].sendall(HEALTH + b"\r\n")
            received = read_until(kept[-1], b"}")
        assert received.startswith(b"HTTP/1.1 503 ")
        refused = send(service, HEALTH + b"\r\n")
        assert (refused.statuses, refused.closed) == ([503], True)
        assert refused.responses[0].headers["retry-after"] == "1"
        kept.pop(0).close()
        wait_for("room", lambda: send(service, HEALTH + b"\r\n").statuses == [200] or None, 5)
    finally:
        for connection in kept:
            connection.close()
        service.stop()


def test_told_to_stop_idle_connections_are_closed_and_what_is_half_sent_is_still_answered(
    agent: Agent, credentials: Credentials
) -> None:
    service = Service(agent.url, credentials, WEB_CONCURRENCY="1").start()
    request = start(Caller(service, credentials))
    with connect(service) as idle, connect(service) as half:
        idle.sendall(HEALTH + b"\r\n")
        read_until(idle, b"}")
        half.sendall(request[:-5])
        time.sleep(0.2)
        service.process.terminate()
        assert idle.recv(100) == b""
        half.sendall(request[-5:])
        received = read_until(half, b"}")
        assert received.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in received
    assert service.process.wait(10) == 0
