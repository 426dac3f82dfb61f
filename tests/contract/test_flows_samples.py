"""Real flows from the field: read, and linted without a false alarm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from architect.runner import FlowError, load_flow
from architect.runner.flow import Flow
from architect.runner.lint.linting import lint_flow
from architect.runner.lint.rules import FLOW_RULES
from architect.runner.picture import draw_flow

UNSUPPORTED: dict[str, str] = {}
"""Files that cannot be run, and the construct that is missing. There is none."""

# Each can be defended for the published flow it is found in.
EXPECTED = {
    "failure-path-missing",
    "timeout-path-missing",
    "yes-no-unquoted",
    "substitution-unquoted",
    "target-undeclared",
}


@pytest.fixture
def flows(sample: Callable[[str], Path]) -> list[Path]:
    return sorted(path for path in sample("archy").iterdir() if path.suffix in {".yaml", ".yml", ".tftpl"})


def test_every_real_flow_can_be_run_or_its_missing_construct_is_named(flows: list[Path]) -> None:
    assert len(flows) >= 24
    for path in flows:
        keys = Flow.load(path).source.substituted
        given = dict.fromkeys(keys, "primaryEmail")
        if path.name in UNSUPPORTED:
            with pytest.raises(FlowError, match=UNSUPPORTED[path.name]):
                load_flow(path, given)
        else:
            assert load_flow(path, given).actions


def test_what_the_linter_says_of_real_flows_is_true(flows: list[Path]) -> None:
    found = {finding.rule.id for path in flows for finding in lint_flow(path.read_bytes(), name=path.name)}
    assert found == EXPECTED
    assert not any(FLOW_RULES[rule].severity == "error" for rule in found), "published flows can be published"


def test_every_real_flow_can_be_drawn_with_each_of_its_actions(flows: list[Path]) -> None:
    for path in flows:
        flow = Flow.load(path)
        svg = ElementTree.fromstring(draw_flow(flow))
        shown = [
            group for group in svg.iter("{http://www.w3.org/2000/svg}g") if "action" in group.get("class", "").split()
        ]
        assert len(shown) == len(flow.actions), path.name
