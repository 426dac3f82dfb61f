"""Lines for a terminal: wrapped to its width, and coloured where that is wanted."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

import click

Segment = tuple[str, str | None]
"""A piece of text and its colour."""

Line = list[Segment]
_WIDTH_WITHOUT_TERMINAL = 120


def labelled(label: Sequence[Segment], text: str) -> list[Line]:
    """Return a text beside its label, wrapped so that it stays beside it."""
    indent = sum(len(piece) for piece, _ in label)
    terminal = sys.stdout.isatty() or "COLUMNS" in os.environ
    width = shutil.get_terminal_size().columns if terminal else _WIDTH_WITHOUT_TERMINAL
    first, *rest = textwrap.wrap(text, max(width - indent, 40), break_long_words=False, break_on_hyphens=False) or [""]
    lines: list[Line] = [[*label, (first, None)]]
    return lines + [[(" " * indent + line, None)] for line in rest]


def echo_lines(lines: Iterable[Line]) -> None:
    """Print lines, in colour on a terminal unless NO_COLOR is set (no-color.org)."""
    colour = False if os.environ.get("NO_COLOR") else None
    for line in lines:
        click.echo("".join(click.style(text, fg=fg) if fg else text for text, fg in line).rstrip(), color=colour)
