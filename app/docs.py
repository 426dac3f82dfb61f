"""The tables of the README that are generated from the settings and the contracts.

`python -m app.docs README.md` writes each between its two marks; a test fails when one is out of date.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

from app.config import REQUIRED, Settings
from schemas import START_CALL_TRACE


def tables() -> dict[str, str]:
    """Return every table as Markdown, by the name of its marks."""
    return {"settings": _settings(), "inputs": _inputs(), "outputs": _outputs()}


def with_tables(document: str) -> str:
    """Return a Markdown document with the tables between `<!-- name -->` and `<!-- /name -->` written again.

    Raises:
        ValueError: when a table has no marks.

    """
    for name, table in tables().items():
        before, start, rest = document.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        if not start or not end:
            raise ValueError(f"the marks <!-- {name} --> and <!-- /{name} --> are missing")
        document = f"{before}{start}{table}\n{end}{after}"
    return document


def _settings() -> str:
    rows = []
    for field in dataclasses.fields(Settings):
        default = field.metadata["default"]
        shown = "required" if default is REQUIRED else f"`{default}`" if default else "-"
        rows.append((f"`{field.metadata['name']}`", shown, field.metadata["doc"]))
    return _table(("variable", "default", "meaning"), rows)


def _inputs() -> str:
    inputs = START_CALL_TRACE.input_names().items()
    return _table(("input", "meaning"), [(f"`{name}`", field.metadata["description"]) for name, field in inputs])


def _outputs() -> str:
    outputs = START_CALL_TRACE.outputs.fields.items()
    return _table(("output", "meaning"), [(f"`{name}`", field.metadata["description"]) for name, field in outputs])


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows))


if __name__ == "__main__":
    readme = Path(sys.argv[1])
    readme.write_text(with_tables(readme.read_text()))
