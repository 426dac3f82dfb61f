"""Where every value of a well-formed JSON text stands, found in one pass without recursion."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+', re.DOTALL)

Parts = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Offsets of a value and of what names it: `key` is where its key starts, or the value itself in an array."""

    key: int
    start: int
    end: int


@dataclass(slots=True)
class _Level:
    parts: Parts
    key_offset: int
    start: int
    is_object: bool
    key: str | int | None = None
    member_offset: int = 0


def spans(text: str) -> dict[Parts, Span]:
    """Index a JSON text by pointer parts; the whole document is (). Of a key given twice the last value counts."""
    found: dict[Parts, Span] = {}
    levels: list[_Level] = []
    awaiting_key = False
    for token in _TOKEN.finditer(text):
        mark, offset = token[0], token.start()
        level = levels[-1] if levels else None
        if mark in "}]":
            closed = levels.pop()
            found[closed.parts] = Span(closed.key_offset, closed.start, token.end())
            awaiting_key = False
        elif mark == ",":
            assert level is not None  # noqa: S101 - the text is JSON
            if level.is_object:
                awaiting_key = True
            else:
                level.key = int(level.key or 0) + 1
        elif mark == ":":
            continue
        elif awaiting_key and level is not None:
            level.key, level.member_offset, awaiting_key = json.loads(mark), offset, False
        else:
            parts = (*level.parts, _named(level)) if level else ()
            key_offset = level.member_offset if level and level.is_object else offset
            if mark in "{[":
                levels.append(_Level(parts, key_offset, offset, is_object=mark == "{"))
                awaiting_key = mark == "{"
            else:
                found[parts] = Span(key_offset, offset, token.end())
    return found


def _named(level: _Level) -> str | int:
    if level.key is None:
        level.key = 0
    return level.key
