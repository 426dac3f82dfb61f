"""A flow that runs in a conversation, as far as participant data goes."""

from __future__ import annotations

import threading
from collections.abc import Callable

from architect.emulator.participant import ParticipantData
from architect.emulator.platform.writes import PendingWrites


class Flow:
    """A running flow; `id` is that of the participant it joined as. Made by `Conversation.start_flow`.

    Voice flows queue what they set until they end; others write straight through (`ParticipantData`). After its end a
    flow raises ValueError.
    """

    def __init__(
        self,
        flow_id: str,
        data: ParticipantData,
        target: dict[str, str],
        writes: PendingWrites,
        lock: threading.RLock,
        ended: Callable[[Flow], None],
    ) -> None:
        self.id = flow_id
        self._data = data
        self._target = target
        self._writes = writes
        self._lock = lock
        self._ended = ended
        self._running = True

    def get(self, name: str) -> str | None:
        """Get Participant Data: read an attribute of the caller; None when it is not set."""
        with self._lock:
            self._settle()
            return self._data.get(name)

    def set(self, name: str, value: str) -> None:
        """Set Participant Data: write an attribute of the caller. Raises TypeError unless the value is a string."""
        with self._lock:
            self._settle()
            self._data.set(name, value)

    def end(self) -> None:
        """End the flow: what it holds overwrites what stands in the conversation, and what is still to come there."""
        with self._lock:
            self._settle()
            self._running = False
            self._writes.forget(self._target, self._data.queued)
            self._data.end_flow()
            self._ended(self)

    def _settle(self) -> None:
        if not self._running:
            raise ValueError(f"flow {self.id} has ended")
        self._writes.settle()
