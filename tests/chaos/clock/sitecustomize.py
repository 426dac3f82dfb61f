"""Steps the wall clock of the one Python process that finds this on its path, by the seconds in the file CHAOS_CLOCK.

Python imports `sitecustomize` before anything else. The system's clock stays as it is, and so do monotonic clocks.
"""

import datetime
import os
import time
from pathlib import Path

_FILE = Path(os.environ["CHAOS_CLOCK"])
_now, _now_ns = time.time, time.time_ns


def _step() -> float:
    return float(_FILE.read_text() or 0)


class _Stepped(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "_Stepped":
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls) -> "_Stepped":
        return cls.fromtimestamp(time.time(), datetime.UTC).replace(tzinfo=None)


time.time = lambda: _now() + _step()
time.time_ns = lambda: _now_ns() + int(_step() * 1e9)
datetime.datetime = _Stepped  # type: ignore[misc]
