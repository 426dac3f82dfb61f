"""Faults of those who call: too many of them, slow ones, and Genesys Cloud out of order."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from architect.sandbox import callspan, free_ports, wait_for
from tests.chaos.fault import Fault
from tests.chaos.flood import Outcome, Plan, cores_apart, flood, percentile
from tests.chaos.processes import Site
from tests.chaos.world import World

HOUR = 3600


class Saturated(Fault):
    name = "three times saturation"
    done = "One worker gets three times the starts a second that it can answer, by an open loop, for ten seconds."
    seconds = 10

    rates = (3, 10)

    def settings(self, site: Site) -> dict[str, str]:
        return {"WEB_CONCURRENCY": "1"}

    def strike(self, world: World, seconds: float) -> None:
        token = world.site.credentials.access_token(world.site.url)
        with cores_apart(world.service.process.pid):
            calm = flood(Plan(world.site.url, token, 0, 3, 16))
            outcome = flood(Plan(world.site.url, token, 3 * calm.accepted_rate, seconds, 2000))
            wait_for("a quick answer", lambda: self._quick(world), 30)
            quick_after = time.time() - outcome.ended
        for conversation in calm.accepted + outcome.accepted:
            world.ledger.promise(conversation, "callspan.start")
        world.problems += self.shortcomings(calm.accepted_rate, outcome)
        world.notes |= {
            "capacity": f"{calm.accepted_rate:.0f}/s",
            "offered": f"{outcome.rate:.0f}/s",
            "accepted": f"{outcome.accepted_rate:.0f}/s",
            "accepted p50": _milliseconds(outcome.accepted_times, 50),
            "accepted p99": _milliseconds(outcome.accepted_times, 99),
            "refused": ", ".join(f"{count} with {status}" for status, count in sorted(outcome.refused.items())) or "0",
            "refused p50": _milliseconds(outcome.refused_times, 50),
            "refused p99": _milliseconds(outcome.refused_times, 99),
            "refused without Retry-After": str(outcome.without_retry_after),
            "without an answer in 3 s": str(outcome.given_up),
            "generator late p99": _milliseconds(outcome.late_times, 99),
            "quick again after": f"{quick_after:.1f} s",
        }

    @staticmethod
    def shortcomings(capacity: float, outcome: Outcome) -> list[str]:
        """Say what should not come of three times the starts a second that a service can answer."""
        slowest = percentile(outcome.accepted_times, 99)
        found = {
            f"1 of 100 accepted starts took {slowest:.2f} s or more, not less than 1 s": slowest >= 1,
            f"{outcome.without_retry_after} refusals do not say when to try again": outcome.without_retry_after > 0,
            f"{outcome.given_up} of {outcome.due} starts got no answer in 3 s, more than 1 of 1000": (
                outcome.given_up > outcome.due / 1000
            ),
            f"only {outcome.rate:.0f} starts a second were sent, not 3 times {capacity:.0f}": (
                outcome.rate < 2.9 * capacity
            ),
            f"only {outcome.accepted_rate:.0f} starts a second were accepted, less than a quarter of {capacity:.0f}": (
                outcome.accepted_rate < capacity / 4
            ),
        }
        return [problem for problem, is_so in found.items() if is_so]

    @staticmethod
    def _quick(world: World) -> bool | None:
        began = time.monotonic()
        return (bool(world.service.readiness()) and time.monotonic() - began < 0.25) or None


class SlowReaders(Fault):
    name = "clients that read slowly"
    done = "Twenty clients ask for 100 times `/openapi.json` each and read 1 kB a second of it."

    def strike(self, world: World, seconds: float) -> None:
        with ExitStack() as stack:
            request = f"GET /openapi.json HTTP/1.1\r\nHost: {urlsplit(world.site.url).netloc}\r\n\r\n".encode()
            clients = [stack.enter_context(connection(world)) for _ in range(20)]
            for client in clients:
                client.sendall(request * 100)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                for client in clients:
                    client.setblocking(False)
                    try:
                        client.recv(256)
                    except OSError:
                        continue
                time.sleep(0.25)


class HalfOpen(Fault):
    name = "half-open connections"
    done = "100 connections that send nothing, and 100 that stop in the middle of a request."
    short = 2

    def strike(self, world: World, seconds: float) -> None:
        with ExitStack() as stack:
            begun = b"POST /v1/actions/start-call-trace HTTP/1.1\r\nHost: callspan\r\nContent-Length: 500\r\n"
            for number in range(200):
                client = stack.enter_context(connection(world))
                if number % 2:
                    client.sendall(begun if number % 4 == 1 else begun + b"\r\n{")
            time.sleep(seconds)


class TokenEndpointAway(Fault):
    name = "no tokens can be had"
    done = "The integration's auth action goes to a port where nothing listens, and no token is in hand."
    seconds = 5

    def strike(self, world: World, seconds: float) -> None:
        folder = world.site.folder / "exports-without-tokens"
        callspan("export", "--base-url", f"http://127.0.0.1:{free_ports(1)[0]}", "--out", str(folder))
        world.calls.sign_in_at(folder)
        time.sleep(seconds)
        world.calls.sign_in_at(world.site.exports)


class EventsInDisorder(Fault):
    name = "events come thrice, in any order, 17 hours late"
    done = "Each event is delivered three times, shuffled, for calls that ended 17 hours ago."
    short = 1.5
    seconds = 6

    def strike(self, world: World, seconds: float) -> None:
        world.bridge.copies, world.calls.late_ms = 3, 17 * HOUR * 1000
        time.sleep(seconds)
        world.bridge.copies, world.calls.late_ms = 1, 0


def _milliseconds(times: list[float], percent: int) -> str:
    return f"{percentile(times, percent) * 1000:.0f} ms"


@contextmanager
def connection(world: World) -> Iterator[socket.socket]:
    """Connect to the service, with little room for answers."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(10)
        client.connect(("127.0.0.1", world.site.port))
        yield client
