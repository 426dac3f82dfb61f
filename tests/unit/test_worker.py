"""When there is more to do than there is time for: what a connection answers then, without a server around it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from app.connection import Connection
from app.messages import Request, json_answer
from app.worker import LATE_SECONDS, Worker

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


class Transport:
    """What asyncio would send with."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def get_extra_info(self, _name: str) -> tuple[str, int]:
        return ("127.0.0.1", 1)

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def abort(self) -> None:
        self.closed = True


class Clock:
    """Stands where the worker reads the time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now


class Gateway:
    """Takes its time for each answer."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds

    def at_once(self, _request: Request) -> Any:
        self._clock.now += self._seconds
        return json_answer("{}")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("app.worker.time", clock)
    monkeypatch.setattr("app.connection.time", clock)
    return clock


@pytest.fixture
def worker() -> Worker:
    worker = Worker.__new__(Worker)
    worker.connections, worker.alive = set(), True
    worker._turn_began, worker._refused = None, 0
    worker.cfg = SimpleNamespace(timeout=30, keepalive=100)  # type: ignore[assignment]
    return worker


def connected(gateway: Gateway, worker: Worker) -> tuple[Connection, Transport]:
    connection, transport = Connection(gateway, worker), Transport()  # type: ignore[arg-type]
    connection.connection_made(transport)  # type: ignore[arg-type]
    return connection, transport


def statuses(transports: list[Transport]) -> list[bytes]:
    return [transport.written[-1][9:12] for transport in transports]


def test_what_came_at_once_and_cannot_be_answered_in_time_is_refused_and_the_next_is_not(
    clock: Clock, worker: Worker
) -> None:
    """A hundred clients ask in one instant; each takes a twentieth of the time there is."""
    clients = [connected(Gateway(clock, LATE_SECONDS / 20), worker) for _ in range(100)]
    transports = [transport for _, transport in clients]

    async def turn() -> None:
        worker._loop = asyncio.get_running_loop()
        for connection, _ in clients:
            connection.data_received(REQUEST)
        assert statuses(transports) == [b"200"] * 21 + [b"503"] * 79
        refused = transports[-1].written[-1]
        assert b"\r\nretry-after: 1\r\n" in refused
        assert b"connection: close" not in refused
        await asyncio.sleep(0)
        for connection, _ in clients[::-1]:
            connection.data_received(REQUEST)

    asyncio.run(turn())
    assert statuses(transports) == [b"503"] * 79 + [b"200"] * 21
    assert worker._refused == 158


def test_a_client_that_is_slow_is_given_up_and_one_that_is_owed_an_answer_is_not(clock: Clock, worker: Worker) -> None:
    gateway = Gateway(clock, 0)

    async def passes() -> None:
        worker._loop = asyncio.get_running_loop()
        silent, silent_transport = connected(gateway, worker)
        kept, kept_transport = connected(gateway, worker)
        kept.data_received(REQUEST)
        half, half_transport = connected(gateway, worker)
        half.data_received(REQUEST[:9])
        owed, owed_transport = connected(gateway, worker)
        owed._answering = True
        given_up = []
        for _ in range(200):
            clock.now += 1
            for connection in (silent, kept, half, owed):
                connection.expire(clock.now)
            given_up.append([t.closed for t in (silent_transport, kept_transport, half_transport, owed_transport)])
        assert given_up[29] == [False, False, False, False]
        assert given_up[30] == [True, False, True, False]
        assert given_up[99] == [True, False, True, False]
        assert given_up[100] == given_up[199] == [True, True, True, False]

    asyncio.run(passes())
