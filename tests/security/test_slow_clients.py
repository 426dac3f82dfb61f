"""Clients that say little, late or nothing: they cost a connection each and hold up nobody."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from architect.sandbox import Agent, Credentials, Service
from bench.measure import worker_rss
from tests.security.raw import connect
from tests.system.conftest import START, Caller, new_conversation

HEAD = b"Host: callspan.example.com\r\nContent-Type: application/json\r\n"
UNFINISHED = {
    "nothing": b"",
    "half a request line": b"POST /v1/acti",
    "half a header": f"POST {START} HTTP/1.1\r\n".encode() + HEAD + b"Authoriza",
    "half a body": f"POST {START} HTTP/1.1\r\n".encode() + HEAD + b'Content-Length: 100\r\n\r\n{"conversa',
    "half a chunk": f"POST {START} HTTP/1.1\r\n".encode() + HEAD + b"Transfer-Encoding: chunked\r\n\r\n64\r\n{",
    "a promise": f"POST {START} HTTP/1.1\r\n".encode() + HEAD + b"Content-Length: 9\r\nExpect: 100-continue\r\n\r\n",
    "half a request for Flask": b"POST /oauth/token HTTP/1.1\r\n" + HEAD + b"Content-Length: 100\r\n\r\ngrant",
}


@pytest.fixture
def idle(service: Service) -> Iterator[Callable[[bytes, int], list[socket.socket]]]:
    """Return a function that opens so many connections, says something on each, and leaves them open."""
    with ExitStack() as open_ones:

        def leave_open(said: bytes, count: int) -> list[socket.socket]:
            connections = [open_ones.enter_context(connect(service)) for _ in range(count)]
            for connection in connections:
                connection.sendall(said)
            return connections

        yield leave_open


@pytest.mark.parametrize("name", UNFINISHED)
def test_a_hundred_unfinished_requests_hold_up_nobody(
    caller: Caller, idle: Callable[[bytes, int], list[socket.socket]], name: str
) -> None:
    idle(UNFINISHED[name], 100)
    took = []
    for _ in range(10):
        began = time.perf_counter()
        assert caller.start(new_conversation())["status"] == "ok"
        took.append(time.perf_counter() - began)
    assert statistics.median(took) < 1
    assert caller.get("/healthz") == {"status": "ok"}


def test_clients_that_read_nothing_hold_up_nobody(
    caller: Caller, idle: Callable[[bytes, int], list[socket.socket]]
) -> None:
    """Each asks for more than its socket's buffers hold and takes none of it."""
    idle(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 100, 20)
    assert caller.start(new_conversation())["status"] == "ok"


def test_what_a_client_does_not_read_is_not_made_and_what_it_sends_meanwhile_not_read(service: Service) -> None:
    """Beyond what the sockets' buffers hold: it would all be kept for the client, without end."""
    requests = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 2000
    before = worker_rss(service)
    with connect(service) as connection:
        connection.sendall(requests)
        time.sleep(1)
        assert worker_rss(service) - before < 20e6
        connection.settimeout(1)
        with pytest.raises(TimeoutError):
            connection.sendall(requests * 600)
        assert worker_rss(service) - before < 20e6


def test_clients_that_go_away_in_the_middle_leave_nothing_behind(
    service: Service, caller: Caller, idle: Callable[[bytes, int], list[socket.socket]]
) -> None:
    for said in UNFINISHED.values():
        for connection in idle(said, 20):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            connection.close()
    assert caller.start(new_conversation())["status"] == "ok"
    assert "Traceback" not in service.output()


def test_a_head_that_does_not_come_is_given_up_and_an_idle_connection_is_kept(
    agent: Agent, credentials: Credentials
) -> None:
    """Or a few clients could hold every connection that a worker may have, for ever."""
    service = Service(agent.url, credentials)
    service._env["GUNICORN_CMD_ARGS"] += " --timeout 2"
    service.start()
    try:
        with connect(service, 8) as silent, connect(service, 8) as half, connect(service, 8) as idle:
            half.sendall(UNFINISHED["half a header"])
            for _ in range(2):
                idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                assert idle.recv(65536).startswith(b"HTTP/1.1 200")
                assert half.recv(65536) == silent.recv(65536) == b""
    finally:
        service.stop()
