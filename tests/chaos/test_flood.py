"""The flood by itself, against a server that answers as each test wants."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator

import psutil
import pytest

from bench.cores import AVAILABLE, LOAD, SERVER
from tests.chaos import flood
from tests.chaos.client_faults import Saturated
from tests.chaos.flood import Outcome, Plan, cores_apart, generate, head_of, percentile

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n" + b'{"status":"ok"}'
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 4\r\n\r\nbusy"
BUSY_WITHOUT_ADVICE = BUSY.replace(b"retry-after: 1\r\n", b"")
BUSY_AND_CLOSED = BUSY.replace(b"retry-after", b"Connection: close\r\nretry-after")


class Server:
    """Answers request number `n` with the pieces that `answer(n)` gives, cuts the connection for b"" among them."""

    def __init__(self) -> None:
        self.answer: Callable[[int], list[bytes]] = lambda _: [OK]
        self.requests: list[bytes] = []
        self.connections = 0
        self.open: set[asyncio.Transport] = set()
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self._started.wait()

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(lambda: _Answering(self), "127.0.0.1", 0, backlog=1000)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._started.set()
        await self._ended.wait()
        # A task besides this one takes in a connection, and would fail on a server that is closed.
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0)
        server.close()
        while self.open:
            for transport in self.open:
                transport.abort()
            await asyncio.sleep(0)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def plan(self, rate: float, seconds: float = 0.5, connections: int = 100) -> Plan:
        return Plan(self.url, "token", rate, seconds, connections)


class _Answering(asyncio.Protocol):
    def __init__(self, server: Server) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._server.connections += 1
        self._server.open.add(transport)
        self._transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        self._server.open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._server.requests.append(data)
        for turn, piece in enumerate(self._server.answer(len(self._server.requests) - 1)):
            asyncio.get_running_loop().call_later(turn * 0.01, self._write, piece)

    def _write(self, piece: bytes) -> None:
        if piece:
            self._transport.write(piece)
        else:
            self._transport.abort()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.end()


def test_a_process_of_its_own_sends_all_that_is_due_and_says_which_were_accepted(
    server: Server, figure: Callable[[str], None]
) -> None:
    outcome = flood.flood(server.plan(2000))
    assert outcome.due == len(server.requests) == len(outcome.accepted) == len(outcome.accepted_times) == 1000
    sent = sorted(request.partition(b'"conversationId": "')[2][:36].decode() for request in server.requests)
    assert sorted(outcome.accepted) == sent
    assert len({uuid.UUID(conversation) for conversation in sent}) == 1000
    assert outcome.rate == pytest.approx(2000, rel=0.2)
    assert outcome.ended < time.time()
    figure(f"the flood was late by {percentile(outcome.late_times, 99) * 1000:.1f} ms at 99 % of 2000 starts a second")


def test_a_request_has_the_length_that_it_says(server: Server) -> None:
    generate(server.plan(100, 0.05))
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.endswith(b"Content-Length: %d" % len(body))


def test_a_closed_loop_sends_as_it_is_answered(server: Server) -> None:
    outcome = generate(server.plan(0, 0.3, 4))
    assert len(outcome.accepted) == outcome.due == len(server.requests) > 100
    assert server.connections == 4


def test_refusals_keep_their_connection_and_are_counted_apart(server: Server) -> None:
    server.answer = lambda n: [BUSY if n % 3 else OK]
    outcome = generate(server.plan(1000))
    assert (len(outcome.accepted), outcome.refused, outcome.without_retry_after) == (167, {"503": 333}, 0)
    assert len(outcome.refused_times) == 333
    assert outcome.given_up == 0
    assert server.connections <= 100


def test_a_refusal_that_does_not_say_when_to_try_again_is_counted(server: Server) -> None:
    server.answer = lambda n: [BUSY_WITHOUT_ADVICE if n % 2 else BUSY]
    assert generate(server.plan(200)).without_retry_after == 50


def test_another_connection_is_opened_for_one_that_is_closed_with_its_answer(server: Server) -> None:
    server.answer = lambda _: [BUSY_AND_CLOSED, b""]
    outcome = generate(server.plan(200))
    assert (outcome.refused, outcome.given_up) == ({"503": 100}, 0)
    assert server.connections >= 100


@pytest.mark.parametrize("at", [5, 30, len(OK) - 15, len(OK) - 3])
def test_an_answer_may_come_in_pieces(server: Server, at: int) -> None:
    server.answer = lambda _: [OK[:at], OK[at:]]
    outcome = generate(server.plan(200, 0.2))
    assert (len(outcome.accepted), outcome.given_up) == (40, 0)
    assert min(outcome.accepted_times) >= 0.01


def test_who_is_cut_off_or_waits_for_too_long_got_no_answer(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "PATIENCE", 0.2)
    answers = {1: [b""], 2: [], 3: [OK[:40]]}
    server.answer = lambda n: answers.get(n, [OK])
    outcome = generate(server.plan(100))
    assert (outcome.due, outcome.given_up, len(outcome.accepted)) == (50, 3, 47)


def test_requests_without_a_connection_are_due_but_not_sent(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "PATIENCE", 0.2)
    server.answer = lambda _: []
    outcome = generate(server.plan(100, connections=2))
    assert (outcome.due, outcome.given_up, len(outcome.accepted)) == (50, 50, 0)
    assert outcome.sent < 10


def test_where_nothing_listens_nobody_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "PATIENCE", 0.2)
    outcome = generate(Plan("http://127.0.0.1:9", "token", 100, 0.2, 10))
    assert (outcome.due, outcome.sent, outcome.given_up) == (20, 0, 20)


def test_a_server_that_stops_is_charged_for_all_who_waited(server: Server) -> None:
    def stall(n: int) -> list[bytes]:
        if n == 10:
            time.sleep(0.3)
        return [OK]

    server.answer = stall
    outcome = generate(server.plan(200))
    assert len(outcome.accepted) == outcome.due == 100
    assert sum(took > 0.1 for took in outcome.accepted_times) > 30
    assert percentile(outcome.late_times, 99) < 0.2


def test_a_generator_that_falls_behind_says_so(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(head: bytes) -> flood.Head:
        time.sleep(0.02)
        return head_of(head)

    monkeypatch.setattr(flood, "head_of", slow)
    outcome = generate(server.plan(200, 0.2))
    assert percentile(outcome.late_times, 99) > 0.02


@pytest.mark.skipif(SERVER is None, reason="there is one processor core only")
def test_a_server_and_its_load_have_a_core_each_until_the_end() -> None:
    started = "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start(); print(flush=True)"
    with subprocess.Popen([sys.executable, "-c", started], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            with cores_apart(process.pid):
                assert affinities(process.pid) == [{SERVER}, {SERVER}]
                assert os.sched_getaffinity(0) == {LOAD}
            assert affinities(process.pid) == [set(AVAILABLE)] * 2
            assert os.sched_getaffinity(0) == set(AVAILABLE)
        finally:
            process.kill()


def affinities(pid: int) -> list[set[int]]:
    return [os.sched_getaffinity(thread.id) for thread in psutil.Process(pid).threads()]


def made(**changes: object) -> Outcome:
    """Return what came of 3000 starts a second for a second, where 1000 can be answered."""
    outcome = Outcome(due=3000, sent=3000, seconds=1, accepted=["a"] * 900, accepted_times=[0.1] * 900)
    for name, value in changes.items():
        setattr(outcome, name, value)
    return outcome


@pytest.mark.parametrize(
    ("outcome", "found"),
    [
        (made(), []),
        (made(given_up=3), []),
        (made(accepted_times=[0.1] * 880 + [1.0] * 20), ["1 of 100 accepted starts took 1.00 s or more"]),
        (made(without_retry_after=1), ["1 refusals do not say"]),
        (made(given_up=4), ["4 of 3000 starts got no answer in 3 s"]),
        (made(sent=2899), ["only 2899 starts a second were sent"]),
        (made(accepted=["a"] * 249), ["only 249 starts a second were accepted"]),
    ],
    ids=["none", "few without an answer", "slow", "no advice", "no answer", "too few sent", "too few accepted"],
)
def test_a_saturation_that_is_not_borne_well_is_a_problem(outcome: Outcome, found: list[str]) -> None:
    problems = Saturated.shortcomings(1000, outcome)
    assert len(problems) == len(found)
    assert all(problem.startswith(start) for problem, start in zip(problems, found, strict=True))
