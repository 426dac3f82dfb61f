from __future__ import annotations

import os
import subprocess
import sys

import pytest

from architect.demo.checks import Checks
from architect.sandbox import ROOT


def test_the_demo_ends_with_the_ids_of_its_first_call() -> None:
    environ = {**os.environ, "COLUMNS": "100"}
    result = subprocess.run(
        [sys.executable, "-m", "architect.demo"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "WRONG" not in result.stdout
    assert "├─ genesys.queue " in result.stdout
    assert "│  └─ genesys.agent.held " in result.stdout
    whys = [line.strip() for line in result.stdout.splitlines() if line.strip().startswith("ok    why: ")]
    assert whys == [
        "ok    why: the address",
        "ok    why: the participant",
        "ok    why: it takes a moment",
        "ok    why: overwritten",
    ]
    assert "ok    so is the call's trace" in result.stdout
    assert result.stdout.splitlines()[-3:] == [
        "conversation 8f14e45f-ceea-467f-a34e-7d5c3b2a1908",
        "traceparent 00-8f14e45fceea467fa34e7d5c3b2a1908-8f14e45fceea467f-01",
        "dd_trace_id 8f14e45fceea467fa34e7d5c3b2a1908",
    ]


def test_the_demo_notices_when_something_is_not_as_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    checks = Checks()
    checks.equal("one is one", 1, 1)
    checks.equal("one is two", 1, 2)
    assert checks.failed == 1
    assert "WRONG one is two" in capsys.readouterr().out
