"""The part of Genesys Cloud's platform API that Callspan uses: reading a conversation, writing on a participant.

Both are asked for by the paths that serve every medium. `conversations/voice/...` does not exist, and the participant
itself, without `/attributes`, takes no attributes (Genesys' platform SDK 269).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote

from marshmallow import ValidationError

from app.genesys.budget import Budget
from app.genesys.conversation import Conversation, read_conversation
from app.genesys.errors import NotWritableError, UnavailableError, UnknownConversationError
from app.genesys.exchange import Answer, Exchange
from app.genesys.limiter import RateLimiter
from app.genesys.token import TokenSource


class PlatformClient:
    """Asks the platform API of one organisation, as one OAuth client. Safe to share between threads."""

    def __init__(
        self,
        api_url: str,
        login_url: str,
        client_id: str,
        client_secret: str,
        *,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._conversations = api_url + "/api/v2/conversations"
        self._exchange = Exchange()
        self._tokens = TokenSource(self._exchange, login_url, client_id, client_secret, clock)
        self._limiter = RateLimiter(per_minute, clock)

    def conversation(self, conversation_id: str, budget: Budget) -> Conversation:
        """Return a conversation with its participants and their attributes.

        Raises:
            UnknownConversationError: when there is none of that id.
            PlatformError: when it cannot be read now.

        """
        return self._read(f"/{quote(conversation_id, safe='')}", budget)

    def call(self, conversation_id: str, budget: Budget) -> Conversation:
        """Return the same of a call, by the path for calls, for which Genesys lists no permission.

        Raises:
            UnknownConversationError: when there is no call of that id.
            PlatformError: when it cannot be read now.

        """
        return self._read(f"/calls/{quote(conversation_id, safe='')}", budget)

    def set_attributes(
        self, conversation_id: str, participant_id: str, attributes: Mapping[str, str], budget: Budget
    ) -> None:
        """Ask for attributes to be set on a participant; others that it has stay. Accepted (202) is not yet stored.

        Raises:
            NotWritableError: when it was there to be read, and is not to be written on.
            PlatformError: when it was not accepted, or no answer came that said so.

        """
        path = f"/{quote(conversation_id, safe='')}/participants/{quote(participant_id, safe='')}/attributes"
        answer = self._ask("PATCH", path, budget, json.dumps({"attributes": dict(attributes)}).encode())
        if answer.status in (404, 409):
            raise answer.refusal(
                "Genesys Cloud no longer takes attributes on this participant: it or its conversation has ended",
                NotWritableError,
            )
        if not 200 <= answer.status < 300:
            raise answer.refusal("Genesys Cloud refuses to write these attributes")

    def _read(self, path: str, budget: Budget) -> Conversation:
        answer = self._ask("GET", path, budget)
        if answer.status == 404:
            raise answer.refusal("Genesys Cloud knows no conversation of this id", UnknownConversationError)
        if answer.status != 200:
            raise answer.refusal(
                "Genesys Cloud does not show this conversation: the client GENESYSCLOUD_OAUTHCLIENT_ID needs a role "
                "with conversation:communication:view in its division"
            )
        try:
            return read_conversation(answer.document)
        except ValidationError as error:
            names = ", ".join(sorted(map(str, error.normalized_messages())))  # type: ignore[no-untyped-call]
            raise UnavailableError(
                f"Genesys Cloud answered a conversation that cannot be read ({names}).",
                status=answer.status,
                correlation_id=answer.correlation_id,
            ) from None

    def _ask(self, method: str, path: str, budget: Budget, body: bytes | None = None) -> Answer:
        """Return the answer; a token that is refused is replaced once."""
        token = self._tokens.token(budget)
        answer = self._send(method, path, budget, body, token)
        if answer.status == 401:
            self._tokens.discard(token)
            answer = self._send(method, path, budget, body, self._tokens.token(budget))
        return answer

    def _send(self, method: str, path: str, budget: Budget, body: bytes | None, token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        url = self._conversations + path
        return self._exchange.send(
            method, url, headers, budget, body=body, turn=self._limiter.take, pause=self._limiter.pause
        )
