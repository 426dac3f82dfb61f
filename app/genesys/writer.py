"""Writes attributes on a participant, and looks what became of them.

A write is accepted (202) long before it is stored, and a voice flow that handles the same attribute overwrites it
when it ends. So a write is only as good as what is read back, which Genesys recommends to do for up to 10 seconds
(Genesys, "How long does it take for the Set Participant Data action to update").
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.genesys.budget import Budget
from app.genesys.conversation import Conversation, Participant
from app.genesys.errors import PlatformError
from app.genesys.participants import Resolution, resolve

PERSISTED, OVERWRITTEN, MISSING = "persisted", "overwritten", "missing"

READ_BACK = (0.3, 0.7, 1.5, 2.5, 3.0)
"""Seconds before each reading; the last is repeated."""

LAST_READING = 0.5
"""Seconds that are left for the last reading."""


class Platform(Protocol):
    """What is asked of Genesys Cloud; see `app.genesys.client.PlatformClient`."""

    def conversation(self, conversation_id: str, budget: Budget) -> Conversation:
        """Return a conversation as it is now."""

    def set_attributes(
        self, conversation_id: str, participant_id: str, attributes: Mapping[str, str], budget: Budget
    ) -> None:
        """Ask for attributes to be set."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the last reading showed of each attribute, and how often the conversation was read for it."""

    outcomes: Mapping[str, str]
    attempts: int


class AttributeWriter:
    """Finds the participant of a conversation, and writes on it. Holds no state: safe to share between threads."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def find(self, conversation_id: str, budget: Budget, participant_id: str = "") -> Resolution:
        """Return the participant whose attributes a flow would read.

        Raises:
            UnresolvedError: when there is none, or no telling which.
            PlatformError: when the conversation cannot be read.

        """
        return resolve(self._platform.conversation(conversation_id, budget), participant_id)

    def put(self, conversation_id: str, participant: Participant, wanted: Mapping[str, str], budget: Budget) -> Written:
        """Write what differs from what the participant was found with, and read it back until all of it is there.

        Nothing is written twice: what is there already counts as persisted. When the time is over, or the conversation
        can be read no more, what the last reading showed is the answer.

        Raises:
            PlatformError: when the write was not accepted, or could not be read back even once.

        """
        before = participant.attributes
        different = {name: value for name, value in wanted.items() if before.get(name) != value}
        if not different:
            return Written(dict.fromkeys(wanted, PERSISTED), attempts=1)
        self._platform.set_attributes(conversation_id, participant.id, different, budget)
        readings = self._read_back(conversation_id, participant.id, wanted, budget)
        outcomes = {
            name: outcome(value, before.get(name), [reading.get(name) for reading in readings])
            for name, value in wanted.items()
        }
        return Written(outcomes, attempts=1 + len(readings))

    def _read_back(
        self, conversation_id: str, participant_id: str, wanted: Mapping[str, str], budget: Budget
    ) -> list[Mapping[str, Any]]:
        """Return what each reading showed, at least one."""
        readings: list[Mapping[str, Any]] = []
        for pause in itertools.chain(READ_BACK, itertools.repeat(READ_BACK[-1])):
            seconds = min(pause, budget.left - LAST_READING)
            if readings and seconds <= 0:
                break
            try:
                budget.wait(max(seconds, 0))
                found = self._platform.conversation(conversation_id, budget).participant(participant_id)
            except PlatformError as error:
                if readings:
                    break
                error.accepted = True
                raise
            readings.append(found.attributes if found else {})
            if all(readings[-1].get(name) == value for name, value in wanted.items()):
                break
        return readings


def outcome(wanted: str, before: object, readings: Sequence[object]) -> str:
    """Return what became of an attribute, None standing for one that is not set.

    It is persisted when the last reading shows it; missing when it is not set, or when it never changed from what it
    was before the write; overwritten when somebody else's value stands there.
    """
    last = readings[-1]
    if last == wanted:
        return PERSISTED
    return MISSING if last is None or (last == before and wanted not in readings) else OVERWRITTEN
