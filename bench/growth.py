"""How the cost of a start grows with tags, with the size of the request, and with processes."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from bench.candidates import callspan, constant
from bench.measure import Bench, started

TAG_COUNTS = (0, 5, 20)
PADDINGS = (0, 4_000, 32_000)
PROCESSES = (1, 2)
ROUNDS = 2


@dataclass(frozen=True)
class Step:
    """Callspan under one variation: its processor time a request, and its throughput."""

    what: str
    cpu_us: float
    per_second: float


def growth(bench: Bench) -> dict[str, list[Step]]:
    """Measure Callspan under each variation, in turns."""
    variations = {
        "tags": {f"{count} tags": replace(bench.call, tags=tags(count)) for count in TAG_COUNTS},
        "size": {
            f"{len(call.body()) / 1000:.1f} kB": call
            for call in (replace(bench.call, padding=padding) for padding in PADDINGS)
        },
    }
    found: dict[str, dict[str, list[tuple[float, float]]]] = {
        kind: {what: [] for what in calls} for kind, calls in variations.items()
    }
    server, _ = started(partial(callspan, bench.surroundings))
    try:
        bench.warm_up(server)
        for _ in range(min(ROUNDS, bench.scale.rounds)):
            for kind, calls in variations.items():
                for what, call in calls.items():
                    cpu, measured = bench.saturate(server, call)
                    found[kind][what].append((cpu, measured.per_second))
    finally:
        server.stop()
    return {**{kind: _steps(steps) for kind, steps in found.items()}, "processes": _processes(bench)}


def tags(count: int) -> str:
    """Return so many tags."""
    return ",".join(f"tag{number}:value_{number}" for number in range(count))


def _processes(bench: Bench) -> list[Step]:
    """Measure one and two processes, which share all cores with the load; beside a server that does nothing."""
    steps = {}
    for count in PROCESSES:
        for name, make, full in (("Flask constant", constant, False), ("Callspan", callspan, True)):
            server, _ = started(partial(make, bench.surroundings, count), core=None)
            try:
                bench.warm_up(server, full=full)
                cpu, measured = bench.saturate(server, full=full)
                steps[f"{name}, {count} process{'es' if count > 1 else ''}"] = [(cpu, measured.per_second)]
            finally:
                server.stop()
    return _steps(steps)


def _steps(found: Mapping[str, list[tuple[float, float]]]) -> list[Step]:
    return [
        Step(what, statistics.median(cpu for cpu, _ in rounds), statistics.median(rate for _, rate in rounds))
        for what, rounds in found.items()
    ]
