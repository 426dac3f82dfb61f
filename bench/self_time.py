"""`make profile`: where the processor time of starting a call goes, by package, and the functions that take most.

The application is called in this process, so what gunicorn takes is not in it, nor is the sending of spans. The
time of functions written in C is added to the package that calls them. A profiler slows Python code down and C code
not, so shares are a guide to where to look and no measure; that is `make bench`.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import sysconfig
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from architect.sandbox import ROOT, Credentials
from bench.figures import table
from bench.in_process import InProcess

Where = tuple[str, int, str]
"""A function as pstats names it: file, line, name; built-in ones have the file `~`."""


def main() -> int:
    """Profile the application and print two tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.self_time", description=__doc__)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--functions", type=int, default=25, help="how many functions to list")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        profile = profiled(InProcess(Credentials.new().environment, Path(folder)), options.requests)
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    total = sum(entry[2] for entry in stats.values())
    print(f"{options.requests} requests, {total / options.requests * 1e6:.0f} us each under the profiler\n")
    shares = by_package(stats)
    print(table(("package", "self time"), [(name, f"{own / total:.1%}") for name, own in shares.most_common()]))
    print()
    own_time = Counter({where: entry[2] for where, entry in stats.items()})
    print(
        table(
            ("function", "self time", "calls a request"),
            [
                (named(where), f"{own / total:.1%}", f"{stats[where][1] / options.requests:.1f}")
                for where, own in own_time.most_common(options.functions)
            ],
        )
    )
    return 0


def profiled(service: InProcess, requests: int) -> cProfile.Profile:
    """Ask the service, some times to warm up and then under the profiler."""
    for _ in range(200):
        service.ask(service.request())
    asked = [service.request() for _ in range(requests)]
    profile = cProfile.Profile()
    profile.enable()
    for request in asked:
        service.ask(request)
    profile.disable()
    return profile


def by_package(stats: dict[Where, Any]) -> Counter[str]:
    """Return each package's own time; that of built-in functions goes to the packages that called them."""
    own: Counter[str] = Counter()
    for where, (_, _, self_time, _, callers) in stats.items():
        if where[0] == "~" and callers:
            for caller, (_, _, called_time, _) in callers.items():
                own[package(caller[0])] += called_time
        else:
            own[package(where[0])] += self_time
    return own


def package(file: str) -> str:
    """Return what a file belongs to: a package, our own folder, or Python itself."""
    path = Path(file)
    for folder, prefix in (
        (sysconfig.get_path("purelib"), ""),
        (ROOT, "callspan: "),
        (sysconfig.get_path("stdlib"), ""),
    ):
        if path.is_relative_to(folder):
            first = path.relative_to(folder).parts[0]
            return "Python" if str(folder) == sysconfig.get_path("stdlib") else prefix + first.removesuffix(".py")
    return "Python"


def named(where: Where) -> str:
    """Return a function's name for people."""
    file, line, name = where
    return name if file == "~" else f"{package(file)} {Path(file).name}:{line} {name}"


if __name__ == "__main__":
    sys.exit(main())
