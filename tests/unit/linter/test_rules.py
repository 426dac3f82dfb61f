from __future__ import annotations

import pytest

from architect.linter.rules import RULES
from tests.unit.linter.cases import CASES
from tests.unit.linter.files import action, lint, rules


def test_the_clean_action_has_no_findings() -> None:
    assert lint(action()) == []


def test_every_rule_has_a_case() -> None:
    assert CASES.keys() == RULES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_a_file_that_breaks_the_rule_is_found(rule) -> None:
    assert rule in rules(CASES[rule][0])


@pytest.mark.parametrize("rule", CASES)
def test_a_file_that_comes_near_is_not(rule) -> None:
    assert rule not in rules(CASES[rule][1])


@pytest.mark.parametrize("rule", CASES)
def test_a_finding_says_where_what_shows_it_and_what_to_write(rule) -> None:
    (finding,) = [each for each in lint(CASES[rule][0]) if each.rule.id == rule][:1]
    assert finding.problem
    assert finding.shown
    assert finding.remedy
    assert finding.line is not None
    assert finding.column is not None


def test_rule_names_are_kebab_case_and_their_sources_are_named() -> None:
    for rule in RULES.values():
        assert rule.id == rule.id.lower().replace("_", "-").replace(" ", "-")
        assert rule.title
        assert rule.why
        assert rule.source
