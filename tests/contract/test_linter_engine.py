"""What the linter says of a file is what the whole engine does with it, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from architect.emulator.engine import Engine
from architect.emulator.export import DataAction
from architect.linter.samples import ordinary
from tests.unit.emulator.loopback import Service, running_service
from tests.unit.linter.cases import CASES
from tests.unit.linter.files import lint, text

CREDENTIALS = {"hook": "https://service.example.com/hook"}
ORGANIZATION = "5c1e2f7a-6d8b-4c7d-9f0e-2b3a4c5d6e7f"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running_service() as service:
        yield service


def finding(rule: str) -> Any:
    return next(each for each in lint(CASES[rule][0]) if each.rule.id == rule)


def run(service: Service, document: dict[str, Any], inputs: dict[str, Any], answer: object) -> Any:
    service.answers(body=answer)
    with Engine(organization_id=ORGANIZATION, base_url=service.url, credentials=CREDENTIALS) as engine:
        return engine.execute(DataAction.parse(text(document)), inputs)


@pytest.mark.parametrize("rule", ["optional-input", "undeclared-input", "unknown-macro", "unknown-variable"])
def test_the_engine_fails_with_the_error_that_was_shown(service: Service, rule: str) -> None:
    inputs = {} if rule == "optional-input" else {"phone": "sample"}
    execution = run(service, CASES[rule][0], inputs, {"customer": {"name": "Anna"}})
    assert execution.path == "failure"
    assert execution.report.error == finding(rule).shown


@pytest.mark.parametrize("rule", ["default-not-json", "default-breaks-contract", "missing-default", "no-match-breaks"])
def test_the_engine_fails_on_an_answer_without_the_field(service: Service, rule: str) -> None:
    execution = run(service, CASES[rule][0], {"phone": "1"}, {"list": []})
    assert execution.path == "failure"
    assert execution.report.error == finding(rule).shown


@pytest.mark.parametrize("rule", ["unmapped-variable", "result-not-json", "result-breaks-contract", "quoted-variable"])
def test_the_engine_fails_on_an_ordinary_answer(service: Service, rule: str) -> None:
    assert run(service, CASES[rule][0], {"phone": "1"}, {"name": "text"}).path == "failure"


def test_the_service_gets_the_broken_body_that_was_shown(service: Service) -> None:
    shown = finding("unescaped-json")
    run(service, CASES["unescaped-json"][0], json.loads(shown.trigger), {})
    assert service.last.body.decode() == shown.shown.splitlines()[0]


def runnable(near: Any) -> bool:
    """Tell whether the engine should run a file: another rule may find an error in it, or it needs an auth action."""
    if isinstance(near, bytes) or near["actionType"] == "customAuth" or "authResponse" in str(near):
        return False
    return all(each.rule.severity != "error" for each in lint(near))


@pytest.mark.parametrize("rule", [rule for rule, (_, near) in CASES.items() if runnable(near)])
def test_the_file_that_comes_near_runs(service: Service, rule: str) -> None:
    near = CASES[rule][1]
    schema = near["contract"]["input"]["inputSchema"]
    values = {name: ordinary(schema["properties"][name]) for name in schema.get("required", [])}
    execution = run(service, near, values, {"name": "text", "customer": {"name": "text"}, "dd": {"id": "1"}})
    failed = [each.name for each in execution.report.operations if not each.success]
    assert not [name for name in failed if name == "Validate draft definition" or "template" in name]
