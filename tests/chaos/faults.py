"""The faults: what can go wrong around Callspan, each brought about as it would happen."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import psutil

from architect.sandbox import callspan, free_ports, wait_for
from tests.chaos.flood import Outcome, Plan, flood, percentile
from tests.chaos.intake import Behaviour, Intake
from tests.chaos.world import Site, TestAgent, World, kill

CLOCK = Path(__file__).parent / "clock"
HOUR = 3600


class Fault(ABC):
    """Something that goes wrong.

    `done` says for the documentation what is done; `seconds` is for how long in a full run and `short`, where there is
    one, in a short one.
    """

    name: ClassVar[str]
    done: ClassVar[str]
    seconds: ClassVar[float] = 8
    short: ClassVar[float | None] = None

    @contextmanager
    def world(self, site: Site) -> Iterator[World]:
        """Start the world that this fault is for."""
        intake = Intake().start()
        try:
            with World(site, intake) as world:
                yield world
        finally:
            intake.stop()

    @abstractmethod
    def strike(self, world: World, seconds: float) -> None:
        """Bring the fault about for so many seconds, while calls go on, and put things right again."""


class Nothing(Fault):
    name = "nothing"
    done = "Nothing: what all others are compared with."
    short = 1

    def strike(self, world: World, seconds: float) -> None:
        time.sleep(seconds)


class WorkerKilled(Fault):
    name = "a worker is killed"
    done = "SIGKILL of one of two workers, every two seconds."
    short = 2

    def strike(self, world: World, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            kill(world.service.workers()[0])
            time.sleep(2)


class Replaced(Fault):
    name = "the dyno is replaced"
    done = "SIGTERM of all processes at once, as Heroku sends it; the successor starts with an empty disk."
    seconds = 2
    short = 0

    def strike(self, world: World, seconds: float) -> None:
        world.replace_service(0, same_disk=False)
        time.sleep(seconds)


class RollingRestart(Fault):
    name = "rolling restart"
    done = "SIGHUP of the master, every four seconds: new workers, then the old ones end."
    short = 2

    def strike(self, world: World, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            world.service.process.send_signal(signal.SIGHUP)
            time.sleep(4 if seconds > 4 else seconds)


class AgentAway(Fault):
    def __init__(self, seconds: float) -> None:
        self.name = f"the agent is away for {seconds:g} s"  # type: ignore[misc]
        self.done = f"The agent ends, refuses connections for {seconds:g} seconds, and starts on the same port."  # type: ignore[misc]
        self.seconds = seconds  # type: ignore[misc]

    def strike(self, world: World, seconds: float) -> None:
        intake = intake_of(world)
        intake.stop()
        time.sleep(seconds)
        intake.start()


class AgentBehaves(Fault):
    """The agent is there, but does not take traces as it should."""

    behaviour: ClassVar[Behaviour]

    def strike(self, world: World, seconds: float) -> None:
        intake = intake_of(world)
        intake.behaviour = self.behaviour
        time.sleep(seconds)
        intake.behaviour = Behaviour()


class AgentSlow(AgentBehaves):
    name = "the agent is slow"
    done = "The agent takes each payload three seconds late, later than its senders wait."
    seconds = 12
    behaviour = Behaviour(delay=3)


class AgentAnswers429(AgentBehaves):
    name = "the agent answers 429"
    done = "The agent refuses every payload with 429 for ten seconds."
    seconds = 10
    behaviour = Behaviour(status=429)


class AgentAnswers503(AgentBehaves):
    name = "the agent answers 503"
    done = "The agent refuses every payload with 503 for ten seconds."
    seconds = 10
    short = 2
    behaviour = Behaviour(status=503)


class AgentResets(AgentBehaves):
    name = "the agent resets connections"
    done = "The agent reads each payload, keeps nothing, and resets the connection."
    seconds = 6
    behaviour = Behaviour(reset=True)


class AnswerLost(AgentBehaves):
    name = "the agent's answers are lost"
    done = "The agent keeps each payload and resets the connection before it answers, so that all is sent again."
    seconds = 4
    short = 1
    behaviour = Behaviour(reset=True, takes_first=True)


class AgentFrozen(Fault):
    name = "Datadog's test agent is frozen"
    done = "SIGSTOP of Datadog's own test agent for six seconds, then SIGCONT."
    seconds = 6

    @contextmanager
    def world(self, site: Site) -> Iterator[World]:
        agent = TestAgent().start()
        try:
            with World(site, agent) as world:
                yield world
        finally:
            agent.stop()

    def strike(self, world: World, seconds: float) -> None:
        assert isinstance(world.sink, TestAgent)
        world.sink.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        world.sink.process.send_signal(signal.SIGCONT)


class LogsFull(Fault):
    name = "logs cannot be written"
    done = "Standard output and error lead to a full device, `/dev/full`."
    seconds = 6

    @contextmanager
    def world(self, site: Site) -> Iterator[World]:
        intake = Intake().start()
        try:
            with World(site, intake, shell="exec >/dev/full 2>&1") as world:
                yield world
        finally:
            intake.stop()

    def strike(self, world: World, seconds: float) -> None:
        time.sleep(seconds)


class JournalFull(Fault):
    name = "the journal's disk is full"
    done = "The journal lies on a file system of 256 kB, which fills while the agent is away for eight seconds."

    @contextmanager
    def world(self, site: Site) -> Iterator[World]:
        with ExitStack() as stack:
            intake = Intake().start()
            stack.callback(intake.stop)
            folder = site.folder / "tiny"
            folder.mkdir()
            shell = ""
            mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
            if subprocess.run(mount, check=False, capture_output=True).returncode == 0:
                stack.callback(subprocess.run, ["umount", str(folder)], check=True)
            else:
                shell = "exec >/dev/null 2>&1; ulimit -f 128"  # in blocks of 512 bytes, and for every file it writes
            yield stack.enter_context(World(site, intake, shell=shell, CALLSPAN_JOURNAL_DIR=str(folder)))

    def strike(self, world: World, seconds: float) -> None:
        intake = intake_of(world)
        intake.stop()
        time.sleep(seconds)
        folder = Path(world.settings["CALLSPAN_JOURNAL_DIR"])
        world.notes["journal"] = f"{sum(path.stat().st_size for path in folder.rglob('*') if path.is_file())} bytes"
        intake.start()


class ClockStepped(Fault):
    name = "the clock steps by an hour"
    done = (
        "The service's wall clock (in Python; the system's stays) goes an hour ahead, back, an hour behind, and back."
    )
    seconds = 8

    @contextmanager
    def world(self, site: Site) -> Iterator[World]:
        intake = Intake().start()
        clock = site.folder / "clock"
        clock.write_text("0")
        path = os.pathsep.join(filter(None, [str(CLOCK), os.environ.get("PYTHONPATH", "")]))
        try:
            with World(site, intake, PYTHONPATH=path, CHAOS_CLOCK=str(clock)) as world:
                yield world
        finally:
            intake.stop()

    def strike(self, world: World, seconds: float) -> None:
        clock = Path(world.settings["CHAOS_CLOCK"])
        for step in (HOUR, 0, -HOUR, 0):
            # In one step, as a file that is being written is empty for a moment.
            new = clock.with_suffix(".new")
            new.write_text(str(step))
            new.replace(clock)
            time.sleep(seconds / 4)


class Saturated(Fault):
    name = "three times saturation"
    done = "One worker gets three times the starts a second that it can answer, by an open loop, for ten seconds."
    seconds = 10

    @contextmanager
    def world(self, site: Site) -> Iterator[World]:
        intake = Intake().start()
        try:
            with World(site, intake, rates=(3, 10), WEB_CONCURRENCY="1") as world:
                yield world
        finally:
            intake.stop()

    def strike(self, world: World, seconds: float) -> None:
        token = world.site.credentials.access_token(world.site.url)
        calm = self._flood(world, token, 0, 3, 16)
        outcome = self._flood(world, token, 3 * calm.rate, seconds, 600)
        ended = time.monotonic()
        wait_for("a quick answer", lambda: self._quick(world), 30)
        world.notes |= {
            "capacity": f"{calm.rate:.0f}/s",
            "offered": f"{outcome.rate:.0f}/s",
            "accepted": f"{len(outcome.accepted) / outcome.seconds:.0f}/s",
            "accepted p50": f"{percentile(outcome.accepted_times, 50) * 1000:.0f} ms",
            "accepted p99": f"{percentile(outcome.accepted_times, 99) * 1000:.0f} ms",
            "refused": ", ".join(f"{count} with {status}" for status, count in sorted(outcome.refused.items())) or "0",
            "refused p99": f"{percentile(outcome.refused_times, 99) * 1000:.0f} ms",
            "refused without Retry-After": str(outcome.without_retry_after),
            "without an answer": str(outcome.unanswered),
            "quick again after": f"{time.monotonic() - ended:.1f} s",
        }

    @staticmethod
    def _flood(world: World, token: str, rate: float, seconds: float, connections: int) -> Outcome:
        outcome = flood(Plan(world.site.url, token, rate, seconds, connections))
        for conversation in outcome.accepted:
            world.ledger.promise(conversation, "callspan.start")
        return outcome

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


class ServiceDown(Fault):
    name = "the whole service is down for a minute"
    done = "Every process ends; the service starts again a minute later, on the same disk."
    seconds = 60
    short = 2

    def strike(self, world: World, seconds: float) -> None:
        world.replace_service(seconds, same_disk=True)


class AllKilled(Fault):
    name = "every process is killed while the agent is away"
    done = "The agent goes away; five seconds later SIGKILL of the master and all workers; both start again."
    seconds = 5
    short = 1.5

    def strike(self, world: World, seconds: float) -> None:
        intake = intake_of(world)
        intake.stop()
        time.sleep(seconds)
        world.note_losses()
        for process in (psutil.Process(world.service.process.pid), *world.service.workers()):
            kill(process)
        world.service.process.wait()
        world.service.start()
        intake.start()


FAULTS: tuple[Fault, ...] = (
    Nothing(),
    WorkerKilled(),
    AllKilled(),
    Replaced(),
    RollingRestart(),
    AgentAway(2),
    AgentAway(15),
    AgentAway(60),
    AgentSlow(),
    AgentAnswers429(),
    AgentAnswers503(),
    AgentResets(),
    AnswerLost(),
    AgentFrozen(),
    LogsFull(),
    JournalFull(),
    ClockStepped(),
    Saturated(),
    SlowReaders(),
    HalfOpen(),
    TokenEndpointAway(),
    EventsInDisorder(),
    ServiceDown(),
)


def intake_of(world: World) -> Intake:
    """Return the intake double of a world that has one."""
    assert isinstance(world.sink, Intake)
    return world.sink


@contextmanager
def connection(world: World) -> Iterator[socket.socket]:
    """Connect to the service, with little room for answers."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(10)
        client.connect(("127.0.0.1", world.site.port))
        yield client
