"""The tables of docs/data-actions.md that are generated, and `python -m architect.linter.documentation FILE`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from architect.emulator.choices import CHOICES
from architect.linter.rules import RULES


def rules_table() -> str:
    """Give the rules as a Markdown table."""
    rows = [
        f"| `{rule.id}` | {rule.severity} | {_cell(rule.title)} | {_cell(rule.why)} | {_cell(rule.source)} |"
        for rule in RULES.values()
    ]
    return "\n".join(
        ["| rule | severity | what is wrong | what comes of it | source |", "| --- | --- | --- | --- | --- |", *rows]
    )


def choices_table() -> str:
    """Give the engine's choices as a Markdown table."""
    rows = [
        f"| `{choice.id}` | {_cell(choice.unknown)} | {_cell(choice.chosen)} | {_cell(choice.why)} |"
        for choice in CHOICES.values()
    ]
    return "\n".join(["| choice | not documented | here | because |", "| --- | --- | --- | --- |", *rows])


def documented(page: str) -> str:
    """Give the page with its tables as they are now. Raises ValueError when it has no place for one."""
    for name, table in (("rules", rules_table()), ("choices", choices_table())):
        place = re.search(f"<!-- {name} -->.*?<!-- /{name} -->", page, re.DOTALL)
        if place is None:
            raise ValueError(f"the page has no <!-- {name} --> ... <!-- /{name} -->")
        before, after = page[: place.start()], page[place.end() :]
        page = f"{before}<!-- {name} -->\n{table}\n<!-- /{name} -->{after}"
    return page


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(documented(target.read_text()))
