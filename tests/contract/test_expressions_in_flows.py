"""The expressions of real flows, as they stand in their Archy YAML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from architect.expressions import Expression

UNSUPPORTED: dict[str, str] = {}
"""Expressions that cannot be read, and the construct that is missing. There is none."""

_SUBSTITUTION = re.compile(r"\{\{(\w+)\}\}|\$\{(\w+)\}")


def expressions(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "exp":
                yield value
            else:
                yield from expressions(value)
    elif isinstance(node, list):
        for item in node:
            yield from expressions(item)


@pytest.fixture
def flows(sample: Callable[[str], Path]) -> dict[str, list[str]]:
    """Every flow's expressions. Substitutions are carried out with their own names, as Archy does before it parses."""
    found: dict[str, list[str]] = {}
    for path in sorted(sample("archy").iterdir()):
        text = _SUBSTITUTION.sub(lambda name: name[1] or name[2], path.read_text(encoding="utf-8"))
        found[path.name] = list(expressions(yaml.load(text, Loader=yaml.BaseLoader)))
    return found


def test_every_expression_of_a_real_flow_is_read_and_checked(flows: dict[str, list[str]]) -> None:
    texts = [text for found in flows.values() for text in found if text not in UNSUPPORTED]
    assert len(flows) >= 20
    assert len(texts) >= 150
    for text in texts:
        Expression.parse(text).check()


def test_an_expression_of_a_real_flow_names_only_variables_with_a_scope(flows: dict[str, list[str]]) -> None:
    names = {name for found in flows.values() for text in found for name in Expression.parse(text).variables()}
    assert {name.partition(".")[0].lower() for name in names} == {
        "call", "chat", "common", "email", "flow", "message", "state", "task"
    }  # fmt: skip


def test_the_waiting_time_of_a_real_flow_is_taken_apart(flows: dict[str, list[str]]) -> None:
    """The longest chain of nested functions found in the field, evaluated with a time Architect would give."""
    texts = [text for found in flows.values() for text in found if "Task.EWT" in text]
    parts = [Expression.parse(text).evaluate({"Task.EWT": "PT1H20M5S"}) for text in texts]
    assert len(parts) == 3
    # FindString is 0-based and Substring takes a length, so that the letter itself comes along.
    assert parts == ["1H", "20M", "5S"]
