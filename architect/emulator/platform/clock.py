"""The time a stand-in lives by: that of the machine, and whatever it was advanced by."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch. A test that advances the clock waits for nothing."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Return the time."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let that much time pass at once. Raises ValueError for a negative amount: time does not run backwards."""
        if seconds < 0:
            raise ValueError(f"a clock is advanced by 0 or more seconds, not {seconds:g}")
        self._ahead += seconds


class StoppedClock(Clock):
    """A clock that stands still until it is advanced."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        super().__init__()
        self._start = start

    def now(self) -> float:
        """Return the time it was advanced to."""
        return self._start + self._ahead


def iso(moment: float) -> str:
    """Give a moment as Genesys Cloud writes it: UTC with milliseconds and a Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
