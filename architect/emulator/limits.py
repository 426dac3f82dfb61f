"""An organisation's limits on data action executions."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from architect.emulator.failure import ActionError


class Minute:
    """At most so many of something in any 60 seconds, of which those refused do not count."""

    SECONDS = 60.0

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._taken: deque[float] = deque()

    def take(self) -> float | None:
        """Take one, or return the seconds until one can be taken."""
        now = self._clock()
        while self._taken and self._taken[0] + self.SECONDS <= now:
            self._taken.popleft()
        if len(self._taken) >= self._most:
            oldest = self._taken[0] if self._taken else now
            return oldest + self.SECONDS - now
        self._taken.append(now)
        return None


class Limits:
    """At most so many executions at once and in any minute; the defaults are an organisation's own.

    Source of the numbers: Genesys' blueprint on designing data actions for resiliency. Thread-safe.
    """

    def __init__(
        self,
        *,
        concurrent: int = 50,
        per_minute: int = 2500,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._concurrent = concurrent
        self._per_minute = per_minute
        self._started = Minute(per_minute, clock)
        self._lock = threading.Lock()
        self._running = 0

    def enter(self) -> None:
        """Take a slot. Raises `ActionError` with status 429 when there is none."""
        with self._lock:
            if self._running >= self._concurrent:
                raise ActionError(
                    f"actions.concurrent.executions.max: {self._concurrent} executions are running", status=429
                )
            if self._started.take() is not None:
                raise ActionError(
                    f"requests.volume.max: {self._per_minute} executions were started within a minute", status=429
                )
            self._running += 1

    def leave(self) -> None:
        """Give the slot back."""
        with self._lock:
            self._running -= 1
