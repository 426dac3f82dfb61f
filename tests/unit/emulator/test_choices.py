from __future__ import annotations

import ast
from pathlib import Path

import pytest

from architect.emulator.choices import CHOICES, ChoiceLog
from architect.emulator.engine import Engine
from architect.emulator.transport import MAX_RESPONSE_BYTES

from .conftest import action
from .loopback import Service

PACKAGE = Path(__file__).parents[3] / "architect" / "emulator"


def test_a_choice_that_does_not_exist_cannot_be_noted() -> None:
    with pytest.raises(KeyError):
        ChoiceLog().note("no-such-choice")


def test_a_report_lists_the_choices_its_result_depends_on(engine: Engine, service: Service) -> None:
    report = engine.test(action(method="DELETE", headers={"Accept": "application/json"}), {"price": 1.5})
    assert [choice.id for choice in report.choices] == ["decimal-text", "request-bodies"]
    assert "decimal-text: how a decimal number is written into a template. Here: " in str(report)


def test_a_run_that_depends_on_none_says_so_by_silence(engine: Engine) -> None:
    report = engine.test(action(headers={"Accept": "application/json", "Content-Type": "application/json"}), {})
    assert report.choices == ()
    assert "does not document" not in str(report)


def test_every_choice_is_named_where_it_is_made() -> None:
    """A choice that no code notes would be documentation of nothing."""
    noted = {
        node.value
        for path in PACKAGE.glob("*.py")
        if path.name != "choices.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
    }
    assert [choice for choice in CHOICES if choice not in noted] == []


@pytest.mark.parametrize(
    ("changes", "choice"),
    [
        ({"body": "#foreach($i in [1])$i#end"}, "loops-refused"),
        ({"body": "${input.a.split(',')[0]}"}, "java-regular-expressions"),
        ({"url": "https://x.example/${input.a}"}, "url-characters"),
        ({"inputs": {"type": "object", "properties": {"a": {"type": "string", "format": "uri"}}}}, "contract-formats"),
        ({"body": "$esc.jsonEncode($input.a)"}, "json-escapes"),
        ({"body": "$esc.uriEncode($input.a)"}, "uri-encode"),
    ],
)
def test_the_choice_behind_a_result_is_found(engine: Engine, changes: dict[str, object], choice: str) -> None:
    assert choice in [each.id for each in engine.test(action(**changes), {"a": "x y"}).choices]


def test_a_response_beyond_the_chosen_size_is_refused(engine: Engine, service: Service) -> None:
    service.answers(body=b" " * (MAX_RESPONSE_BYTES + 1))
    report = engine.test(action(), {})
    assert "longer than 10000000 bytes" in (report.error or "")
    assert "response-size" in [choice.id for choice in report.choices]


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.name)
def test_the_emulator_stands_alone(path: Path) -> None:
    """It is held against the service, so it must not share the service's code."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    assert not {name for name in imported if name.split(".")[0] in {"app", "schemas", "tests"}}
