"""What a run of a data action has to say, step by step, as Genesys' test mode does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from architect.emulator.choices import Choice
from architect.emulator.json_text import Json, dumps

STEP_NAMES = (
    "Validate request body contains simple json (key-value pairs)",
    "Validate draft definition",
    "Validate request body against simple input schema",
    "Perform authentication",
    "Resolve request URL template",
    "Resolve request header templates",
    "Resolve request body template",
    "Execute",
    "Resolve translation map",
    "Apply output transformation",
    "Validate output against output schema",
    "Flatten output",
)
"""The ten steps of Genesys' test mode, and the two that follow them. The last is absent unless asked for."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One step: its number from 1, and either its result or its error. Secrets in them are already masked."""

    step: int
    name: str
    success: bool
    result: Json = None
    error: str | None = None

    def as_dict(self) -> dict[str, Json]:
        """Give the step under the API's names."""
        return {
            "step": self.step,
            "name": self.name,
            "success": self.success,
            "result": self.result,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Every step that was taken; the run stops at the first that fails.

    `final_result` is the transformed output, flattened if that was asked for; None after a failure. Of a
    `confidential` one, an auth action's, `text()` shows only the names of its fields.
    """

    operations: tuple[Operation, ...]
    success: bool
    final_result: Json = None
    error: str | None = None
    choices: Sequence[Choice] = ()
    confidential: bool = False

    def as_dict(self) -> dict[str, Json]:
        """Give the report as the API's TestExecutionResult."""
        return {
            "operations": [operation.as_dict() for operation in self.operations],
            "finalResult": self.final_result,
            "success": self.success,
            "error": self.error,
        }

    def text(self) -> str:
        """Give the report for reading."""
        lines = []
        for operation in self.operations:
            lines.append(f"{operation.step:2}. {operation.name}: {'ok' if operation.success else 'FAILED'}")
            detail = operation.error if operation.error is not None else _shown(operation.result)
            lines += [f"      {line}" for line in detail.splitlines()]
        shown = field_names(self.final_result) if self.confidential else _shown(self.final_result)
        lines.append(f"Result: {shown}" if self.success else f"Failed: {self.error}")
        if self.choices:
            lines.append("This depends on what Genesys does not document:")
            lines += [f"  {choice.id}: {choice.unknown}. Here: {choice.chosen}." for choice in self.choices]
        return "\n".join(lines)

    __str__ = text


def field_names(value: Json) -> str:
    """Say what a confidential result consists of, and nothing of what is in it."""
    return "(" + (", ".join(value) if isinstance(value, dict) else "not an object") + ")"


def _shown(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else dumps(value)
