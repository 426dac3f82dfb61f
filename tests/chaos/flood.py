"""More starts than a service can take, from a process of its own: `python -m tests.chaos.flood` with a `Plan` on stdin.

Open loop: a request goes out when its time has come, whatever became of those before, over the connection that has been
idle for longest; where none is, another is opened. The time it took counts from when it was due. With a rate of 0 it is
a closed loop instead, which finds the capacity.

What the generator does must not be mistaken for what the service does. So it is plain sockets and a selector, makes
conversations before the run and collects no garbage during it; answers count from when the selector showed them, not
from when their turn to be read came. How late it was is part of the outcome.
"""

from __future__ import annotations

import dataclasses
import errno
import gc
import json
import os
import selectors
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil

from architect.sandbox import ROOT
from bench.cores import AVAILABLE, LOAD, SERVER

PATIENCE = 3.0
"""Seconds after which a client gives up and closes its connection, as long as our flows wait."""

SWEEP = 0.1
"""Seconds between looks for those who gave up."""

OPENED_AT_ONCE = 50
"""Connections that are opened before answers are read again: that takes some 5 ms."""

CLOSED_LOOP_AT_MOST = 50_000
"""Conversations a second that are made for a closed loop."""


@dataclass(frozen=True)
class Plan:
    """What to send where; `rate` in requests a second, over so many connections at most."""

    url: str
    token: str
    rate: float
    seconds: float
    connections: int


@dataclass
class Outcome:
    """What came of it; times in seconds."""

    due: int = 0
    sent: int = 0
    """Requests that went out before the end of the run. Fewer than were due: there was no connection for the rest."""
    seconds: float = 0
    accepted: list[str] = field(default_factory=list)
    """The conversations whose start was answered 200."""
    accepted_times: list[float] = field(default_factory=list)
    refused_times: list[float] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    without_retry_after: int = 0
    given_up: int = 0
    late_times: list[float] = field(default_factory=list)
    """How long requests that were due waited for the generator: to open a connection, or to use one that was idle."""
    ended: float = 0
    """When the last request was due (seconds since 1970)."""

    @property
    def rate(self) -> float:
        """Requests a second that were sent."""
        return self.sent / self.seconds

    @property
    def accepted_rate(self) -> float:
        """Requests a second that were answered 200."""
        return len(self.accepted) / self.seconds


def percentile(values: list[float], percent: int) -> float:
    """Return a percentile, 0 where there are no values."""
    return statistics.quantiles(values, n=100)[percent - 1] if len(values) > 1 else sum(values)


def flood(plan: Plan) -> Outcome:
    """Carry out a plan in a process of its own."""
    command = [sys.executable, "-m", "tests.chaos.flood"]
    text = json.dumps(dataclasses.asdict(plan))
    done = subprocess.run(command, cwd=ROOT, input=text, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout)
    return Outcome(**found)


@contextmanager
def cores_apart(server: int) -> Iterator[None]:
    """Keep a server, by its process id, on one core, and this process on another, where there are two.

    What they start meanwhile is kept there as well.
    """
    if SERVER is None or LOAD is None:
        yield
        return
    _keep(server, {SERVER})
    _keep(os.getpid(), {LOAD}, with_children=False)
    try:
        yield
    finally:
        _keep(server, set(AVAILABLE))
        _keep(os.getpid(), set(AVAILABLE), with_children=False)


def _keep(pid: int, cores: set[int], *, with_children: bool = True) -> None:
    """Keep every thread there is of a process and its children on these cores; new ones take it over."""
    process = psutil.Process(pid)
    for each in [process, *(process.children(recursive=True) if with_children else [])]:
        with suppress(psutil.NoSuchProcess):
            for thread in each.threads():
                with suppress(ProcessLookupError):
                    os.sched_setaffinity(thread.id, cores)


def start_request(address: str, token: str) -> tuple[bytes, bytes]:
    """Return what goes over the wire for a start, before and after the conversation's id."""
    before, after = json.dumps({"conversationId": "-", "tags": "line:sales"}).split("-")
    head = [
        "POST /v1/actions/start-call-trace HTTP/1.1",
        f"Host: {address}",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(before) + 36 + len(after)}",
    ]
    return "\r\n".join([*head, "", before]).encode(), after.encode()


class Head(NamedTuple):
    """What counts in the head of an answer; `length` is that of the body."""

    status: str
    length: int
    closes: bool
    retry_after: bool


@lru_cache(maxsize=1024)
def head_of(head: bytes) -> Head:
    """Read a head, which has no blank line. Those of a second are all alike, so that few are read."""
    lowered = head.lower() + b"\r\n"
    length = lowered.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    return Head(
        status=head[9:12].decode(),
        length=int(length),
        closes=b"\r\nconnection: close\r\n" in lowered,
        retry_after=b"\r\nretry-after:" in lowered,
    )


class _Connection:
    """One request at a time: `number` of the one that waits for its answer, -1 for none, and when that was due."""

    __slots__ = ("due", "idle_since", "number", "open", "received", "socket")

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.open = self.socket.connect_ex(address) in (0, errno.EINPROGRESS)
        self.number, self.due, self.idle_since = -1, 0.0, 0.0
        self.received = b""


