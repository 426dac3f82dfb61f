"""OAuth clients and their tokens (client credentials grant)."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from architect.emulator.platform.clock import Clock
from architect.emulator.platform.errors import error

VIEW_CONVERSATION = "conversation:communication:view"
VIEW_ANALYTICS = "analytics:conversationDetail:view"


@dataclass(frozen=True)
class Client:
    """An OAuth client: its roles grant permissions; such clients have no scopes (Genesys' platform SDK)."""

    id: str
    secret: str
    permissions: frozenset[str] = frozenset()


class Clients:
    """The clients of an organisation and the tokens they hold. Thread-safe."""

    def __init__(self, clock: Clock, token_lifetime: int) -> None:
        self._clock = clock
        self._lifetime = token_lifetime
        self._lock = threading.Lock()
        self._clients: dict[str, Client] = {}
        self._tokens: dict[str, tuple[Client, float]] = {}

    def add(self, client_id: str, secret: str, permissions: Iterable[str] = (VIEW_CONVERSATION,)) -> Client:
        """Create a client, or replace the one of that id."""
        client = Client(client_id, secret, frozenset(permissions))
        with self._lock:
            self._clients[client_id] = client
        return client

    def token(self, client_id: str, secret: str) -> tuple[str, int] | None:
        """Issue a token and tell its lifetime in seconds; None when there is no such client with that secret."""
        with self._lock:
            client = self._clients.get(client_id)
            if client is None or not hmac.compare_digest(client.secret.encode(), secret.encode()):
                return None
            token = secrets.token_urlsafe(48)
            self._tokens[token] = (client, self._clock.now() + self._lifetime)
            return token, self._lifetime

    def holder(self, token: str) -> Client:
        """Return whose token this is. Raises PlatformError 401 when it is unknown or has expired."""
        with self._lock:
            client, expires = self._tokens.get(token, (None, 0.0))
            if client is None or expires <= self._clock.now():
                raise error(401)
            # A client's roles can change while its tokens live.
            return self._clients.get(client.id, client)

    def revoke_tokens(self) -> None:
        """Make every token issued so far worthless."""
        with self._lock:
            self._tokens.clear()
