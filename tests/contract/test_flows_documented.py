"""docs/flows.md shows what the tools really print."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from architect.runner import Scenario
from architect.runner.lint.documentation import documented

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "flows.md").read_text()


def test_the_page_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert documented(PAGE) == PAGE, "run: python -m architect.runner.lint.documentation docs/flows.md"


def test_the_example_of_a_scenario_is_one(tmp_path: Path) -> None:
    text = PAGE.partition("```yaml\n")[2].partition("```")[0]
    found = Scenario.from_dict(yaml.safe_load(text), folder=tmp_path, name="call")
    assert found.digits == ("1",)


def test_every_shipped_flow_is_described() -> None:
    for path in sorted((ROOT / "architect" / "flows").glob("*.yaml")):
        assert f"| `{path.name}` |" in PAGE
