"""`make bench`: what starting a call costs, beside the same job on other stacks, in units of a constant Flask route.

Every candidate has one worker, is started anew in each round, and rounds are interleaved, so that what else the machine
does falls on all alike. Ratios say something about another machine, absolute figures do not.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from architect.sandbox import Credentials
from bench import cores
from bench.alike import Work, differences, work_of
from bench.call import Call
from bench.candidates import PEERS_BIN, Candidate, Surroundings, callspan, candidates
from bench.figures import Figures, Row, row, table
from bench.growth import growth
from bench.intake import Intake
from bench.measure import QUICK, Bench, Scale, started


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return its exit code."""
    options = _options(arguments)
    scale = QUICK if options.quick else Scale(rounds=options.rounds, rate=options.rate)
    chosen = [each for each in candidates() if not options.only or each.key in {"constant", *options.only}]
    for candidate in chosen:
        if candidate.lacks:
            print(f"skipped: {candidate.name}, for {candidate.lacks}")
    present = [each for each in chosen if not each.lacks]
    with ExitStack() as stack:
        with cores.on(cores.LOAD):
            intake = Intake().start()
        stack.callback(intake.stop)
        surroundings = Surroundings(intake.url, Credentials.new())
        call, expected = _reference(surroundings, intake)
        bench = Bench(intake, surroundings, call, scale)
        if not _all_alike(bench, present, expected):
            return 1
        rows = _measured(bench, present)
        grown = {} if options.only else growth(bench)
    _report(rows, scale)
    for kind, steps in grown.items():
        print(f"\nCallspan by {kind}")
        print(table(("", "CPU us", "req/s"), [(s.what, f"{s.cpu_us:.0f}", f"{s.per_second:.0f}") for s in steps]))
    if options.json:
        result = {
            "machine": _machine(),
            "scale": asdict(scale),
            "rows": [asdict(each) for each in rows],
            "growth": {kind: [asdict(step) for step in steps] for kind, steps in grown.items()},
        }
        options.json.write_text(json.dumps(result, indent=2) + "\n")
        if options.svg:
            _plot(options.json, options.svg)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=Scale.rounds, help="rounds of every candidate")
    parser.add_argument("--rate", type=float, default=Scale.rate, help="requests a second where latency is measured")
    parser.add_argument("--only", nargs="+", choices=[each.key for each in candidates()], help="beside the unit")
    parser.add_argument("--quick", action="store_true", help="see whether it works; the figures are worth nothing")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--svg", type=Path, help="draw them to this file, from the JSON")
    return parser.parse_args(arguments)


def _reference(surroundings: Surroundings, intake: Intake) -> tuple[Call, Work]:
    """Return a call with a token of Callspan's, and what Callspan does with the requests that all must do alike."""
    server, _ = started(partial(callspan, surroundings))
    try:
        call = Call(surroundings.credentials.access_token(server.url))
        return call, work_of(server, call, intake)
    finally:
        server.stop()


def _all_alike(bench: Bench, present: list[Candidate], expected: Work) -> bool:
    """Tell whether every peer does Callspan's job; print how one does not."""
    alike = True
    for candidate in present:
        if candidate.full and candidate.key != "callspan":
            server, _ = started(partial(candidate.make, bench.surroundings))
            try:
                found = differences(expected, work_of(server, bench.call, bench.intake))
            finally:
                server.stop()
            for difference in found:
                alike = False
                print(f"{candidate.name} does not do the same job: {difference}")
    return alike


def _measured(bench: Bench, present: list[Candidate]) -> list[Row]:
    figures = {each.key: Figures(each.key, each.name) for each in present}
    for number in range(bench.scale.rounds):
        for candidate in present:
            print(f"round {number + 1} of {bench.scale.rounds}: {candidate.name:40}", end="\r", file=sys.stderr)
            bench.measure_round(candidate, figures[candidate.key])
    print(" " * 70, end="\r", file=sys.stderr)
    return [row(each, figures["constant"]) for each in figures.values()]


def _report(rows: list[Row], scale: Scale) -> None:
    headings = ("", "CPU us", "ratio", "(range)", "req/s", "p50 ms", "p99", "p99.9", "RSS MB", "start s")
    lines = [
        (
            each.name,
            f"{each.cpu_us:.0f}",
            f"{each.cpu_ratio:.2f}",
            "({:.2f}-{:.2f})".format(*each.cpu_ratio_range),
            f"{each.per_second:.0f}",
            f"{each.p50_ms:.1f}",
            f"{each.p99_ms:.1f}",
            f"{each.p999_ms:.1f}",
            f"{each.rss_mb:.0f}",
            f"{each.start_s:.2f}",
        )
        for each in rows
    ]
    print(table(headings, lines))
    print(
        f"{scale.rounds} rounds, medians. CPU: the server's processor time for a request, as a ratio to the first row. "
        f"req/s: as fast\nas it goes. p50 to p99.9: at {scale.rate:g} requests a second, {rows[0].requests_timed} in "
        "all, each from when it was due. RSS: a worker's.\nstart: until the first answer."
    )


def _machine() -> dict[str, Any]:
    return {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}


def _plot(figures: Path, svg: Path) -> None:
    python = PEERS_BIN / "python"
    if not python.exists():
        print(f"skipped: {svg}, for bench/peers/.venv is not there")
        return
    subprocess.run([str(python), "-m", "bench.plot", str(figures), str(svg)], check=True)


if __name__ == "__main__":
    sys.exit(main())
