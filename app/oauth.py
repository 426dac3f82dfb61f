"""Who may call: client credentials in, signed tokens out, and the check of a token before a view runs.

Tokens are JWTs signed with HS256 and nothing else. The client and its scopes are looked up again when a token is used,
so taking a client or one of its scopes out of CALLSPAN_CLIENTS takes effect at once.
"""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import jwt
from flask import Blueprint, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized
from werkzeug.security import check_password_hash

from app.errors import InsufficientScope, OAuthError
from app.signature import InvalidSignatureError, SignatureCheck
from app.values import Client, SigningKey

PUBLIC = "public"
"""What a blueprint is registered with when anybody may call it."""

ISSUER = "callspan"
AUDIENCE = "callspan"
_ALGORITHM = "HS256"
_CLAIMS = ["iss", "aud", "sub", "scope", "iat", "exp", "jti"]


class InvalidTokenError(Exception):
    """A token that is not accepted; the message may be shown to the caller."""


@dataclass(frozen=True, slots=True)
class _Verified:
    """A token that was verified: whose it is, what it was issued for, by which key, and when it expires."""

    client_id: str
    scopes: frozenset[str]
    kid: str
    expires: float


class Tokens:
    """Issues and verifies access tokens.

    What was verified is remembered by its digest until it expires; client, scopes and key are looked up all the same.
    """

    _REMEMBERED = 1000

    def __init__(self, clients: Mapping[str, Client], keys: Sequence[SigningKey]) -> None:
        self._clients = clients
        self._signing_key = keys[0]
        self._secrets = {key.kid: key.secret for key in keys}
        self._verified: dict[bytes, _Verified] = {}

    def issue(self, client: Client, scopes: frozenset[str], lifetime: int) -> str:
        """Return a token for a client, good for `lifetime` seconds."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": client.id,
            "scope": " ".join(sorted(scopes)),
            "iat": now,
            "exp": now + lifetime,
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, self._signing_key.secret, _ALGORITHM, headers={"kid": self._signing_key.kid})

    def verify(self, token: str) -> tuple[str, frozenset[str]]:
        """Return the client's id and the scopes it holds now.

        Raises:
            InvalidTokenError: when it is not ours, was changed, has expired or its client is gone.

        """
        digest = hashlib.sha256(token.encode()).digest()
        verified = self._verified.get(digest)
        if verified is None or verified.expires <= time.time() or verified.kid not in self._secrets:
            verified = self._verify(token)
            if len(self._verified) >= self._REMEMBERED:
                self._verified.clear()
            self._verified[digest] = verified
        client = self._clients.get(verified.client_id)
        if client is None:
            raise InvalidTokenError("the token is not valid here")
        return client.id, client.scopes & verified.scopes

    def _verify(self, token: str) -> _Verified:
        try:
            kid = jwt.get_unverified_header(token)["kid"]
            claims = jwt.decode(
                token,
                self._secrets[kid],
                [_ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": _CLAIMS},
            )
            return _Verified(claims["sub"], frozenset(claims["scope"].split()), kid, claims["exp"])
        except jwt.ExpiredSignatureError:
            raise InvalidTokenError("the token has expired; ask /oauth/token for a new one") from None
        except (jwt.InvalidTokenError, KeyError, TypeError, AttributeError):
            raise InvalidTokenError("the token is not valid here") from None


class ClientRegistry:
    """Knows the clients and their secrets."""

    def __init__(self, clients: Mapping[str, Client]) -> None:
        self._clients = clients
        # What an unknown client's secret is checked against: the work of a known one's, and a digest of nothing.
        method, salt, digest = next(iter(clients.values())).secret_hash.split("$")
        self._nobody = f"{method}${salt}${secrets.token_hex(len(digest) // 2)}"

    def authenticate(self, client_id: str, secret: str) -> Client:
        """Return the client whose secret this is.

        Raises:
            OAuthError: `invalid_client`, the same for an unknown client and a wrong secret.

        """
        client = self._clients.get(client_id)
        if not check_password_hash(client.secret_hash if client else self._nobody, secret) or not client:
            raise OAuthError("invalid_client", "unknown client or wrong secret")
        return client


def guard(blueprint: Blueprint, tokens: Tokens, scope: str, signatures: SignatureCheck | None = None) -> None:
    """Let only bearers of a token with this scope into the blueprint's views; PUBLIC lets everybody in.

    A missing or bad token is answered 401, so that the caller fetches another; a good one without the scope 403.
    Where signatures are taken, a request with one needs no token. The caller's client id is left in `g.client`.
    """
    if scope == PUBLIC:
        return
    check_bearer = _bearer_check(tokens, scope)

    @blueprint.before_request
    def check() -> None:
        if signatures is None or not signatures.is_signed(request.headers):
            check_bearer()
            return
        try:
            signatures.verify(request.headers, request.get_data())
        except InvalidSignatureError as error:
            raise Unauthorized(f"{error}.") from None
        g.client = "signature"


def _bearer_check(tokens: Tokens, scope: str) -> Callable[[], None]:
    def check() -> None:
        credentials = request.authorization
        if credentials is None or credentials.type != "bearer" or not credentials.token:
            raise Unauthorized(
                "Send the header Authorization: Bearer <token>, with a token from /oauth/token.",
                www_authenticate=WWWAuthenticate("bearer", {"realm": "callspan"}),
            )
        try:
            g.client, scopes = tokens.verify(credentials.token)
        except InvalidTokenError as error:
            challenge: dict[str, str | None] = {
                "realm": "callspan",
                "error": "invalid_token",
                "error_description": str(error),
            }
            raise Unauthorized(f"{error}.", www_authenticate=WWWAuthenticate("bearer", challenge)) from None
        if scope not in scopes:
            raise InsufficientScope(scope)

    return check
