"""The benchmark runs from end to end. What it measures in so short a time is worth nothing and is not looked at."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from architect.sandbox import ROOT


def test_a_short_benchmark_finds_the_peers_alike_and_measures_every_figure(tmp_path: Path) -> None:
    """Those that `make bench` has not installed here are skipped, and named."""
    results = tmp_path / "results.json"
    chosen = ["callspan", "naive", "fastapi", "fastify"]
    command = [sys.executable, "-m", "bench", "--quick", "--only", *chosen, "--json", str(results)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(results.read_text())["rows"]
    assert [row["key"] for row in rows][:3] == ["constant", "callspan", "naive"]
    assert len(rows) + done.stdout.count("skipped: Fast") == 1 + len(chosen)
    for row in rows:
        figures = {name: value for name, value in row.items() if isinstance(value, int | float)}
        assert all(value > 0 for value in figures.values()), row
        assert row["requests_timed"] == 10
        assert row["name"] in done.stdout
