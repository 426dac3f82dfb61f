"""The load generator: `python -m bench.load` reads a plan, sends it, and writes what it measured.

It is a process of its own, on a processor core of its own where there is one to spare. Without a rate each connection
sends the next request as soon as it is answered, which shows what the server can do at most. With one, requests are
due at fixed times whether or not earlier ones were answered, and each is timed from when it was due: a server that
stalls is charged for everybody who waited (there is no coordinated omission).
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import selectors
import subprocess
import sys
import time
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from architect.sandbox import ROOT
from bench.connection import Connection, LoadError

CONVERSATION, TRACE_ID, ROOT_ID = "@conversation@", "@trace-id@", "@root-id@"
"""What stands in a plan's body and headers for the ids of a new conversation."""

DISTINCT = 4096
"""How many requests are made beforehand; a longer run sends them again."""

PATIENCE = 30
"""Seconds that answers may take after the last request was sent."""


@dataclass(frozen=True)
class Plan:
    """What to send: a body and headers to a path, for so many seconds, at a rate a second or (0) as fast as it goes."""

    port: int
    path: str
    headers: Mapping[str, str]
    body: str
    seconds: float
    connections: int = 16
    rate: float = 0
    core: int | None = None


@dataclass(frozen=True)
class Measured:
    """What came of it: how many requests in how many seconds, and how long each took, in seconds."""

    requests: int
    seconds: float
    latencies: list[float] = field(repr=False)
    reconnects: int = 0

    @property
    def per_second(self) -> float:
        """The throughput."""
        return self.requests / self.seconds


def send(plan: Plan) -> Measured:
    """Send a plan from a process of its own.

    Raises:
        LoadError: when an answer is not 200, or none comes.

    """
    command = [sys.executable, "-m", "bench.load"]
    done = subprocess.run(
        command, cwd=ROOT, input=json.dumps(asdict(plan)), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LoadError(done.stderr.strip())
    return Measured(**json.loads(done.stdout))


def generate(plan: Plan) -> Measured:
    """Send a plan from this process."""
    requests = itertools.cycle(requests_of(plan))
    with selectors.SelectSelector() as selector:
        connections = [Connection(plan.port, selector) for _ in range(plan.connections)]
        try:
            return _Run(plan, requests, connections, selector).run()
        finally:
            for connection in connections:
                connection.close()


class _Run:
    """One run: idle connections, and the times at which requests that wait for one were due."""

    def __init__(
        self, plan: Plan, requests: Iterator[bytes], connections: list[Connection], selector: selectors.BaseSelector
    ) -> None:
        self._plan = plan
        self._requests = requests
        self._connections = connections
        self._selector = selector
        self._idle = deque(connections)
        self._waiting: deque[float] = deque()
        self._latencies: list[float] = []

    def run(self) -> Measured:
        started = last = time.perf_counter()
        end = started + self._plan.seconds
        planned = due_times(started, self._plan.rate, self._plan.seconds) if self._plan.rate else iter(())
        upcoming = next(planned, end)
        while True:
            now = time.perf_counter()
            while upcoming <= now and upcoming < end:
                self._waiting.append(upcoming)
                upcoming = next(planned, end)
            if not self._plan.rate and now < end:
                self._waiting.extend([now] * len(self._idle))
            while self._waiting and self._idle:
                self._idle.popleft().send(next(self._requests), self._waiting.popleft())
            if now >= end and not self._waiting and len(self._idle) == len(self._connections):
                break
            if now > end + PATIENCE:
                raise LoadError(f"no answer in {PATIENCE} seconds")
            for key, _ in self._selector.select(max(0.0, upcoming - now) if now < end else 1):
                connection: Connection = key.data
                due = connection.advance()
                if due is not None:
                    last = time.perf_counter()
                    self._latencies.append(last - due)
                    self._idle.append(connection)
        reconnects = sum(connection.reconnects for connection in self._connections)
        return Measured(len(self._latencies), last - started, self._latencies, reconnects)


def due_times(started: float, rate: float, seconds: float) -> Iterator[float]:
    """Give the times at which requests are due, evenly spaced from the start on."""
    return (started + number / rate for number in range(round(rate * seconds)))


def requests_of(plan: Plan) -> list[bytes]:
    """Return requests as they go over the wire, each of a conversation of its own."""
    count = min(DISTINCT, round(plan.rate * plan.seconds)) if plan.rate else DISTINCT
    return [_request(plan, uuid.uuid4()) for _ in range(count)]


def filled(text: str, conversation: uuid.UUID) -> str:
    """Return a plan's text with the ids of a conversation."""
    ids = {CONVERSATION: str(conversation), TRACE_ID: conversation.hex, ROOT_ID: conversation.hex[:16]}
    for placeholder, value in ids.items():
        text = text.replace(placeholder, value)
    return text


def _request(plan: Plan, conversation: uuid.UUID) -> bytes:
    body = filled(plan.body, conversation).encode()
    lines = [f"POST {plan.path} HTTP/1.1", f"Host: 127.0.0.1:{plan.port}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {filled(value, conversation)}" for name, value in plan.headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def main() -> None:
    """Read the plan from standard input, write what was measured to standard output."""
    plan = Plan(**json.load(sys.stdin))
    if plan.core is not None:
        os.sched_setaffinity(0, {plan.core})
    gc.disable()
    try:
        json.dump(asdict(generate(plan)), sys.stdout)
    except LoadError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
