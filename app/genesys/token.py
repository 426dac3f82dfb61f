"""Access tokens of Genesys Cloud, by the client credentials grant.

The client of this grant has no scopes: what it may read follows from the roles and divisions it was given (Genesys'
platform SDK, `OAuthClientRequest`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import urllib3

from app.genesys.budget import Budget
from app.genesys.errors import TimedOutError, UnavailableError
from app.genesys.exchange import Exchange

DEFAULT_LIFETIME = 86_400
"""Seconds for which a token is good where the answer does not say (Genesys' default)."""


class TokenSource:
    """Fetches a token when one is needed, keeps it until shortly before it expires, and shares it among threads."""

    def __init__(
        self,
        exchange: Exchange,
        login_url: str,
        client_id: str,
        client_secret: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exchange, self._clock = exchange, clock
        self._url = login_url + "/oauth/token"
        self._headers = {
            **urllib3.make_headers(basic_auth=f"{client_id}:{client_secret}"),
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = 0.0

    def token(self, budget: Budget) -> str:
        """Return a token; one thread fetches it while the others wait.

        Raises:
            PlatformError: when there is none to be had within the budget.

        """
        if not self._lock.acquire(timeout=budget.left):
            raise TimedOutError("Genesys Cloud issued no token in time.")
        try:
            if not self._token or self._clock() >= self._good_until:
                self._fetch(budget)
            return self._token
        finally:
            self._lock.release()

    def discard(self, token: str) -> None:
        """Forget a token that was refused, unless another has taken its place already."""
        with self._lock:
            if self._token == token:
                self._token = ""

    def _fetch(self, budget: Budget) -> None:
        asked = self._clock()
        answer = self._exchange.send("POST", self._url, self._headers, budget, body=b"grant_type=client_credentials")
        if answer.status != 200:
            raise answer.refusal(
                "Genesys Cloud issues no token for GENESYSCLOUD_OAUTHCLIENT_ID: "
                "check it, its secret, its grant (client credentials) and GENESYSCLOUD_REGION"
            )
        document = answer.document if isinstance(answer.document, dict) else {}
        token, lifetime = document.get("access_token"), document.get("expires_in", DEFAULT_LIFETIME)
        if not isinstance(token, str) or not token.isascii() or not token or not isinstance(lifetime, int | float):
            raise UnavailableError("Genesys Cloud's login answered no token.", correlation_id=answer.correlation_id)
        self._token = token
        # A token that is about to expire would be refused while it is on its way.
        self._good_until = asked + lifetime - min(60, lifetime / 10)
