"""Tokens that nobody issued, made by hand where no library would make them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import pytest
from werkzeug import security

from app.config import Settings
from app.errors import OAuthError
from app.oauth import ClientRegistry, InvalidTokenError, Tokens
from tests.conftest import SECRET

KEY = b"n" * 32
NOW = int(time.time())
CLAIMS = {
    "iss": "callspan", "aud": "callspan", "sub": "genesys", "scope": "actions", "jti": "1",
    "iat": NOW, "exp": NOW + 600,
}  # fmt: skip
HEADER = {"alg": "HS256", "kid": "new", "typ": "JWT"}


def encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token(header: object = HEADER, claims: object = CLAIMS, key: bytes = KEY) -> str:
    """Return a token with any header and claims, bytes being taken as they are, rightly signed with HMAC-SHA256."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    signed = b".".join(map(encoded, parts))
    return (signed + b"." + encoded(hmac.digest(key, signed, hashlib.sha256))).decode()


@pytest.fixture
def tokens(settings: Settings) -> Tokens:
    return Tokens(settings.clients, settings.jwt_keys)


def test_a_token_made_by_hand_is_good_when_all_is_right(tokens: Tokens) -> None:
    assert tokens.verify(token()) == ("genesys", {"actions"})


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": "new"},
        {"alg": "None", "kid": "new"},
        {"alg": "nOnE", "kid": "new"},
        {"alg": "", "kid": "new"},
        {"alg": None, "kid": "new"},
        {"alg": ["HS256"], "kid": "new"},
        {"kid": "new"},
        {"alg": "hs256", "kid": "new"},
        {"alg": "HS384", "kid": "new"},
        {"alg": "RS256", "kid": "new"},
        {"alg": "ES256", "kid": "new"},
        {"alg": "EdDSA", "kid": "new"},
        {"alg": "PS256", "kid": "new"},
        {"alg": "dir", "enc": "A256GCM", "kid": "new"},
        {**HEADER, "crit": ["exp"]},
        {**HEADER, "crit": ["b64"], "b64": False},
        {**HEADER, "kid": "gone"},
        {**HEADER, "kid": ""},
        {**HEADER, "kid": None},
        {**HEADER, "kid": 0},
        {**HEADER, "kid": ["new"]},
        {**HEADER, "kid": {"new": "new"}},
        {**HEADER, "kid": "../../../dev/null"},
        {**HEADER, "kid": "new' OR '1'='1"},
        {**HEADER, "kid": "new\x00"},
        {**HEADER, "kid": "\ud800"},
        {**HEADER, "kid": "gone", "jwk": {"kty": "oct", "k": encoded(KEY).decode()}},
        {**HEADER, "kid": "gone", "jku": "http://127.0.0.1:9/keys", "x5u": "http://127.0.0.1:9/key"},
        [],
        "HS256",
        None,
        b"",
        b"\xff",
        b"{" * 6000,
        b"[" * 6000,
        b'{"alg":"HS256","kid":"new","x":' + b"[" * 3000 + b"]" * 3000 + b"}",
        b'{"alg":"HS256","kid":"new","x":' + b"9" * 6000 + b"}",
    ],
    ids=lambda header: str(header)[:60],
)
def test_a_header_that_we_do_not_write_makes_a_token_worthless(tokens: Tokens, header: object) -> None:
    with pytest.raises(InvalidTokenError, match="not valid here"):
        tokens.verify(token(header))


@pytest.mark.parametrize("extra", [{"jwk": {"kty": "oct", "k": "eA"}}, {"jku": "http://127.0.0.1:9/keys"}])
def test_a_key_that_a_token_brings_along_is_not_used(tokens: Tokens, extra: dict[str, object]) -> None:
    with pytest.raises(InvalidTokenError):
        tokens.verify(token({**HEADER, **extra}, key=b"x"))


