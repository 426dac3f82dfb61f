"""What goes wrong on purpose: the next answers of a stand-in, or what becomes of the next writes."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace
from typing import Literal

from architect.emulator.platform.errors import STATUSES

Kind = Literal["status", "timeout", "reset", "slow-write", "lost-write", "overwritten"]
ANSWERS: frozenset[Kind] = frozenset({"status", "timeout", "reset"})
WRITES: frozenset[Kind] = frozenset({"slow-write", "lost-write", "overwritten"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, `times` times, on requests of that `method` in whose path the expression `path` is found.

    - `status`: the request is refused with `status`; `retry_after` seconds, None for no header, matter to 429 and 503.
    - `timeout`: the answer is held back for `seconds`, and then given.
    - `reset`: the connection is reset instead of answered.
    - `slow-write`: an accepted write is visible only after `seconds`.
    - `lost-write`: an accepted write never is.
    - `overwritten`: right after an accepted write somebody else sets its keys to `value`.
    """

    kind: Kind
    times: int = 1
    method: str | None = None
    path: str = ""
    status: int = 500
    retry_after: int | None = None
    seconds: float = 30.0
    value: str = "overwritten"

    def __post_init__(self) -> None:
        """Refuse what could never happen. Raises ValueError."""
        if self.kind not in ANSWERS | WRITES:
            raise ValueError(f"kind is one of {', '.join(sorted(ANSWERS | WRITES))}, not {self.kind!r}")
        if self.status not in STATUSES:
            raise ValueError(f"status is one of {', '.join(map(str, sorted(STATUSES)))}, not {self.status}")
        if self.times < 1:
            raise ValueError(f"times is 1 or more, not {self.times}")
        try:
            re.compile(self.path)
        except re.error as problem:
            raise ValueError(f"path is no regular expression: {problem}") from None

    def concerns(self, method: str, path: str) -> bool:
        """Tell whether a request is one that this is about."""
        return self.method in (None, method) and re.search(self.path, path) is not None


class Faults:
    """The faults to come, each taken by the first requests it concerns. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let something go wrong."""
        with self._lock:
            self._coming.append(fault)

    def clear(self) -> None:
        """Let everything go well from now on."""
        with self._lock:
            self._coming.clear()

    def take(self, kinds: frozenset[Kind], method: str, path: str) -> Fault | None:
        """Return the fault of these kinds that this request meets, and count it down."""
        with self._lock:
            for position, fault in enumerate(self._coming):
                if fault.kind in kinds and fault.concerns(method, path):
                    left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    self._coming[position : position + 1] = left
                    return fault
            return None
