"""docs/data-actions.md shows what the commands really print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from architect.action_commands import action
from architect.emulator.choices import CHOICES, choices_table
from architect.linter.documentation import documented, rules_table
from tests.unit.emulator.loopback import running_service

PAGE = (Path(__file__).parents[3] / "docs" / "data-actions.md").read_text()
NAME = "find-customer.custom.json"


def block(name: str) -> str:
    (found,) = re.findall(rf"<!-- {name} -->\n```\w*\n(.*?)```\n<!-- /{name} -->", PAGE, re.DOTALL)
    return str(found)


def shown(*arguments: str) -> str:
    return f"$ callspan action {' '.join(arguments)}\n{CliRunner().invoke(action, list(arguments)).output}"


@pytest.fixture(autouse=True)
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path(NAME)
    path.write_text(block("example"))
    return path


def test_the_tables_are_up_to_date() -> None:
    assert documented(PAGE) == PAGE, "run: python -m architect.linter.documentation docs/data-actions.md"
    assert rules_table() in PAGE
    assert choices_table(CHOICES.values()) in PAGE


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="<!-- choices -->"):
        documented("<!-- rules --><!-- /rules -->")


def test_what_lint_prints() -> None:
    assert shown("lint", NAME) == block("lint")


def test_what_fix_prints_and_that_nothing_is_left() -> None:
    assert shown("lint", "--fix", NAME) == block("fix")


def test_what_run_prints(example: Path) -> None:
    shown("lint", "--fix", NAME)
    with running_service() as service:
        service.answers(body={"customer": {"tier": "gold"}})
        arguments = ("--input", "phone=41441234567", "--input", "name=Anna", "--base-url", service.url)
        printed = shown("run", NAME, *arguments)
    assert printed.replace(service.url, "http://127.0.0.1:8080") == block("run")


def test_what_diff_prints(example: Path) -> None:
    new = example.read_text().replace('"tier": { "type": "string" }', '"tier": { "type": "integer" }')
    Path("find-customer-2.custom.json").write_text(new.replace("/v1/search", "/v2/search"))
    assert shown("diff", NAME, "find-customer-2.custom.json") == block("diff")
