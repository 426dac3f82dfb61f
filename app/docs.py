"""The tables of the documents that are generated from the settings and the contracts.

`python -m app.docs FILE...` writes each between its two marks; a test fails when one is out of date.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from app.config import REQUIRED, Settings
from app.metrics import METRICS
from architect.markdown import table, with_block
from schemas import CONTRACTS, Contract
from schemas.conversation_attributes import AttributeReport, WriteAttributes


def tables() -> dict[str, str]:
    """Return every table as Markdown, by the name of its marks."""
    return {
        "settings": _settings(),
        "metrics": _metrics(),
        "attributes": _attributes(),
        "actions": "\n\n".join(_action(contract) for contract in CONTRACTS),
    }


def with_tables(document: str) -> str:
    """Return a Markdown document with those of the tables that it has marks for written again."""
    for name, text in tables().items():
        if f"<!-- {name} -->" in document:
            document = with_block(document, name, text)
    return document


def _settings() -> str:
    rows = []
    for field in dataclasses.fields(Settings):
        default = field.metadata["default"]
        shown = "required" if default is REQUIRED else f"`{default}`" if default else "-"
        rows.append((f"`{field.metadata['name']}`", shown, field.metadata["doc"]))
    return table(("variable", "default", "meaning"), rows)


def _metrics() -> str:
    rows = []
    for metric in METRICS:
        tags = [f"`{tag}`" for tag in metric.tags] + (["yours"] if metric.user_tags else [])
        rows.append((f"`{metric.name}`", metric.kind, metric.unit, ", ".join(tags) or "-", metric.meaning))
    return table(("metric", "type", "unit", "tags", "meaning"), rows)


def _attributes() -> str:
    rows = [
        (f"`{field.data_key or name}`", side, field.metadata["description"])
        for side, schema in (("in", WriteAttributes()), ("out", AttributeReport()))
        for name, field in schema.fields.items()
    ]
    return table(("name", "", "meaning"), rows)


def _action(contract: Contract) -> str:
    inputs = [(f"`{name}`", "in", field.metadata["description"]) for name, field in contract.input_names().items()]
    outputs = [(f"`{name}`", "out", field.metadata["description"]) for name, field in contract.outputs.fields.items()]
    fields = table(("name", "", "meaning"), [*inputs, *outputs])
    return f"## {contract.name}\n\n{contract.summary}\n\n{fields}"


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(with_tables(path.read_text()))
