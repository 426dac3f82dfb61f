"""Participant data on a conversation, as Set and Get Participant Data treat it.

In voice flows a write is queued and reaches the conversation only when the flow ends, overwriting what stands there
(Genesys, "Get Participant Data action" and Architect's own warning text); the flow itself reads its writes at once.
Other flows write straight through. Names are case-sensitive and values are strings.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from architect.emulator.failure import VOICE_FLOW_TYPES


class ParticipantData:
    """The attributes of one participant, seen from the flow (`get`, `set`) and from outside (`stored`).

    `stored` is changed in place. With `holds_reads` a voice flow also queues what it reads, so that its end writes that
    back too.
    """

    def __init__(
        self,
        flow_type: str = "inboundCall",
        stored: MutableMapping[str, str] | None = None,
        *,
        holds_reads: bool = False,
    ) -> None:
        self._queues = flow_type.lower() in VOICE_FLOW_TYPES
        self._holds_reads = self._queues and holds_reads
        self._stored = {} if stored is None else stored
        self._queued: dict[str, str] = {}

    @property
    def stored(self) -> Mapping[str, str]:
        """What the platform's API would show now."""
        return dict(self._stored)

    @property
    def queued(self) -> Mapping[str, str]:
        """What the flow's end will write."""
        return dict(self._queued)

    def get(self, name: str) -> str | None:
        """Read an attribute in the flow; None when it is not set."""
        value = self._queued.get(name, self._stored.get(name))
        if self._holds_reads and value is not None:
            self._queued[name] = value
        return value

    def set(self, name: str, value: str) -> None:
        """Write an attribute from the flow. Raises TypeError unless the value is a string."""
        if not isinstance(value, str):
            raise TypeError(f"participant data `{name}` takes a string, not {type(value).__name__}; use ToString()")
        target = self._queued if self._queues else self._stored
        target[name] = value

    def write_from_outside(self, name: str, value: str) -> None:
        """Write an attribute as the platform's API does, while the flow may still be running."""
        self._stored[name] = value

    def end_flow(self) -> None:
        """End the flow, by transfer or disconnect: queued writes overwrite what is stored."""
        self._stored.update(self._queued)
        self._queued.clear()
