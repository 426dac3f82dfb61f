"""Which participant of a conversation its attributes belong on. Pure.

Architect's Set Participant Data writes on the caller of an inbound flow and on the recipient of an outbound one, and
scripts and reports look there. Every leg has a participant of its own: a flow an `ivr`, a queue an `acd`, each agent
one. A write on those is accepted like any other, and nobody ever sees it.

- `customer` is the contact centre's caller, `external` an outside party on a business call. Where neither takes part,
  as in an internal test call, it is the `user` who dialled (Genesys' platform SDK for the purposes; its tutorials
  pick the customer).
- Of several, one that is in the conversation goes before one that is being called, and that before one that has left;
  then of users the one who dialled; then the one who came first.
- Of two who came at once, nobody can tell which one the flow works for: the caller of this service must say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.genesys.conversation import Conversation, Participant

PURPOSES = ("customer", "external", "user")
"""The purposes of those whom a flow works for, in the order in which they are considered."""

_MACHINES = {"acd": "is a queue", "ivr": "is a flow", "agent": "is an agent"}
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A participant that was not chosen, and why, as the end of a sentence."""

    participant: Participant
    reason: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """The participant that was chosen, why, and why the others were not, in the document's order."""

    participant: Participant
    reason: str
    passed_over: tuple[PassedOver, ...]


class UnresolvedError(Exception):
    """There is no participant to write on. `code` tells the cases apart; the message is for whoever asked."""

    code = ""


class ConversationEndedError(UnresolvedError):
    """The conversation is over: what is set now, analytics never stores (Genesys, "Set Participant Data action")."""

    code = "conversation_ended"


class NoParticipantError(UnresolvedError):
    """Nobody whom a flow could work for takes part."""

    code = "no_participant"


class SeveralParticipantsError(UnresolvedError):
    """Several fit equally well, as the legs of an internal or tie-line call do."""

    code = "several_participants"


def resolve(conversation: Conversation, participant_id: str = "") -> Resolution:
    """Return the participant to write on: the one that is asked for where that one can be right, else as above.

    Raises:
        UnresolvedError: when there is none, or no telling which.

    """
    if conversation.ended is not None:
        raise ConversationEndedError(
            "The conversation has ended: Genesys Cloud does not keep attributes that are set afterwards."
        )
    if participant_id:
        return _asked_for(conversation, participant_id)
    candidates = [each for each in conversation.participants if not _unfit(each)]
    if not candidates:
        raise NoParticipantError(
            "Nobody whom a flow works for takes part: there is no customer, no external party and no user, "
            "only queues, flows and agents."
        )
    ranked = sorted(candidates, key=_rank)
    best = ranked[0]
    equals = [each.id for each in ranked if _rank(each) == _rank(best)]
    if len(equals) > 1:
        raise SeveralParticipantsError(
            f"{len(equals)} participants of purpose {best.purpose} fit equally well: {', '.join(sorted(equals))}. "
            "Send the one that is meant as participantId."
        )
    passed_over = tuple(PassedOver(each, _why_not(each, best)) for each in conversation.participants if each != best)
    return Resolution(best, _why(best, candidates), passed_over)


def _asked_for(conversation: Conversation, participant_id: str) -> Resolution:
    participant = conversation.participant(participant_id)
    if participant is None:
        raise NoParticipantError("The conversation has no participant with the id that participantId gives.")
    if unfit := _unfit(participant):
        raise NoParticipantError(f"The participant that participantId names {unfit}; no flow or script looks there.")
    others = (each for each in conversation.participants if each != participant)
    passed_over = tuple(PassedOver(each, _unfit(each) or "was not asked for") for each in others)
    return Resolution(participant, f"participantId asks for it; its purpose is {participant.purpose}", passed_over)


def _unfit(participant: Participant) -> str:
    """Return why a participant is never written on, as the end of a sentence; "" for one that may be."""
    if participant.purpose in _MACHINES:
        return _MACHINES[participant.purpose]
    return "" if participant.purpose in PURPOSES else "has a purpose that flows do not work for"


def _presence(participant: Participant) -> int:
    return 2 if participant.left else 0 if participant.connected else 1


def _called(participant: Participant) -> bool:
    """Tell whether it is a user of Genesys Cloud's who did not dial: what a user dials is outbound."""
    return participant.purpose == "user" and "outbound" not in participant.directions


def _rank(participant: Participant) -> tuple[int, int, bool, datetime]:
    return (
        PURPOSES.index(participant.purpose),
        _presence(participant),
        _called(participant),
        participant.started or _LATEST,
    )


def _why(best: Participant, candidates: Sequence[Participant]) -> str:
    alike = [each for each in candidates if each.purpose == best.purpose]
    level = [each for each in alike if _presence(each) == _presence(best)]
    presence = ("is connected", "is being called", "has left, and may not keep what is written")[_presence(best)]
    if len(alike) == 1:
        return f"the only {best.purpose}, who {presence}"
    if len(level) == 1:
        return f"the one {best.purpose} of {len(alike)} who {presence}"
    if len([each for each in level if _called(each) == _called(best)]) == 1:
        return f"the one user of {len(level)} who dialled; {presence}"
    return f"the first to join of {len(level)} {best.purpose} participants; {presence}"


def _why_not(other: Participant, best: Participant) -> str:
    if unfit := _unfit(other):
        return unfit
    if other.purpose != best.purpose:
        return f"is of purpose {other.purpose}, and a {best.purpose} takes part"
    if _presence(other) != _presence(best):
        return "has left" if other.left else "is not connected"
    if _called(other) != _called(best):
        return "did not dial"
    return "joined later"
