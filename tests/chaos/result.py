"""What became of the calls while a fault struck, and the file that keeps it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Result:
    """What became of the calls while a fault struck."""

    fault: str
    seconds: float
    calls: int
    tagged: int
    tagged_by_flow: int
    complete: int
    promised: int
    lost: dict[str, int]
    counted: int
    repeated: int
    requests: int
    errors: dict[str, int]
    event_retries: int
    events_refused: dict[str, int]
    added_ms: int
    recovered_s: float | None
    tracebacks: int
    problems: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def lost_spans(self) -> int:
        """Spans that Callspan acknowledged and the agent never got."""
        return sum(self.lost.values())

    def as_json(self) -> dict[str, Any]:
        """Return the result for a JSON file."""
        return asdict(self)


def write(results: list[Result], path: Path) -> None:
    """Write results as JSON."""
    path.write_text(json.dumps([result.as_json() for result in results], indent=1) + "\n")


def read(path: Path) -> list[Result]:
    """Read results back."""
    return [Result(**each) for each in json.loads(path.read_text())]
