"""What the doctor finds out about one thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["ok", "warning", "failed", "skipped"]
STATUSES: tuple[Status, ...] = ("ok", "warning", "failed", "skipped")


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it stands, what was seen, and what to do about it; none of it is ever a secret.

    `skipped` was not looked at, and `fix` then says what the doctor needs for it.
    """

    name: str
    status: Status
    what: str
    fix: str = ""


def as_dict(checks: Sequence[Check]) -> dict[str, Any]:
    """Return the checks and their number by status, for JSON."""
    return {"checks": [asdict(check) for check in checks], "summary": counted(checks)}


def counted(checks: Sequence[Check]) -> dict[str, int]:
    """Return how many checks there are of each status."""
    found = Counter(check.status for check in checks)
    return {status: found[status] for status in STATUSES}