@pytest.mark.parametrize(
    "claims",
    [
        {**CLAIMS, "exp": NOW - 1},
        {**CLAIMS, "exp": "soon"},
        {**CLAIMS, "exp": None},
        {**CLAIMS, "exp": float("nan")},
        {**CLAIMS, "exp": float("inf")},
        {**CLAIMS, "exp": [NOW + 600]},
        {**CLAIMS, "iat": NOW + 3600},
        {**CLAIMS, "nbf": NOW + 3600},
        {**CLAIMS, "iat": "today"},
        {**CLAIMS, "aud": "elsewhere"},
        {**CLAIMS, "aud": []},
        {**CLAIMS, "aud": None},
        {**CLAIMS, "iss": "elsewhere"},
        {**CLAIMS, "iss": ["callspan"]},
        {**CLAIMS, "sub": "nobody"},
        {**CLAIMS, "sub": ["genesys"]},
        {**CLAIMS, "sub": {"genesys": 1}},
        {**CLAIMS, "scope": None},
        {**CLAIMS, "scope": 5},
        {**CLAIMS, "scope": ["actions"]},
        {**CLAIMS, "scope": {"actions": True}},
        {name: value for name, value in CLAIMS.items() if name != "exp"},
        {},
        [],
        b"{" * 6000,
        b'{"exp":' + b"9" * 6000 + b"}",
        b'{"x":' + b"[" * 3000 + b"]" * 3000 + b"}",
    ],
    ids=lambda claims: str(claims)[:150].partition("'scope'")[2] or str(claims)[:20],
)
def test_claims_that_we_do_not_write_make_a_token_worthless(tokens: Tokens, claims: object) -> None:
    """Even where the signature is right: whoever has the key may be another program, with other tokens."""
    with pytest.raises(InvalidTokenError):
        tokens.verify(token(claims=claims))


@pytest.mark.parametrize("scope", ["events", "actions events", "admin", "*", "ACTIONS", "a,b", "act\x00ions"])
def test_no_token_gives_more_than_its_client_has(tokens: Tokens, scope: str) -> None:
    assert tokens.verify(token(claims={**CLAIMS, "scope": scope}))[1] <= {"actions"}


@pytest.mark.parametrize("scope", ["events", "", "actionsx"])
def test_a_token_gives_no_more_than_it_was_issued_for(tokens: Tokens, scope: str) -> None:
    assert "actions" not in tokens.verify(token(claims={**CLAIMS, "scope": scope}))[1]


@pytest.mark.parametrize("part", range(3))
def test_a_token_of_which_one_character_was_changed_is_worthless(tokens: Tokens, part: int) -> None:
    parts = token().split(".")
    middle = len(parts[part]) // 2
    other = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + other + parts[part][middle + 1 :]
    with pytest.raises(InvalidTokenError):
        tokens.verify(".".join(parts))


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Keep what is hashed from now on: the method, with what it costs, and the length of the salt."""
    kept: list[tuple[str, int]] = []
    compute = security._hash_internal

    def computed(method: str, salt: str, password: str) -> tuple[str, str]:
        kept.append((method, len(salt)))
        return compute(method, salt, password)

    monkeypatch.setattr(security, "_hash_internal", computed)
    return kept


def test_an_unknown_client_costs_the_same_work_as_a_known_one(
    settings: Settings, hashed: list[tuple[str, int]]
) -> None:
    """From the first request on, or the first answer of a process would tell who is unknown."""
    work: list[tuple[tuple[str, int], ...]] = []
    for client_id in ("nobody", "genesys", "nobody else", "genesys", ""):
        registry = ClientRegistry(settings.clients)
        hashed.clear()
        with pytest.raises(OAuthError):
            registry.authenticate(client_id, "wrong")
        work.append(tuple(hashed))
    assert len(set(work)) == 1
    assert len(work[0]) == 1


def test_what_stands_for_an_unknown_client_opens_to_nobody(settings: Settings) -> None:
    registry = ClientRegistry(settings.clients)
    for secret in (SECRET, "", "x" * 100_000, "\x00"):
        with pytest.raises(OAuthError):
            registry.authenticate("nobody", secret)
