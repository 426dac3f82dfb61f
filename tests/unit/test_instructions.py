"""A guard of the hot path: it must not grow unnoticed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from architect.sandbox import ROOT, Credentials
from bench import instructions

TOLERANCE = 0.02

COUNT = """
import json, sys, tempfile
from pathlib import Path
from app.calls import Calls
from bench.in_process import InProcess
from bench.instructions import count

if sys.argv[2] == "careless":
    start = Calls.start
    Calls.start = lambda *arguments: [start(*arguments) for _ in range(2)][0]
with tempfile.TemporaryDirectory() as folder:
    print(count(InProcess(json.loads(sys.argv[1]), Path(folder))))
"""


def counted(how: str) -> int:
    """Return the count in a process of its own, where nothing else was imported or traced."""
    command = [sys.executable, "-c", COUNT, json.dumps(dict(Credentials.new().environment)), how]
    return int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    kept = instructions.reference()
    if kept["python"] != instructions.python():
        pytest.skip(f"the reference is for Python {kept['python']}")
    return kept


def test_starting_a_call_takes_as_many_instructions_as_it_did(reference: dict[str, Any]) -> None:
    """When this fails for a good reason, `python -m bench.instructions --write` keeps the new count."""
    assert counted("as it is") == pytest.approx(reference["instructions"], rel=TOLERANCE)


def test_a_careless_change_is_seen(reference: dict[str, Any]) -> None:
    assert counted("careless") > reference["instructions"] * (1 + 2 * TOLERANCE)


def test_the_reference_is_kept_where_the_command_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instructions, "REFERENCE", tmp_path / "kept.json")
    monkeypatch.setattr(instructions, "count", lambda _service: 4711)
    monkeypatch.setattr(instructions, "InProcess", lambda *_: None)
    monkeypatch.setattr("sys.argv", ["bench.instructions", "--write"])
    instructions.main()
    assert instructions.reference() == {"python": instructions.python(), "instructions": 4711}
