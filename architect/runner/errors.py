"""What can be wrong with the files the runner is given, as opposed to what a flow does with a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a flow file. `line` and `column` are 1-based; 1 and 1 for the file as a whole."""

    line: int
    column: int
    text: str


class FlowError(ValueError):
    """A flow file cannot be run. `problems` has at least one entry; the message shows all of them with their places."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{source}:{each.line}:{each.column}: {each.text}" for each in self.problems))


class ScenarioError(ValueError):
    """A scenario cannot be used: the message names the file or the field, what is wrong and what would be right."""
