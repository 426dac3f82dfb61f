"""What a rule is. The rules themselves are declared in the `*_rules` modules and collected in `rules`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]

SEVERITIES: dict[Severity, str] = {
    "error": "Genesys Cloud refuses the file, or the action fails or sends the wrong thing for allowed inputs",
    "warning": "it breaks for values or answers that are likely, or is unsafe",
    "note": "worth knowing; it may well be what the author wants",
}
"""From the worst down, with what each means."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong: its stable name, what it is, what comes of it, and where that is known from."""

    id: str
    severity: Severity
    title: str
    why: str
    source: str


def at_least(severity: Severity, limit: Severity) -> bool:
    """Tell whether a severity is as bad as `limit`, or worse."""
    order = list(SEVERITIES)
    return order.index(severity) <= order.index(limit)
