"""The time that one piece of work may take, however many requests, retries and waits are part of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.genesys.errors import TimedOutError


class Budget:
    """A number of seconds that runs from now on. Whoever waits on behalf of the work waits through its budget."""

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._started = clock()
        self._ends = self._started + seconds

    @property
    def spent(self) -> float:
        """Seconds since it began."""
        return self._clock() - self._started

    @property
    def left(self) -> float:
        """Seconds until it ends, 0 when it has."""
        return max(0.0, self._ends - self._clock())

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass.

        Raises:
            TimedOutError: at once, when nothing would be left after them.

        """
        if seconds >= self.left:
            raise TimedOutError("There was not enough time left to wait for Genesys Cloud.")
        if seconds > 0:
            self._sleep(seconds)
