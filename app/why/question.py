"""What is asked, and what was seen of the conversation it is about."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from dataclasses import dataclass
from typing import Literal

from app.genesys.conversation import Conversation, Participant
from app.genesys.errors import PlatformError
from app.genesys.participants import PURPOSES, SeveralParticipantsError, UnresolvedError, resolve
from app.why.paths import Written, read_address


@dataclass(frozen=True, slots=True)
class Question:
    """Where is `attribute`? With `expected`, why is its value another; `wrote_to` is the URL that was written to."""

    conversation_id: str
    attribute: str
    expected: str | None = None
    wrote_to: str | None = None
    looked_at: Literal["conversation", "analytics"] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The conversation as it was shown so many seconds after the first question."""

    seconds: float
    conversation: Conversation


@dataclass(frozen=True)
class Seen:
    """All readings, and what went wrong: instead of the first of them, or on the way to it by the other path.

    At least one reading, or an error.
    """

    question: Question
    readings: tuple[Reading, ...] = ()
    error: PlatformError | None = None

    @property
    def conversation(self) -> Conversation:
        """The conversation as it was shown last."""
        return self.readings[-1].conversation

    @functools.cached_property
    def target(self) -> Participant | None:
        """Whom flows, scripts and reports look at; None when there is nobody, or no telling who."""
        try:
            return resolve(dataclasses.replace(self.conversation, ended=None)).participant
        except UnresolvedError:
            return None

    @functools.cached_property
    def ambiguity(self) -> str:
        """The sentence that says why there is no telling who, "" when there is."""
        try:
            resolve(dataclasses.replace(self.conversation, ended=None))
        except SeveralParticipantsError as error:
            return str(error)
        except UnresolvedError:
            pass
        return ""

    @functools.cached_property
    def over(self) -> bool:
        """Whether the conversation has ended; where it does not say so itself, when everybody has left."""
        parties = self.conversation.participants
        return self.conversation.ended is not None or (bool(parties) and all(each.left for each in parties))

    @property
    def visible(self) -> bool:
        """Whether the attribute is where it belongs, with the value that is expected if one is."""
        return fits(self.question, self.target)

    @property
    def visible_from(self) -> float | None:
        """Seconds until the first reading from which on it was so; None when the last one does not show it."""
        if not self.visible or self.target is None:
            return None
        shows = [fits(self.question, each.conversation.participant(self.target.id)) for each in self.readings]
        hidden = [position for position, shown in enumerate(shows) if not shown]
        return self.readings[hidden[-1] + 1 if hidden else 0].seconds

    @functools.cached_property
    def holders(self) -> tuple[Participant, ...]:
        """The other participants that have the attribute, with the value that is expected if one is."""
        others = (each for each in self.conversation.participants if each != self.target)
        return tuple(each for each in others if fits(self.question, each))

    @functools.cached_property
    def spellings(self) -> tuple[tuple[Participant, str], ...]:
        """Attributes whose names differ only in case, blanks or signs, and who has them."""
        return tuple(
            (participant, name)
            for participant in self.conversation.participants
            for name in participant.attributes
            if name != self.question.attribute and _plain(name) == _plain(self.question.attribute)
        )

    @functools.cached_property
    def written(self) -> Written | None:
        """What the address that was written to names, where it is known."""
        return None if self.question.wrote_to is None else read_address(self.question.wrote_to)

    @property
    def written_amiss(self) -> bool:
        """Whether the address alone tells that the write can never show up where it belongs."""
        if self.written is None:
            return False
        amiss = self.target is not None and self.written.participant != self.target.id
        return bool(self.written.problem) or self.written.conversation != self.question.conversation_id or amiss

    @property
    def nowhere(self) -> bool:
        """Whether no participant has the attribute, whatever its value or spelling."""
        has = any(self.question.attribute in each.attributes for each in self.conversation.participants)
        return not has and not self.spellings

    @functools.cached_property
    def running_flows(self) -> tuple[Participant, ...]:
        """The flows that have not ended."""
        return tuple(each for each in self.conversation.participants if each.purpose == "ivr" and not each.left)

    @property
    def candidates(self) -> int:
        """How many participants there are whom a flow could work for."""
        return sum(each.purpose in PURPOSES for each in self.conversation.participants)

    @property
    def seconds(self) -> float:
        """Seconds between the first reading and the last."""
        return self.readings[-1].seconds - self.readings[0].seconds

    def lost_after(self) -> float | None:
        """Return when another value took the place of what had been there, None when that was not seen."""
        if self.target is None:
            return None
        shown = [each.conversation.participant(self.target.id) for each in self.readings]
        for (before, after), reading in zip(itertools.pairwise(shown), self.readings[1:], strict=True):
            if fits(self.question, before) and not fits(self.question, after):
                return reading.seconds
        return None


def fits(question: Question, participant: Participant | None) -> bool:
    """Tell whether a participant has the attribute, with the value that is expected if one is."""
    if participant is None or question.attribute not in participant.attributes:
        return False
    return question.expected in (None, participant.attributes[question.attribute])


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