class _Flood:
    def __init__(self, plan: Plan) -> None:
        parts = urlsplit(plan.url)
        self._plan, self._address = plan, (parts.hostname or "", parts.port or 80)
        self._before, self._after = start_request(parts.netloc, plan.token)
        self._count = round((plan.rate or CLOSED_LOOP_AT_MOST) * plan.seconds)
        self._conversations = [str(uuid.uuid4()).encode() for _ in range(self._count)]
        self._accepted: list[int] = []
        self._selector = selectors.DefaultSelector()
        self._connections: set[_Connection] = set()
        self._idle: deque[_Connection] = deque()
        self._connecting = self._open = 0
        self._next = 0
        self._swept = 0.0
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """Send what is due and read what comes, turn by turn, until nothing is open."""
        outcome = self.outcome
        self._began = now = time.perf_counter()
        end = self._began + self._plan.seconds
        while now < end:
            self._send_due(self._arrived(now), now)
            now = self._read_for(min(self._next_due(), end) - now)
        outcome.seconds, outcome.sent, outcome.ended = now - self._began, len(outcome.late_times), time.time()
        arrived = self._count if self._plan.rate else self._next
        while self._open or self._next < arrived:
            self._send_due(arrived, now)
            now = self._read_for(SWEEP)
        for connection in tuple(self._connections):
            self._close(connection)
        self._selector.close()
        outcome.due = self._next
        outcome.accepted = [self._conversations[number].decode() for number in self._accepted]
        return outcome

    def _arrived(self, now: float) -> int:
        """Return how many requests have been due so far: of a closed loop, as many as there are connections for."""
        return int((now - self._began) * self._plan.rate) + 1 if self._plan.rate else self._count

    def _due(self, number: int, now: float) -> float:
        return self._began + number / self._plan.rate if self._plan.rate else now

    def _next_due(self) -> float:
        return self._due(self._next, self._began + self._plan.seconds)

    def _send_due(self, arrived: int, now: float) -> None:
        """Send what is due over idle connections, open more, and let those go who waited for too long."""
        arrived = min(arrived, self._count)
        while self._next < arrived and self._idle:
            connection = self._idle.popleft()
            if connection.open:
                self._send(connection)
        missing = min(arrived - self._next - self._connecting, self._plan.connections - len(self._connections))
        for _ in range(min(missing, OPENED_AT_ONCE)):
            self._connect()
        if now > self._swept + SWEEP:
            self._swept = now
            self._give_up(arrived, now - PATIENCE)

    def _send(self, connection: _Connection) -> None:
        number = self._next
        now = time.perf_counter()
        due = self._due(number, now)
        request = self._before + self._conversations[number] + self._after
        self._next += 1
        self._open += 1
        self.outcome.late_times.append(now - max(due, connection.idle_since))
        connection.number, connection.due = number, due
        try:
            sent = connection.socket.send(request)
        except OSError:
            self._lose(connection)
            return
        if sent < len(request):
            raise BufferError("a socket with nothing to send took only a part of a request")

    def _connect(self) -> None:
        connection = _Connection(self._address)
        if not connection.open:
            connection.socket.close()
            return
        self._connections.add(connection)
        self._connecting += 1
        self._selector.register(connection.socket, selectors.EVENT_WRITE, connection)

    def _connected(self, connection: _Connection) -> None:
        self._connecting -= 1
        if connection.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._close(connection)
            return
        self._selector.modify(connection.socket, selectors.EVENT_READ, connection)
        self._idle.append(connection)

    def _read_for(self, seconds: float) -> float:
        """Wait for so many seconds at most, read all that is there, and return the time."""
        ready = self._selector.select(max(seconds, 0))
        now = time.perf_counter()
        for key, events in ready:
            if events & selectors.EVENT_WRITE:
                self._connected(key.data)
            else:
                self._read(key.data, now)
        return time.perf_counter()

    def _read(self, connection: _Connection, now: float) -> None:
        try:
            data = connection.socket.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data or connection.number < 0:
            self._lose(connection)
            return
        if connection.received:
            data = connection.received + data
        end = data.find(b"\r\n\r\n")
        if end < 0 or len(data) < end + 4 + (head := head_of(data[:end])).length:
            connection.received = data
            return
        self._answered(connection, head, now)

    def _answered(self, connection: _Connection, head: Head, now: float) -> None:
        outcome = self.outcome
        took = now - connection.due
        if head.status == "200":
            self._accepted.append(connection.number)
            outcome.accepted_times.append(took)
        else:
            outcome.refused[head.status] = outcome.refused.get(head.status, 0) + 1
            outcome.refused_times.append(took)
            outcome.without_retry_after += not head.retry_after
        self._open -= 1
        connection.number, connection.idle_since, connection.received = -1, now, b""
        if head.closes:
            self._close(connection)
        else:
            self._idle.append(connection)

    def _give_up(self, arrived: int, before: float) -> None:
        """Let go what was due before then, sent or not."""
        while self._next < arrived and self._due(self._next, before) < before:
            self._next += 1
            self.outcome.given_up += 1
        for connection in tuple(self._connections):
            if connection.number >= 0 and connection.due < before:
                self._lose(connection)

    def _lose(self, connection: _Connection) -> None:
        """Close a connection; who waited for an answer gets none."""
        if connection.number >= 0:
            connection.number = -1
            self._open -= 1
            self.outcome.given_up += 1
        self._close(connection)

    def _close(self, connection: _Connection) -> None:
        connection.open = False
        self._connections.discard(connection)
        self._selector.unregister(connection.socket)
        connection.socket.close()


def generate(plan: Plan) -> Outcome:
    """Carry out a plan in this process."""
    run = _Flood(plan)
    gc.disable()
    try:
        return run.run()
    finally:
        gc.enable()


def main() -> None:
    """Read the plan from standard input, write the outcome to standard output."""
    outcome = generate(Plan(**json.load(sys.stdin)))
    for times in (outcome.accepted_times, outcome.refused_times, outcome.late_times):
        times[:] = [round(seconds, 6) for seconds in times]
    json.dump(dataclasses.asdict(outcome), sys.stdout)


if __name__ == "__main__":
    main()
