"""How many requests a client may make in a minute (choices `rate-limit-of`, `rate-limit-window`)."""

from __future__ import annotations

import math
import threading
from collections import defaultdict

from architect.emulator.limits import Minute
from architect.emulator.platform.clock import Clock


class RateLimit:
    """At most so many requests of each caller in any minute. Thread-safe."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._lock = threading.Lock()
        self._minutes: defaultdict[str, Minute] = defaultdict(lambda: Minute(per_minute, clock.now))

    def take(self, caller: str) -> int | None:
        """Count a request, or return in how many whole seconds, 1 or more, the caller may make the next."""
        with self._lock:
            seconds = self._minutes[caller].take()
        return None if seconds is None else max(1, math.ceil(seconds))
