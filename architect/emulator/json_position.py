"""Where in a JSON text a value stands: JSON pointers (RFC 6901) to lines and columns, and back.

One pass over the text, without recursion. It follows well-formed JSON and, in a text that breaks off or goes wrong,
everything up to that place; whether the text is JSON at all is for `json_text.loads` to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+', re.DOTALL)


@dataclass(slots=True)
class _Level:
    """One open object or array: the key or index being read, and the keys seen."""

    is_object: bool
    key: str | int | None = None
    keys: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Place:
    """The start of one key or array item: its pointer parts, its offset, and whether its key was there before."""

    parts: tuple[str | int, ...]
    offset: int
    duplicate: bool


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both 1-based."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def pointer(parts: tuple[str | int, ...]) -> str:
    """Write pointer parts as a JSON pointer; the whole document is the empty string."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def first_duplicate(text: str) -> Place | None:
    """Find the first key that its object already has."""
    return next((place for place in _places(text) if place.duplicate), None)


def offset_of(text: str, parts: tuple[str | int, ...]) -> int | None:
    """Find where the key or item named by `parts` starts, or None when the text does not have it."""
    return next((place.offset for place in _places(text) if place.parts == parts), None)


def place_at(text: str, offset: int) -> tuple[str | int, ...]:
    """Name the innermost key or item begun before `offset`, for saying where broken JSON breaks."""
    parts: tuple[str | int, ...] = ()
    for place in _places(text[:offset]):
        parts = place.parts
    return parts


def _places(text: str) -> Iterator[Place]:
    levels: list[_Level] = []
    expects_key = False
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if levels and not levels[-1].is_object and levels[-1].key is None and mark not in ",]":
            levels[-1].key = 0
            yield Place(_parts(levels), token.start(), duplicate=False)
        elif levels and not levels[-1].is_object and expects_key and mark not in ",]":
            expects_key = False
            yield Place(_parts(levels), token.start(), duplicate=False)
        if mark in "{[":
            levels.append(_Level(is_object=mark == "{"))
            expects_key = mark == "{"
        elif mark in "}]":
            expects_key = False
            if levels:
                levels.pop()
        elif mark == "," and levels:
            expects_key = True
            if not levels[-1].is_object:
                levels[-1].key = int(levels[-1].key or 0) + 1
        elif expects_key and mark[0] == '"' and levels[-1].is_object:
            expects_key = False
            level = levels[-1]
            level.key = _text(mark)
            yield Place(_parts(levels), token.start(), duplicate=level.key in level.keys)
            level.keys.add(level.key)


def _parts(levels: list[_Level]) -> tuple[str | int, ...]:
    return tuple(level.key for level in levels if level.key is not None)


def _text(literal: str) -> str:
    try:
        text: str = json.loads(literal, strict=False)
    except ValueError:
        return literal[1:-1]
    return text
