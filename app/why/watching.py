"""Reads the conversation: once when that tells enough, and again for a while when the attribute may still come."""

from __future__ import annotations

import itertools
from typing import Protocol

from app.genesys.budget import Budget
from app.genesys.conversation import Conversation
from app.genesys.errors import PlatformError
from app.genesys.writer import LAST_READING, READ_BACK
from app.why.question import Question, Reading, Seen


class Platform(Protocol):
    """What is asked of Genesys Cloud; see `app.genesys.client.PlatformClient`."""

    def conversation(self, conversation_id: str, budget: Budget) -> Conversation:
        """Return a conversation as it is now."""

    def call(self, conversation_id: str, budget: Budget) -> Conversation:
        """Return a call as it is now, by the path that needs no permission."""


def watch(platform: Platform, question: Question, budget: Budget) -> Seen:
    """Read until the attribute is there, until it is clear that it will not come, or until the budget is spent."""
    read, seen = platform.conversation, Seen(question)
    try:
        seen = _after(seen, read(question.conversation_id, budget), budget)
    except PlatformError as error:
        seen = Seen(question, error=error)
        if error.status != 403:
            return seen
        read = platform.call
        try:
            seen = _after(seen, read(question.conversation_id, budget), budget)
        except PlatformError:
            return seen
    for pause in itertools.chain(READ_BACK, itertools.repeat(READ_BACK[-1])):
        seconds = min(pause, budget.left - LAST_READING)
        if seconds <= 0 or _settled(seen):
            break
        try:
            budget.wait(seconds)
            seen = _after(seen, read(question.conversation_id, budget), budget)
        except PlatformError:
            break  # What was read before is the better answer.
    return seen


def _after(seen: Seen, conversation: Conversation, budget: Budget) -> Seen:
    return Seen(seen.question, (*seen.readings, Reading(budget.spent, conversation)), seen.error)


def _settled(seen: Seen) -> bool:
    """Tell whether reading again could tell nothing new.

    That another participant has it, or another value stands there, does not: a write may be under way all the same.
    """
    return seen.visible or seen.over or seen.written_amiss
