"""Repairs what has exactly one right answer, and proves it by linting the result."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from architect.emulator.transport import masked
from architect.linter.document import BOM, Document
from architect.linter.finding import Finding
from architect.linter.linting import lint_bytes, secrets_of

_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Repair:
    """A file before and after, with the findings of both. `after` equals `before` when there is nothing to repair."""

    name: str
    before: bytes
    after: bytes
    found: list[Finding]
    left: list[Finding]

    @property
    def changed(self) -> bool:
        """Whether anything was repaired."""
        return self.before != self.after

    @property
    def mended(self) -> list[Finding]:
        """The findings that are gone."""
        left = Counter(map(_identity, self.left))
        gone = []
        for finding in self.found:
            if left[_identity(finding)]:
                left[_identity(finding)] -= 1
            else:
                gone.append(finding)
        return gone

    def diff(self) -> str:
        """Give the change as a unified diff, secrets masked."""
        if not self.changed:
            return ""
        before, after = self.before.decode("utf-8"), self.after.decode("utf-8")
        text = "".join(
            line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
            for line in difflib.unified_diff(
                before.splitlines(keepends=True),
                after.splitlines(keepends=True),
                f"a/{self.name.lstrip('/')}",
                f"b/{self.name.lstrip('/')}",
            )
        )
        return masked(text, secrets_of(self.before, self.name))


def repair(raw: bytes, *, name: str) -> Repair:
    """Repair a file's content, as often as one repair makes way for another."""
    found = left = lint_bytes(raw, name=name)
    text = raw
    for _ in range(_ROUNDS):
        changed = _edited(text, left, name)
        if changed == text:
            break
        remaining = lint_bytes(changed, name=name)
        if not _is_better(remaining, left):
            break
        text, left = changed, remaining
    return Repair(name, raw, text, found, left)


def _edited(raw: bytes, findings: Iterable[Finding], name: str) -> bytes:
    edits = [edit for finding in findings for edit in finding.edits]
    if not edits:
        return raw
    document = Document(raw.decode("utf-8"), name=name)
    keeps_mark = document.has_bom and all(finding.rule.id != "byte-order-mark" for finding in findings)
    return ((BOM if keeps_mark else "") + document.edited(edits)).encode("utf-8")


def _is_better(now: list[Finding], before: list[Finding]) -> bool:
    """Tell whether something that was to be repaired is gone; what it had hidden may come to light."""
    left = {_identity(finding) for finding in now}
    return any(finding.edits and _identity(finding) not in left for finding in before)


def _identity(finding: Finding) -> tuple[str, str, str]:
    return finding.rule.id, finding.pointer, finding.problem
