"""The project's pages in Markdown, and what tests look at in them: headings, links, blocks of code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/*.md", "*/README.md", "*/*/README.md")
    for path in ROOT.glob(pattern)
    if not any(part.startswith(".") or part == "node_modules" for part in path.relative_to(ROOT).parts)
)

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[(?:[^\[\]]|!\[[^\]]*\]\([^)]*\))*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A block of code between fences: where it stands, its language or "", and its text without its indentation."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        """Return where it stands."""
        return f"{self.page}:{self.line}"


def text_of(page: Path) -> str:
    """Return a page's text."""
    return (ROOT / page).read_text()


def blocks(page: Path) -> list[Block]:
    """Return a page's blocks of code, in their order."""
    text = text_of(page)
    found = []
    for match in _FENCE.finditer(text):
        indent = len(match["indent"])
        lines = "".join(f"{line[indent:]}\n" for line in match["text"].splitlines())
        found.append(Block(page, text.count("\n", 0, match.start()) + 1, match["language"], lines))
    return found


def links(page: Path) -> list[str]:
    """Return where a page's links and pictures lead to, those in blocks of code aside."""
    prose = _FENCE.sub("", text_of(page))
    return _LINK.findall(prose) + re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", prose)


def anchors(page: Path) -> set[str]:
    """Return what links may name after `#`: headings as GitHub and GitLab write them."""
    found: list[str] = []
    for heading in re.findall(r"^#{1,6} (.+?) *$", _FENCE.sub("", text_of(page)), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        found.append(f"{slug}-{found.count(slug)}" if slug in found else slug)
    return set(found)
