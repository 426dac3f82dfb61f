"""How wide a text is, without a font at hand: by the widths of Helvetica, which what it is shown in comes close to."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_WIDTHS = {
    0.24: "ijl'|",
    0.29: " !,./:;\\ftI[]",
    0.34: "r()-\u201c\u201d",
    0.37: '"{}',
    0.5: "cksvxyzJ*^",
    0.6: "+<=>~FTZ",
    0.67: "AEBKPSVXY&",
    0.73: "CDHNRUw",
    0.78: "GOQ",
    0.84: "mM",
    0.95: "W%",
    1.02: "@\u2026\u2014",
}
_WIDTH = {character: width for width, characters in _WIDTHS.items() for character in characters}
_OTHER, _WIDE, _BOLD = 0.57, 1.05, 1.07


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line of this font size, in the same unit."""
    return sum(map(_character_width, text)) * size * (_BOLD if bold else 1)


def fitted(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """Return the text, cut at its end where it would be too wide."""
    text = " ".join(text.split())
    if text_width(text, size, bold=bold) <= room:
        return text
    while text and text_width(text + "\u2026", size, bold=bold) > room:
        text = text[:-1]
    return text.rstrip() + "\u2026"


def wrapped(text: str, size: float, room: float, lines: int, *, bold: bool = False) -> list[str]:
    """Return the text as at most so many lines, the last one cut where there is more."""
    rest = " ".join(text.split())
    found: list[str] = []
    while rest and len(found) < lines - 1 and text_width(rest, size, bold=bold) > room:
        at = _break(rest, size, room, bold=bold)
        found.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*found, fitted(rest, size, room, bold=bold)] if rest else found


def _break(text: str, size: float, room: float, *, bold: bool) -> int:
    """Return where the first line ends: after the last word that fits, or inside a word longer than the line."""
    end = 1
    while end < len(text) and text_width(text[: end + 1], size, bold=bold) <= room:
        end += 1
    blank = text.rfind(" ", 1, end + 1)
    return blank if blank > 0 else end


def _character_width(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    return _WIDTH.get(character, _OTHER if character.isascii() or character.islower() else 0.75)
