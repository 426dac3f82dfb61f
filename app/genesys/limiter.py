"""How often requests may leave for Genesys Cloud.

An OAuth client of the client-credentials grant has 300 requests a minute (Genesys, "Platform API limits",
`client.credentials.token.rate.per.minute`), whichever threads and processes send them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from app.genesys.budget import Budget
from app.genesys.errors import RateLimitedError


class RateLimiter:
    """Lets at most `per_minute` requests leave in any 60 seconds. Shared by threads, which are served in turn.

    This is a token bucket that holds a tenth of the minute's requests and is filled with the other nine tenths, so
    that a full bucket and a minute of filling make no more than the limit together. It is kept as the one moment at
    which the bucket would be full again (the generic cell rate algorithm).
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        burst = max(1, per_minute // 10)
        self._interval = 60 / max(1, per_minute - burst)
        self._capacity = (burst - 1) * self._interval
        self._clock = clock
        self._full_at = clock()
        self._lock = threading.Lock()

    def take(self, budget: Budget) -> None:
        """Wait for one request's turn.

        Raises:
            RateLimitedError: at once, when its turn would come after the budget's end; it then takes no turn.

        """
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at, now)
            wait = max(0.0, full_at - self._capacity - now)
            if wait and wait >= budget.left:
                raise RateLimitedError("Callspan sends Genesys Cloud no more requests for now.", retry_after=wait)
            self._full_at = full_at + self._interval
        budget.wait(wait)

    def pause(self, seconds: float) -> None:
        """Let nothing leave for so many seconds, because Genesys Cloud said so, and then one at a time."""
        with self._lock:
            self._full_at = max(self._full_at, self._clock() + seconds + self._capacity)
