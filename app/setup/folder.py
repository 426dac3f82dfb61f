"""The folder that `callspan init` writes, and writes again without harm.

A file of ours that somebody has edited since is left alone: the digest of what was written last tells.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from app.setup.questions import Answers

STATE = "answers.json"


class Folder:
    """Where the files are; `outcomes` tells what became of each, by its path in the folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.outcomes: dict[str, str] = {}
        state = json.loads(self.read(STATE) or "{}")
        self.answers: Answers = state.get("answers", {})
        self._written: dict[str, str] = state.get("written", {})

    def read(self, name: str) -> str:
        """Return what a file says, or "" where there is none."""
        try:
            return (self.path / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def generate(self, name: str, text: str) -> None:
        """Write a file that is all ours, unless it was edited since."""
        present = self.read(name)
        if present and present != text and _digest(present) != self._written.get(name):
            self.outcomes[name] = "edited, kept"
            return
        self._put(name, text, 0o666)
        self._written[name] = _digest(text)

    def merge(self, name: str, text: str) -> None:
        """Write a file of which `text` has kept what others put there."""
        self._put(name, text, 0o666)

    def keep_secret(self, name: str, text: str) -> None:
        """Write a file that only its owner may read, from the first moment that it exists."""
        self._put(name, text, 0o600)

    def remember(self, answers: Answers) -> None:
        """Keep the answers, and what was written, for the next time."""
        self.answers = answers
        self._put(STATE, json.dumps({"answers": answers, "written": self._written}, indent=2) + "\n", 0o666)

    def _put(self, name: str, text: str, mode: int) -> None:
        path = self.path / name
        present = self.read(name)
        too_open = mode == 0o600 and path.exists() and bool(path.stat().st_mode & 0o077)
        if present == text and path.exists() and not too_open:
            self.outcomes[name] = "unchanged"
            return
        self.outcomes[name] = "updated" if path.exists() else "created"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(path, text, mode)


def _replace(path: Path, text: str, mode: int) -> None:
    """Put a new file in the place of one that there may be, so that nobody ever sees half of it."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def summary(outcomes: Mapping[str, str]) -> str:
    """Return a line for each file."""
    width = max(map(len, outcomes.values()))
    return "\n".join(f"  {outcome:{width}}  {name}" for name, outcome in outcomes.items())
