"""How many bytecode instructions starting a call takes: the same each time, whatever else the machine does.

`python -m bench.instructions` prints the count, and with `--write` keeps it in `bench/instructions.json`, against which
a test holds the code: a careless change to the hot path is seen. Instructions are not time, and what C code does is one
instruction; `make bench` measures time.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any

from architect.sandbox import Credentials
from bench.in_process import InProcess

REFERENCE = Path(__file__).with_suffix(".json")
WARM_UP = 50
"""Requests before any is counted: the first ones verify the token, fill caches and compile expressions."""

COUNTED = 21


def count(service: InProcess) -> int:
    """Return the instructions of a request: the median of a few, for one in 400 or so opens a new file or buffer."""
    for _ in range(WARM_UP):
        service.ask(service.request())
    return int(statistics.median(_instructions(service) for _ in range(COUNTED)))


def _instructions(service: InProcess) -> int:
    request = service.request()
    executed = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal executed
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        executed += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        service.ask(request)
    finally:
        sys.settrace(before)
    return executed


def reference() -> dict[str, Any]:
    """Return what was kept: the count, and the version of Python that it holds for."""
    kept: dict[str, Any] = json.loads(REFERENCE.read_text())
    return kept


def python() -> str:
    """Return the version of Python as far as it decides what instructions there are."""
    return ".".join(platform.python_version_tuple()[:2])


def main() -> None:
    """Count, print, and keep the count if so told."""
    parser = argparse.ArgumentParser(prog="python -m bench.instructions", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the count as the reference")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counted = count(InProcess(Credentials.new().environment, Path(folder)))
    print(f"{counted} instructions, Python {python()}")
    if options.write:
        REFERENCE.write_text(json.dumps({"python": python(), "instructions": counted}) + "\n")


if __name__ == "__main__":
    main()
