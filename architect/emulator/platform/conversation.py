"""A conversation as the platform keeps it: participants, their attributes, writes under way, and running flows.

Pure: no HTTP, and time comes from the clock it is given. The rules and their sources:

- A write over REST is accepted (202) and takes effect later, by key: 202 in Genesys' API description, "updates are
  asynchronous" in its FAQ on Set Participant Data; its own modules send single keys.
- A voice flow works on a queue of its own, and its values overwrite the conversation's when it ends (Genesys, "Get
  Participant Data action"). Architect reads and writes the data of the caller, or of an outbound call's recipient.
- Any participant takes attributes, also those of machines and agents, which no flow ever reads.
- Nothing is stored once the conversation has ended ("Set Participant Data action").

Choices made here: `write-delay`, `pending-at-end`, `disconnected-participant`, `flow-caller`.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from architect.emulator.participant import ParticipantData
from architect.emulator.platform.behaviour import Behaviour
from architect.emulator.platform.clock import Clock
from architect.emulator.platform.flow import Flow
from architect.emulator.platform.writes import PendingWrites

PURPOSES = frozenset({"agent", "user", "customer", "external", "acd", "ivr"})
"""What a participant may be in for, in the REST API (Genesys' platform SDK)."""

MEDIA = frozenset({"calls", "callbacks", "emails", "messages"})
"""The kinds of conversation, by their folder in the API's paths."""

_CALLER = ("customer", "external", "user")


@dataclass
class Participant:
    """One leg of a conversation. `session_id` is that of its only call, message, ...; moments are epoch seconds.

    `attributes` are those visible when the conversation was last asked for its participants.
    """

    id: str
    purpose: str
    started: float
    session_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    name: str | None = None
    address: str | None = None
    user_id: str | None = None
    queue_id: str | None = None
    ended: float | None = None
    attributes: dict[str, str] = field(default_factory=dict)


class Conversation:
    """One conversation. Thread-safe: requests and tests act on it at the same time."""

    def __init__(
        self,
        conversation_id: str | None = None,
        *,
        media: str = "calls",
        direction: str = "inbound",
        clock: Clock | None = None,
        behaviour: Behaviour | None = None,
    ) -> None:
        if media not in MEDIA:
            raise ValueError(f"media is one of {', '.join(sorted(MEDIA))}, not {media!r}")
        self.id = str(uuid.UUID(conversation_id)) if conversation_id else str(uuid.uuid4())
        self.media = media
        self.direction = direction
        self._clock = clock or Clock()
        self._behaviour = behaviour or Behaviour()
        self._lock = threading.RLock()
        self._participants: dict[str, Participant] = {}
        self._writes = PendingWrites(self._clock)
        self._flows: dict[str, Flow] = {}
        self.started = self._clock.now()
        self.ended: float | None = None

    @property
    def participants(self) -> list[Participant]:
        """Everyone who is or was in, in order of joining, with the attributes visible now."""
        with self._lock:
            self._writes.settle()
            return list(self._participants.values())

    def participant(self, participant_id: str) -> Participant:
        """Return one participant. Raises KeyError when there is none of that id."""
        with self._lock:
            self._writes.settle()
            return self._participants[participant_id]

    def join(
        self,
        purpose: str,
        *,
        participant_id: str | None = None,
        name: str | None = None,
        address: str | None = None,
        user_id: str | None = None,
        queue_id: str | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> Participant:
        """Let somebody in, as a customer, an agent, a queue (acd) or a flow (ivr).

        Raises ValueError for another purpose, an id that is taken or no UUID, and when the conversation has ended.
        """
        if purpose not in PURPOSES:
            raise ValueError(f"purpose is one of {', '.join(sorted(PURPOSES))}, not {purpose!r}")
        with self._lock:
            self._running()
            identity = str(uuid.UUID(participant_id)) if participant_id else str(uuid.uuid4())
            if identity in self._participants:
                raise ValueError(f"participant {identity} is in conversation {self.id} already")
            participant = Participant(
                identity,
                purpose,
                self._clock.now(),
                name=name,
                address=address,
                user_id=user_id,
                queue_id=queue_id,
                attributes=dict(attributes or {}),
            )
            self._participants[identity] = participant
            return participant

    def leave(self, participant_id: str) -> None:
        """Disconnect a participant; it keeps its attributes and still takes writes."""
        with self._lock:
            participant = self._participants[participant_id]
            participant.ended = participant.ended or self._clock.now()

    def patch(self, participant_id: str, attributes: Mapping[str, str], *, delay: float | None = None) -> None:
        """Accept a write, which is visible after `delay` seconds; nothing is stored when the conversation has ended.

        Raises KeyError for an unknown participant.
        """
        with self._lock:
            self._writes.settle()
            participant = self._participants[participant_id]
            if self.ended is not None:
                return
            seconds = self._behaviour.write_delay if delay is None else delay
            self._writes.add(participant.attributes, attributes, seconds)

    def start_flow(self, flow_type: str = "inboundCall") -> Flow:
        """Start a flow: it joins as ivr and works on the caller's data. Raises ValueError when there is no caller."""
        with self._lock:
            self._writes.settle()
            attributes = self._caller().attributes
            data = ParticipantData(flow_type, attributes, holds_reads=self._behaviour.flow_holds_reads)
            flow = Flow(self.join("ivr").id, data, attributes, self._writes, self._lock, self._flow_ended)
            self._flows[flow.id] = flow
            return flow

    def flow(self, flow_id: str) -> Flow:
        """Return a running flow. Raises KeyError when there is none of that id."""
        with self._lock:
            return self._flows[flow_id]

    def end(self) -> None:
        """End the conversation for everybody; running flows end first, and so write what they hold."""
        with self._lock:
            if self.ended is not None:
                return
            for flow in list(self._flows.values()):
                flow.end()
            self._writes.settle(everything=self._behaviour.pending_at_end == "stored")
            self._writes.clear()
            self.ended = self._clock.now()
            for participant_id in self._participants:
                self.leave(participant_id)

    def _flow_ended(self, flow: Flow) -> None:
        self.leave(flow.id)
        del self._flows[flow.id]

    def _running(self) -> None:
        if self.ended is not None:
            raise ValueError(f"conversation {self.id} has ended")

    def _caller(self) -> Participant:
        """Return whom a flow works for: the customer, else an outside party, else the user of an internal call."""
        self._running()
        present = [each for each in self._participants.values() if each.ended is None and each.purpose in _CALLER]
        if not present:
            raise ValueError(f"conversation {self.id} has no customer, external or user that a flow could work for")
        return min(present, key=lambda each: _CALLER.index(each.purpose))
