"""One finding: a rule, a place, and the proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from architect.emulator.json_position import pointer
from architect.linter.document import Document, Edit
from architect.linter.rule import Rule
from architect.linter.rules import RULES
from architect.linter.spans import Parts


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a file breaks.

    `problem` is written for the author of the action; `trigger` is the input or answer that shows it, empty when any
    does; `shown` is what the engine, or Genesys' own check, makes of it; `remedy` says what to write instead. `edits`
    repair it, where there is exactly one right answer. Line and column are 1-based, None when the place is missing.
    """

    rule: Rule
    file: str
    parts: Parts
    line: int | None
    column: int | None
    problem: str
    trigger: str
    shown: str
    remedy: str
    edits: tuple[Edit, ...] = field(default=(), repr=False)

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer (RFC 6901); the whole file is the empty string."""
        return pointer(self.parts)

    def as_dict(self) -> dict[str, object]:
        """Give the finding for JSON."""
        return {
            "rule": self.rule.id,
            "severity": self.rule.severity,
            "file": self.file,
            "pointer": self.pointer,
            "line": self.line,
            "column": self.column,
            "problem": self.problem,
            "trigger": self.trigger,
            "shown": self.shown,
            "remedy": self.remedy,
            "fixable": bool(self.edits),
        }


def found(  # noqa: PLR0913 - the parts of a finding, by keyword
    rule: str,
    document: Document,
    parts: Parts,
    problem: str,
    *,
    shown: str,
    remedy: str,
    trigger: str = "",
    at: int | None = None,
    edits: Sequence[Edit] = (),
) -> Finding:
    """Make a finding. `at` is the character of a string value that is to blame."""
    place = document.position(parts, at)
    line, column = place or (None, None)
    return Finding(RULES[rule], document.name, parts, line, column, problem, trigger, shown, remedy, tuple(edits))
