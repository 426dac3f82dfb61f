from __future__ import annotations

import time

import jwt
import pytest

from app.config import Settings
from app.credentials import new_client_secret
from app.errors import OAuthError
from app.oauth import ClientRegistry, InvalidTokenError, Tokens
from app.values import SigningKey
from tests.conftest import SECRET

NEW, OLD = SigningKey("new", b"n" * 32), SigningKey("old", b"o" * 32)


@pytest.fixture
def tokens(settings: Settings) -> Tokens:
    return Tokens(settings.clients, settings.jwt_keys)


def issue(settings: Settings, *keys: SigningKey, lifetime: int = 60) -> str:
    client = settings.clients["genesys"]
    return Tokens(settings.clients, keys or settings.jwt_keys).issue(client, client.scopes, lifetime)


def claims(**changes: object) -> dict[str, object]:
    now = int(time.time())
    good = {"iss": "callspan", "aud": "callspan", "sub": "genesys", "scope": "actions", "jti": "1", "iat": now}
    return {name: value for name, value in {**good, "exp": now + 60, **changes}.items() if value is not None}


def test_a_token_says_who_may_do_what_and_for_how_long(settings: Settings) -> None:
    token = issue(settings)
    payload = jwt.decode(token, NEW.secret, ["HS256"], audience="callspan", issuer="callspan")
    assert set(payload) == {"iss", "aud", "sub", "scope", "iat", "exp", "jti"}
    assert payload["sub"] == "genesys"
    assert payload["scope"] == "actions"
    assert payload["exp"] - payload["iat"] == 60
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "kid": "new", "typ": "JWT"}


def test_two_tokens_are_never_the_same(settings: Settings) -> None:
    assert issue(settings) != issue(settings)


def test_a_token_is_verified_by_any_of_the_keys(settings: Settings, tokens: Tokens) -> None:
    for key in (NEW, OLD):
        assert tokens.verify(issue(settings, key)) == ("genesys", {"actions"})


def test_a_token_stops_working_with_its_key_its_client_and_its_clients_scope(settings: Settings) -> None:
    token = issue(settings, OLD)
    with pytest.raises(InvalidTokenError):
        Tokens(settings.clients, [NEW]).verify(token)
    with pytest.raises(InvalidTokenError):
        Tokens({"eventbridge": settings.clients["eventbridge"]}, [OLD]).verify(token)
    now_for_events = {"genesys": settings.clients["eventbridge"]}
    assert Tokens(now_for_events, [OLD]).verify(token)[1] == set()


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "elsewhere"},
        {"aud": "elsewhere"},
        {"sub": "nobody"},
        {"sub": 5},
        {"exp": None},
        {"jti": None},
        {"scope": None},
        {"iat": None},
        {"nbf": 2**40},
    ],
    ids=str,
)
def test_a_token_with_other_claims_is_refused(tokens: Tokens, changes: dict[str, object]) -> None:
    good = jwt.encode(claims(), NEW.secret, "HS256", headers={"kid": "new"})
    assert tokens.verify(good)[0] == "genesys"
    with pytest.raises(InvalidTokenError, match="not valid here"):
        tokens.verify(jwt.encode(claims(**changes), NEW.secret, "HS256", headers={"kid": "new"}))


def test_an_expired_token_is_refused_with_the_way_to_get_another(tokens: Tokens) -> None:
    expired = jwt.encode(claims(exp=int(time.time()) - 1), NEW.secret, "HS256", headers={"kid": "new"})
    with pytest.raises(InvalidTokenError, match="expired; ask /oauth/token"):
        tokens.verify(expired)


@pytest.mark.parametrize(
    ("secret", "algorithm", "header"),
    [
        (b"x" * 32, "HS256", {"kid": "new"}),
        (NEW.secret * 2, "HS512", {"kid": "new"}),
        ("", "none", {"kid": "new"}),
        (NEW.secret, "HS256", {"kid": "gone"}),
        (NEW.secret, "HS256", {}),
    ],
    ids=["wrong secret", "another algorithm", "no signature", "unknown kid", "no kid"],
)
def test_a_token_signed_otherwise_is_refused(
    tokens: Tokens, secret: bytes, algorithm: str, header: dict[str, str]
) -> None:
    with pytest.raises(InvalidTokenError, match="not valid here"):
        tokens.verify(jwt.encode(claims(), secret, algorithm, headers=header))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "." * 5, "e30.e30.e30"])
def test_what_is_no_token_at_all_is_refused(tokens: Tokens, token: str) -> None:
    with pytest.raises(InvalidTokenError, match="not valid here"):
        tokens.verify(token)


def test_a_client_is_known_by_its_secret_alone(settings: Settings) -> None:
    registry = ClientRegistry(settings.clients)
    assert registry.authenticate("genesys", SECRET).id == "genesys"
    errors = []
    for client_id, secret in (("genesys", "wrong"), ("nobody", SECRET), ("genesys", ""), ("", "")):
        with pytest.raises(OAuthError) as caught:
            registry.authenticate(client_id, secret)
        errors.append((caught.value.error, caught.value.description))
    assert set(errors) == {("invalid_client", "unknown client or wrong secret")}


def test_a_new_secret_is_random_and_kept_as_a_slow_hash_only() -> None:
    (one, one_hash), (two, _) = new_client_secret(), new_client_secret()
    assert one != two
    assert len(one) >= 43
    assert one_hash.startswith("scrypt:")
    assert one not in one_hash
