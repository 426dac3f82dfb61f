"""The token an integration holds: obtained by its custom auth action, shared by all executions until it fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from architect.emulator.json_text import Json


@dataclass(frozen=True, slots=True, eq=False)
class AuthResponse:
    """The fields the custom auth action returned. Two are never equal, so that a stale one can be told apart."""

    fields: Mapping[str, Json]


class TokenCache:
    """Keeps the last `AuthResponse`. Threads that need one at the same time cause one request, not many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current: AuthResponse | None = None

    def get(self, obtain: Callable[[], Mapping[str, Json]]) -> tuple[AuthResponse, bool]:
        """Give the token, and whether it came from the cache. What `obtain` raises is passed on."""
        with self._lock:
            if self._current is not None:
                return self._current, True
            self._current = AuthResponse(obtain())
            return self._current, False

    def discard(self, stale: AuthResponse) -> None:
        """Forget a token that failed, unless another thread has already replaced it."""
        with self._lock:
            if self._current is stale:
                self._current = None
