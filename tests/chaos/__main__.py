"""`make chaos`: every fault while calls go on, then a table of what became of them.

`python -m tests.chaos [WORD...]` runs the faults whose names have one of the words in them, and writes no file.
The whole run writes its results, and from them `docs/failures.md`.
"""

from __future__ import annotations

import signal
import sys
import time

from tests.chaos import report
from tests.chaos.fault import Fault
from tests.chaos.faults import FAULTS
from tests.chaos.processes import Site
from tests.chaos.result import Result, write


def run(fault: Fault, site: Site, seconds: float) -> Result:
    """Let a fault strike in a world of its own."""
    with fault.world(site) as world:
        with world.struck(fault.name):
            fault.strike(world, seconds)
        return world.result(fault.name)


def main(words: list[str]) -> int:
    """Run the faults, and return 1 when one of them did what it must not do."""
    # So that every process that was started is ended as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    faults = [fault for fault in FAULTS if not words or any(word in fault.name for word in words)]
    results = []
    with Site.new() as site:
        for fault in faults:
            began = time.monotonic()
            results.append(run(fault, site, fault.seconds))
            print(f"{fault.name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    if not words:
        write(results, report.RESULTS)
        report.write()
    print(report.text(results))
    return int(any(map(broken, results)))


def broken(result: Result) -> bool:
    """Return whether a call was not tagged, a span or an event lost, a crash logged, or what a fault forbids done."""
    forbidden = (result.lost_spans, result.events_refused, result.tracebacks, result.problems)
    return result.tagged < result.calls or any(forbidden)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
