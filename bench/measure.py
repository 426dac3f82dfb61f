"""One round of one candidate, from its cold start to its end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import psutil

from architect.sandbox import Process
from bench import cores
from bench.alike import SPANS
from bench.call import Call
from bench.candidates import Candidate, Surroundings
from bench.figures import Figures
from bench.intake import Intake
from bench.load import Measured, send


@dataclass(frozen=True)
class Scale:
    """How long and how often to measure: seconds for each part, rounds, and the fixed rate in requests a second."""

    rounds: int = 3
    warm_up: float = 1
    saturated: float = 2
    paced: float = 4
    rate: float = 200


QUICK = Scale(rounds=1, warm_up=0.1, saturated=0.2, paced=0.2, rate=50)


class Bench:
    """Where everything is measured: an agent double, a client with its token, and the scale."""

    def __init__(self, intake: Intake, surroundings: Surroundings, call: Call, scale: Scale) -> None:
        self.intake = intake
        self.surroundings = surroundings
        self.call = call
        self.scale = scale

    def measure_round(self, candidate: Candidate, figures: Figures) -> None:
        """Start a candidate, measure it, stop it."""
        server, seconds = started(partial(candidate.make, self.surroundings))
        try:
            figures.start_s.append(seconds)
            self.warm_up(server, full=candidate.full)
            cpu, measured = self.saturate(server, full=candidate.full)
            figures.cpu_us.append(cpu)
            figures.per_second.append(measured.per_second)
            figures.rss_mb.append(worker_rss(server) / 1e6)
            plan = self.call.plan(server.url, self.scale.paced, rate=self.scale.rate, core=cores.LOAD)
            figures.latencies.extend(send(plan).latencies)
        finally:
            server.stop()

    def warm_up(self, server: Process, *, full: bool = True) -> None:
        """Send some requests without measuring."""
        self.intake.clear()
        measured = send(self.call.plan(server.url, self.scale.warm_up, core=cores.LOAD))
        self._until_flushed(measured.requests if full else 0)

    def saturate(self, server: Process, call: Call | None = None, *, full: bool = True) -> tuple[float, Measured]:
        """Send as much as is answered; return the server's processor time a request (us), and what the load saw.

        The time is taken when the spans have arrived, each of them, so that sending them is part of it.
        """
        self.intake.clear()
        before = server.cpu_seconds()
        measured = send((call or self.call).plan(server.url, self.scale.saturated, core=cores.LOAD))
        self._until_flushed(measured.requests if full else 0)
        return (server.cpu_seconds() - before) / measured.requests * 1e6, measured

    def _until_flushed(self, requests: int) -> None:
        self.intake.wait_for(Counter({name: count * requests for name, count in SPANS.items()}))


def started(make: Callable[[], Process], core: int | None = cores.SERVER) -> tuple[Process, float]:
    """Start a server on its core; return it, and the seconds until its first answer (to some 20 ms)."""
    server = make()
    with cores.on(core):
        begun = time.perf_counter()
        server.start()
        return server, time.perf_counter() - begun


def worker_rss(server: Process) -> float:
    """Return the resident bytes of a worker: the mean of the children, or of the process that has none."""
    process = psutil.Process(server.process.pid)
    sizes = [each.memory_info().rss for each in process.children(recursive=True) or [process]]
    return sum(sizes) / len(sizes)
