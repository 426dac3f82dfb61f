"""More starts than a service can take, from a process of its own: `python -m tests.chaos.flood` with a `Plan` on stdin.

Open loop: a request goes out when its time has come, whatever became of those before, over as many connections as that
takes; the time it took counts from then. With a rate of 0 it is a closed loop instead, which finds the capacity.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import statistics
import subprocess
import sys
import uuid
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from architect.sandbox import ROOT

TICK = 0.005
SWEEP = 0.1
PATIENCE = 3.0
"""Seconds after which a client gives up and closes its connection, as long as our flows wait."""


@dataclass(frozen=True)
class Plan:
    """What to send where; `rate` in requests a second."""

    url: str
    token: str
    rate: float
    seconds: float
    connections: int


@dataclass
class Outcome:
    """What came of it; times in seconds."""

    sent: int = 0
    seconds: float = 0
    accepted: list[str] = field(default_factory=list)
    """The conversations whose start was answered 200."""
    accepted_times: list[float] = field(default_factory=list)
    refused_times: list[float] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    without_retry_after: int = 0
    given_up: int = 0
    drained: float = 0
    """Seconds from the last request that was due until none was open."""

    @property
    def rate(self) -> float:
        """Requests a second that were sent."""
        return self.sent / self.seconds


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


def start_request(address: str, token: str) -> bytes:
    """Return a start request as it goes over the wire, with 36 dashes for the conversation's id."""
    body = json.dumps({"conversationId": "-" * 36, "tags": "line:sales"})
    head = [
        "POST /v1/actions/start-call-trace HTTP/1.1",
        f"Host: {address}",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*head, "", body]).encode()


class _Connection(asyncio.Protocol):
    """One request at a time over one connection."""

    def __init__(self, flood: _Flood) -> None:
        self._flood = flood
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._waiting: tuple[float, str] | None = None

    def give_up(self, before: float) -> None:
        """Close the connection when it waits for the answer to a request that was due before then."""
        if self._waiting is not None and self._waiting[0] < before and self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, due: float, conversation: str, request: bytes) -> None:
        assert self._transport is not None
        self._waiting = (due, conversation)
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank or self._waiting is None:
            return
        lowered = head.lower()
        if len(body) < int(lowered.partition(b"content-length:")[2].partition(b"\r\n")[0]):
            return
        (due, conversation), self._waiting, self._received = self._waiting, None, b""
        closing = b"connection: close" in lowered
        if closing:
            self._flood.connections.discard(self)
        self._flood.answered(self, due, conversation, head, lowered, closing=closing)

    def connection_lost(self, _: Exception | None) -> None:
        self._flood.connections.discard(self)
        if self in self._flood.idle:
            self._flood.idle.remove(self)
        if self._waiting is not None:
            self._flood.outcome.given_up += 1
            self._flood.open -= 1
            self._waiting = None


class _Flood:
    def __init__(self, plan: Plan) -> None:
        parts = urlsplit(plan.url)
        self._plan, self._host, self._port = plan, parts.hostname or "", parts.port or 80
        self._request = start_request(parts.netloc, plan.token)
        self._loop = asyncio.get_running_loop()
        self.outcome = Outcome()
        self.connections: set[_Connection] = set()
        self.idle: deque[_Connection] = deque()
        self.due: deque[float] = deque()
        self.open = 0
        self._opening = 0
        self._ended = False
        self._swept = 0.0

    async def run(self) -> Outcome:
        began = self._loop.time()
        planned = 0
        if not self._plan.rate:
            self.due.extend([began] * self._plan.connections)
        while (now := self._loop.time()) < began + self._plan.seconds:
            if self._plan.rate:
                wanted = int((now - began) * self._plan.rate)
                self.due.extend(began + n / self._plan.rate for n in range(planned, wanted))
                planned = wanted
            self._give_up()
            self._send_due()
            await asyncio.sleep(TICK)
        self._ended = True
        ended = self._loop.time()
        self.outcome.seconds = ended - began
        while self.open or self.due:
            self._give_up()
            self._send_due()
            await asyncio.sleep(TICK)
        self.outcome.drained = self._loop.time() - ended
        return self.outcome

    def _give_up(self) -> None:
        before = self._loop.time() - PATIENCE
        while self.due and self.due[0] < before:
            self.due.popleft()
            self.outcome.sent += 1
            self.outcome.given_up += 1
        if before > self._swept + SWEEP:
            self._swept = before
            for connection in tuple(self.connections):
                connection.give_up(before)

    def answered(
        self, connection: _Connection, due: float, conversation: str, head: bytes, lowered: bytes, *, closing: bool
    ) -> None:
        self.open -= 1
        took = self._loop.time() - due
        status = head[9:12].decode()
        if status == "200":
            self.outcome.accepted.append(conversation)
            self.outcome.accepted_times.append(took)
        else:
            self.outcome.refused[status] = self.outcome.refused.get(status, 0) + 1
            self.outcome.refused_times.append(took)
            self.outcome.without_retry_after += b"\r\nretry-after:" not in lowered
        if not closing:
            self.idle.append(connection)
        if not self._plan.rate and not self._ended:
            self.due.append(self._loop.time())
        self._send_due()

    def _send_due(self) -> None:
        while self.due:
            if not self.idle:
                missing = min(len(self.due), self._plan.connections - len(self.connections)) - self._opening
                for _ in range(missing):
                    self._opening += 1
                    self._loop.create_task(self._open())
                return
            conversation = str(uuid.uuid4())
            request = self._request.replace(b"-" * 36, conversation.encode())
            self.open += 1
            self.outcome.sent += 1
            self.idle.popleft().send(self.due.popleft(), conversation, request)

    async def _open(self) -> None:
        try:
            _, connection = await self._loop.create_connection(lambda: _Connection(self), self._host, self._port)
        except OSError:
            return
        finally:
            self._opening -= 1
        self.connections.add(connection)
        self.idle.append(connection)
        self._send_due()


async def _main(plan: Plan) -> Outcome:
    return await _Flood(plan).run()


if __name__ == "__main__":
    print(json.dumps(dataclasses.asdict(asyncio.run(_main(Plan(**json.load(sys.stdin)))))))
