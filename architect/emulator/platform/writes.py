"""Accepted writes that are not visible yet (choices `merge-by-key`, `write-order`, `flow-wins-over-pending`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from architect.emulator.platform.clock import Clock


@dataclass(slots=True)
class _Write:
    target: dict[str, str]
    attributes: dict[str, str]
    due: float


class PendingWrites:
    """The writes under way in a conversation. A target is the dict of attributes that is written to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._writes: list[_Write] = []

    def add(self, target: dict[str, str], attributes: Mapping[str, str], delay: float) -> None:
        """Write by key after so many seconds, and never before what the same target was sent earlier."""
        earlier = [write.due for write in self._writes if write.target is target]
        self._writes.append(_Write(target, dict(attributes), max([self._clock.now() + delay, *earlier])))

    def settle(self, *, everything: bool = False) -> None:
        """Make visible what is due, or everything."""
        now = self._clock.now()
        waiting = []
        for write in self._writes:
            if everything or write.due <= now:
                write.target.update(write.attributes)
            else:
                waiting.append(write)
        self._writes = waiting

    def forget(self, target: dict[str, str], names: Collection[str]) -> None:
        """Let what is still to come for a target leave these attributes alone."""
        for write in self._writes:
            if write.target is target:
                write.attributes = {name: value for name, value in write.attributes.items() if name not in names}

    def clear(self) -> None:
        """Drop everything that is not visible yet."""
        self._writes.clear()
