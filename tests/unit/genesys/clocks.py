"""Time that passes only when somebody waits."""

from __future__ import annotations

import threading

from app.genesys.budget import Budget


class FakeTime:
    """A clock, and a sleep that moves it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds
            self.slept.append(seconds)

    def budget(self, seconds: float = 10) -> Budget:
        return Budget(seconds, self.clock, self.sleep)
