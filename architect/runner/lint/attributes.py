"""Checks on what is written to a call."""

from __future__ import annotations

from collections.abc import Iterator

from architect.linter.finding import Finding
from architect.runner.lint.bench import Bench
from architect.runner.source import Record, Scalar

MAX_VALUE = 256
"""The longest value that a bot flow can write (Genesys, "Set Participant Data action")."""


def attributes(bench: Bench) -> Iterator[Finding]:
    """Check names and literal values of participant data that is written."""
    for action in bench.flow.actions:
        if action.kind not in {"setParticipantData", "setConversationData"}:
            continue
        for index, item in enumerate(action.body.sequence("attributes")):
            record = item if isinstance(item, Record) else Record({}, {}, item.place)
            name, value = record.get("attribute", "name", "lit"), record.get("attribute", "value", "lit")
            parts = (*action.parts, "attributes", index, "attribute")
            if isinstance(name, Scalar) and "." in name.text:
                yield bench.finding(
                    "participant-data-name-dotted",
                    name.place,
                    f"`{name.text}` has a dot in it.",
                    remedy=f"Write {name.text.replace('.', '_')}, or write both.",
                    parts=(*parts, "name"),
                )
            if isinstance(value, Scalar) and len(value.text) > MAX_VALUE:
                yield bench.finding(
                    "participant-data-too-long",
                    value.place,
                    f"This value is {len(value.text)} characters long.",
                    remedy=f"Keep it under {MAX_VALUE + 1}.",
                    parts=(*parts, "value"),
                )
