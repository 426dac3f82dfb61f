"""All that a stand-in knows: one organisation's clients and conversations, and what is to go wrong."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from architect.emulator.platform.behaviour import Behaviour
from architect.emulator.platform.clients import Clients
from architect.emulator.platform.clock import Clock
from architect.emulator.platform.conversation import Conversation
from architect.emulator.platform.faults import Faults
from architect.emulator.platform.rate_limit import RateLimit


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was answered; `status` is None where the connection was reset instead."""

    method: str
    path: str
    status: int | None
    client_id: str | None
    headers: Mapping[str, str]
    body: str


class Organization:
    """An organisation of Genesys Cloud. Everything in it is thread-safe."""

    def __init__(self, behaviour: Behaviour | None = None, clock: Clock | None = None) -> None:
        self.behaviour = behaviour or Behaviour()
        self.clock = clock or Clock()
        self.clients = Clients(self.clock, self.behaviour.token_lifetime)
        self.faults = Faults()
        self.requests_limit = RateLimit(self.clock, self.behaviour.requests_per_minute)
        self.tokens_limit = RateLimit(self.clock, self.behaviour.requests_per_minute)
        self.requests: list[Request] = []
        self._lock = threading.Lock()
        self._conversations: dict[str, Conversation] = {}

    def start_conversation(
        self, conversation_id: str | None = None, *, media: str = "calls", direction: str = "inbound"
    ) -> Conversation:
        """Start a conversation, still without participants. Raises ValueError when the id is taken or no UUID."""
        conversation = Conversation(
            conversation_id, media=media, direction=direction, clock=self.clock, behaviour=self.behaviour
        )
        with self._lock:
            if self._conversations.setdefault(conversation.id, conversation) is not conversation:
                raise ValueError(f"conversation {conversation.id} exists already")
        return conversation

    def conversation(self, conversation_id: str) -> Conversation:
        """Return a conversation. Raises KeyError when there is none of that id."""
        return self._conversations[conversation_id]
