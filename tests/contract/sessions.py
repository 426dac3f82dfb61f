"""Commands in the pages, with what they are shown to print, and how that is compared with what they print.

A line `...` in what is shown stands for any lines, `...` within a line for any text. Times, kids and the bars of a
timeline may differ, and its spans may change places.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.contract.pages import Block

RUNNABLE = re.compile(
    r"callspan |make |curl |heroku |git |docker |archy |pip |terraform |export |cp |tr |eval |_CALLSPAN|DD_API"
)


@dataclass(frozen=True)
class Shown:
    """A command, and the lines that a page shows of what it prints; None where it shows nothing."""

    block: Block
    command: str
    output: list[str] | None


def shown(block: Block) -> list[Shown]:
    """Return the commands of a block, none if it is something else."""
    lines = re.sub(r" *\\\n *", " ", block.text).splitlines()
    if block.language in ("sh", "diff", "") and any(line.startswith("$ ") for line in lines):
        starts = [index for index, line in enumerate(lines) if line.startswith("$ ")]
        ends = [*starts[1:], len(lines)]
        return [
            Shown(block, lines[start][2:], lines[start + 1 : end] or None)
            for start, end in zip(starts, ends, strict=True)
        ]
    if block.language == "sh":  # a script
        return [Shown(block, lines[0], None)]
    if block.language == "" and lines and all(RUNNABLE.match(line) for line in lines):
        return [Shown(block, line.partition("  #")[0].strip(), None) for line in lines]
    return []


def normal(line: str) -> str:
    """Return a line without what differs each time: times, and how a timeline's bars are drawn."""
    line = re.sub(r"\d+m \d\ds|\d+(\.\d+)? m?s\b", "TIME", line)
    line = re.sub(r"\bk\d{8}\w{4}:", "KEY:", line)
    return re.sub(r" +", " ", re.sub(r"[━▓◆·]+", "BAR", line)).rstrip()


def matches(shown: str, printed: str) -> bool:
    parts = map(re.escape, normal(shown).split("..."))
    return re.fullmatch(".*".join(parts), normal(printed)) is not None


def difference(output: list[str], printed: str) -> str:
    """Return the first line that was not printed in its place, or "". Spans of a timeline may change places."""
    lines = printed.splitlines()
    place, anywhere = 0, False
    for line in output:
        if line.strip() == "...":
            anywhere = True
        elif line.startswith(("├", "│", "└")):
            if not any(matches(line, each) for each in lines):
                return line
            anywhere = True
        else:
            found = next((at for at in range(place, len(lines)) if matches(line, lines[at])), None)
            if found is None or (found > place and not anywhere):
                return line
            place, anywhere = found + 1, False
    return "" if anywhere or place == len(lines) else f"nothing, where it goes on: {lines[place]}"
