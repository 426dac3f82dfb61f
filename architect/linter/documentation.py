"""The tables of docs/data-actions.md that are generated, and `python -m architect.linter.documentation FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from architect.emulator.choices import CHOICES, choices_table
from architect.linter.rules import RULES
from architect.markdown import table, with_block


def rules_table() -> str:
    """Give the rules as a Markdown table."""
    head = ("rule", "severity", "what is wrong", "what comes of it", "source")
    return table(head, [(f"`{rule.id}`", rule.severity, rule.title, rule.why, rule.source) for rule in RULES.values()])


def documented(page: str) -> str:
    """Give the page with its tables as they are now. Raises ValueError when it has no place for one."""
    return with_block(with_block(page, "rules", rules_table()), "choices", choices_table(CHOICES.values()))


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(documented(target.read_text()))
