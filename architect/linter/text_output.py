"""Findings for reading in a terminal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from architect.linter.finding import Finding
from architect.linter.rule import SEVERITIES

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def findings_text(findings: Sequence[Finding]) -> str:
    """Give one block a finding: where and what, then the input that shows it, what it gives, and what to write."""
    return printable("\n\n".join(map(_block, findings)))


def printable(text: str) -> str:
    """Write out what a terminal would act on or could not show; a file may contain anything."""
    return _UNPRINTABLE.sub(lambda each: each[0].encode("unicode_escape").decode("ascii"), text)


def summary(findings: Sequence[Finding], files: int) -> str:
    """Count findings by severity."""
    counted = Counter(finding.rule.severity for finding in findings)
    counts = [f"{counted[each]} {each}{'s' if counted[each] != 1 else ''}" for each in SEVERITIES if counted[each]]
    fixable = sum(bool(finding.edits) for finding in findings)
    hint = f"; --fix repairs {fixable} of them" if fixable else ""
    return f"{files} file{'s' if files != 1 else ''}: {', '.join(counts) or 'nothing found'}{hint}"


def _block(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line or 1}:{finding.column or 1}"
    lines = [f"{place}: {finding.rule.severity} {finding.rule.id}", f"  {finding.problem}"]
    if finding.pointer:
        lines.append(f"  at     {finding.pointer}")
    for label, text in (("given", finding.trigger), ("gives", finding.shown), ("fix", finding.remedy)):
        if text:
            first, *rest = text.splitlines() or [""]
            lines.append(f"  {label:<6} {first}")
            lines += [f"         {line}" for line in rest]
    return "\n".join(lines)
