"""The tables of the documents that are generated from the settings and the contracts.

`python -m app.docs FILE...` writes each between its two marks; a test fails when one is out of date.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

from app.config import REQUIRED, Settings
from schemas import CONTRACTS, Contract


def tables() -> dict[str, str]:
    """Return every table as Markdown, by the name of its marks."""
    return {"settings": _settings(), "actions": "\n\n".join(_action(contract) for contract in CONTRACTS)}


def with_tables(document: str) -> str:
    """Return a Markdown document with each table between `<!-- name -->` and `<!-- /name -->` written again."""
    for name, table in tables().items():
        before, start, rest = document.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        if start and end:
            document = f"{before}{start}{table}\n{end}{after}"
    return document


def _settings() -> str:
    rows = []
    for field in dataclasses.fields(Settings):
        default = field.metadata["default"]
        shown = "required" if default is REQUIRED else f"`{default}`" if default else "-"
        rows.append((f"`{field.metadata['name']}`", shown, field.metadata["doc"]))
    return _table(("variable", "default", "meaning"), rows)


def _action(contract: Contract) -> str:
    inputs = [(f"`{name}`", "in", field.metadata["description"]) for name, field in contract.input_names().items()]
    outputs = [(f"`{name}`", "out", field.metadata["description"]) for name, field in contract.outputs.fields.items()]
    table = _table(("name", "", "meaning"), [*inputs, *outputs])
    return f"## {contract.name}\n\n{contract.summary}\n\n{table}"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows))


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(with_tables(path.read_text()))
