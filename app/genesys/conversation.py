"""A conversation as Genesys Cloud's platform API shows it, as far as Callspan reads it.

Names and types are those of the models `Conversation` and `Participant`, or `CallConversation` and
`CallMediaParticipant`, of Genesys' platform SDK 269. Fields that are
not named here are passed over: Genesys adds some from time to time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load

MEDIA = ("calls", "callbacks", "chats", "cobrowsesessions", "emails", "messages", "socialExpressions", "videos")
"""Where a participant's communications are, each under its medium."""

GONE = frozenset({"disconnected", "terminated"})


@dataclass(frozen=True, slots=True)
class Communication:
    """One call, message, e-mail, ... of a participant; both words are in lower case, "" when they are not told."""

    state: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Participant:
    """One party, machine or agent of a conversation."""

    id: str
    purpose: str = ""
    started: datetime | None = None
    connected_at: datetime | None = None
    ended: datetime | None = None
    communications: tuple[Communication, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def left(self) -> bool:
        """Whether it takes part no more."""
        states = {communication.state for communication in self.communications}
        return self.ended is not None or (bool(states) and states <= GONE)

    @property
    def connected(self) -> bool:
        """Whether it is in the conversation now, and not only being called."""
        states = {communication.state for communication in self.communications} - {""}
        return not self.left and ("connected" in states if states else self.connected_at is not None)

    @property
    def directions(self) -> frozenset[str]:
        """The directions of its communications, seen from Genesys Cloud: what its own user dials is outbound."""
        return frozenset(communication.direction for communication in self.communications) - {""}


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation and everybody who is or was in it."""

    id: str
    ended: datetime | None
    participants: tuple[Participant, ...]

    def participant(self, participant_id: str) -> Participant | None:
        """Return the participant of an id, None when there is none."""
        return next((each for each in self.participants if each.id == participant_id), None)


class _Read(Schema):
    class Meta:
        unknown = EXCLUDE


def _moment(name: str) -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", default_timezone=UTC, data_key=name, load_default=None, allow_none=True)


def _word() -> fields.String:
    return fields.String(load_default="", allow_none=True)


class _CommunicationSchema(_Read):
    state = _word()
    direction = _word()

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Communication:
        return _communication(data)


def _communication(data: Mapping[str, Any]) -> Communication:
    return Communication((data["state"] or "").lower(), (data["direction"] or "").lower())


class _Party(_Read):
    # A call's own document is flattened: a participant has the state and direction of its only communication.
    state = _word()
    direction = _word()
    id = fields.String(required=True)
    purpose = _word()
    started = _moment("startTime")
    connected_at = _moment("connectedTime")
    ended = _moment("endTime")
    # Strings, by the model; but what somebody else stored must not keep us from reading the rest.
    attributes = fields.Dict(keys=fields.String(), load_default=dict, allow_none=True)


_ParticipantSchema = _Party.from_dict(
    {name: fields.List(fields.Nested(_CommunicationSchema), load_default=list, allow_none=True) for name in MEDIA},
    name="_ParticipantSchema",
)


class _ConversationSchema(_Read):
    id = fields.String(required=True)
    ended = _moment("endTime")
    participants = fields.List(fields.Nested(_ParticipantSchema), required=True)


def read_conversation(document: object) -> Conversation:
    """Return the conversation that a document stands for.

    Raises:
        marshmallow.ValidationError: when it is not one.

    """
    data: dict[str, Any] = _ConversationSchema().load(document)  # type: ignore[arg-type]
    return Conversation(data["id"], data["ended"], tuple(map(_participant, data["participants"])))


def _participant(data: dict[str, Any]) -> Participant:
    flattened = [_communication(data)] if data["state"] else []
    return Participant(
        id=data["id"],
        purpose=(data["purpose"] or "").lower(),
        started=data["started"],
        connected_at=data["connected_at"],
        ended=data["ended"],
        communications=(*flattened, *(each for name in MEDIA for each in data[name] or ())),
        attributes=data["attributes"] or {},
    )
