"""An organisation's limits on data action executions."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from architect.emulator.failure import ActionError

_WINDOW_SECONDS = 60.0


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
        self._clock = clock
        self._lock = threading.Lock()
        self._running = 0
        self._started: deque[float] = deque()

    def enter(self) -> None:
        """Take a slot. Raises `ActionError` with status 429 when there is none."""
        with self._lock:
            now = self._clock()
            while self._started and self._started[0] <= now - _WINDOW_SECONDS:
                self._started.popleft()
            if self._running >= self._concurrent:
                raise ActionError(
                    f"actions.concurrent.executions.max: {self._concurrent} executions are running", status=429
                )
            if len(self._started) >= self._per_minute:
                raise ActionError(
                    f"requests.volume.max: {self._per_minute} executions were started within a minute", status=429
                )
            self._running += 1
            self._started.append(now)

    def leave(self) -> None:
        """Give the slot back."""
        with self._lock:
            self._running -= 1
