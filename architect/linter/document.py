"""One file: its text, where things stand in it, and edits that leave everything else as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from architect.emulator.json_position import line_and_column
from architect.linter.spans import Parts, Span, spans

BOM = "\ufeff"
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the text between two offsets."""

    start: int
    end: int
    text: str


class Document:
    """A JSON file. `text` is without the byte order mark; offsets are into it, in characters."""

    def __init__(self, text: str, *, name: str) -> None:
        self.has_bom = text.startswith(BOM)
        self.text = text.removeprefix(BOM)
        self.name = name

    @cached_property
    def _spans(self) -> dict[Parts, Span]:
        return spans(self.text)

    def has(self, parts: Parts) -> bool:
        """Tell whether there is a value under these pointer parts."""
        return parts in self._spans

    def position(self, parts: Parts, at: int | None = None) -> tuple[int, int] | None:
        """Give line and column, 1-based, of a key, or of character `at` of the string value under it."""
        known = parts
        while known not in self._spans and known:
            known = known[:-1]
        if known not in self._spans:
            return None
        offset = self._spans[known].key
        if at is not None and known == parts:
            offset = self._within(parts, at)
        return line_and_column(self.text, offset)

    def replace_in_string(self, parts: Parts, start: int, end: int, text: str) -> Edit:
        """Replace characters `start` to `end` of a string value."""
        return Edit(self._within(parts, start), self._within(parts, end), _literal(text)[1:-1])

    def replace_value(self, parts: Parts, value: object) -> Edit:
        """Replace a whole value."""
        span = self._spans[parts]
        return Edit(span.start, span.end, _literal(value))

    def insert_after(self, parts: Parts, key: str, value: object) -> Edit:
        """Insert a member behind another one, on a line of its own when that one has."""
        span = self._spans[parts]
        before = self.text[: span.key]
        indent = before[len(before.rstrip(" \t")) :]
        newline = "\r\n" if "\r\n" in self.text else "\n"
        gap = newline + indent if before.rstrip(" \t").endswith("\n") else " "
        return Edit(span.end, span.end, f",{gap}{json.dumps(key)}: {json.dumps(value)}")

    def edited(self, edits: Iterable[Edit]) -> str:
        """Give the whole file with as many of the edits made as do not overlap; those given first win."""
        made: list[Edit] = []
        for edit in edits:
            if edit in made or all(edit.end <= other.start or other.end <= edit.start for other in made):
                made.append(edit)
        text = self.text
        for edit in sorted(set(made), reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text

    def _within(self, parts: Parts, at: int) -> int:
        """Give the offset in the file of a character of a string value, escapes counted."""
        span = self._spans[parts]
        offset = span.start + 1
        for _ in range(at):
            found = _CHARACTER.match(self.text, offset, span.end - 1)
            if found is None:
                break
            offset = found.end()
        return offset


def _literal(value: object) -> str:
    """Write JSON with its characters as they are, except halves of surrogate pairs, which no file can hold."""
    return re.sub(r"[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", json.dumps(value, ensure_ascii=False))
