"""What happened to a call in a flow, step by step, and what was on the call in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from architect.emulator.json_text import Json
from architect.expressions import NOT_SET, Entity

_WIDTH = 400


@dataclass(slots=True)
class Step:
    """One action that ran. `path` is the output path it took, "" where it has none; `told` explains, line by line."""

    kind: str
    name: str
    line: int
    depth: int
    path: str = ""
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Lost:
    """A write from outside that the flow overwrote when it ended."""

    name: str
    outside: str
    flow: str


@dataclass(slots=True)
class Transcript:
    """The course of one call.

    `ending` says how it ended; `in_order` is False when the flow's error handling had to end it. `seen_by_flow` is the
    participant data as the flow saw it last, `stored` what the platform shows afterwards, and `visible` what it showed
    just before the flow ended.
    """

    flow: str
    flow_type: str
    steps: list[Step] = field(default_factory=list)
    ending: str = ""
    in_order: bool = False
    error: str | None = None
    variables: dict[str, object] = field(default_factory=dict)
    seen_by_flow: dict[str, str] = field(default_factory=dict)
    visible: dict[str, str] = field(default_factory=dict)
    stored: dict[str, str] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)

    def paths(self, name: str) -> list[str]:
        """Give the output paths that the action of this name took, one for each time it ran."""
        return [step.path for step in self.steps if step.name == name]

    def as_dict(self) -> dict[str, Json]:
        """Give the transcript for JSON."""
        return {
            "flow": self.flow,
            "flowType": self.flow_type,
            "steps": [
                {
                    "kind": step.kind,
                    "name": step.name,
                    "line": step.line,
                    "depth": step.depth,
                    "path": step.path or None,
                    "told": list(step.told),
                }
                for step in self.steps
            ],
            "ending": self.ending,
            "inOrder": self.in_order,
            "error": self.error,
            "variables": {name: as_json(value) for name, value in self.variables.items()},
            "participantDataBeforeTheEnd": dict(self.visible),
            "participantData": dict(self.stored),
            "lost": [{"name": each.name, "outside": each.outside, "flow": each.flow} for each in self.lost],
        }

    def text(self) -> str:
        """Give the transcript for reading."""
        lines = [f"{self.flow} ({self.flow_type})", ""]
        for step in self.steps:
            indent = "  " * step.depth
            path = f" -> {step.path}" if step.path else ""
            lines.append(f"{step.line:5}  {indent}{step.kind} {step.name!r}{path}")
            lines += [f"       {indent}    {_shortened(each)}" for each in step.told]
        lines += ["", f"Ended: {self.ending}" + ("" if self.in_order else " (not in order)")]
        if self.error is not None:
            lines.append(f"Error: {self.error}")
        lines += _table("Variables", {name: shown(value) for name, value in self.variables.items()})
        if self.visible != self.stored:
            lines += _table("Participant data in the cloud while the flow ran", self.visible)
        lines += _table("Participant data in the cloud", self.stored)
        lines += [
            f"Lost: {each.name} = {each.outside!r}, written over REST, when the flow ended with {each.flow!r}"
            for each in self.lost
        ]
        return "\n".join(lines)

    __str__ = text


def shown(value: object) -> str:
    """Give a value of Architect's for reading: text in quotes."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Entity):
        return f"{value.type} {value.properties.get('name', '')}".strip()
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    return str(value) if value is not NOT_SET else "NOT_SET"


def as_json(value: object) -> Json:
    """Give a value of Architect's for JSON: NOT_SET is null, and what JSON has no word for is text."""
    if value is NOT_SET or value is None:
        return None
    if isinstance(value, list):
        return [as_json(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    return value if isinstance(value, str | bool | int | Decimal) else shown(value)


def _table(title: str, rows: Mapping[str, str]) -> list[str]:
    width = max(map(len, rows), default=0)
    return ["", f"{title}:", *(f"  {name:<{width}}  {_shortened(text)}" for name, text in rows.items())] if rows else []


def _shortened(text: str) -> str:
    line = text.replace("\n", "\\n")
    return line if len(line) <= _WIDTH else f"{line[:_WIDTH]}..."
