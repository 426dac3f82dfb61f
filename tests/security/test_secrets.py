"""No part of a running service shows a secret when it is printed, nor does an exception."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Iterator

import pytest
from werkzeug.security import generate_password_hash

from app import Parts, create_app
from app.config import ConfigurationError, Settings
from app.errors import OAuthError
from app.genesys.access import GenesysSettings
from app.oauth import InvalidTokenError
from app.signature import InvalidSignatureError, SignatureCheck
from app.values import Client, SigningKey
from tests.conftest import make_settings

HASH = generate_password_hash("the-clients-own-secret", "pbkdf2:sha256:1")
SECRETS = (
    "the-clients-own-secret",
    HASH.rpartition("$")[2],
    "this-key-signs-and-nobody-may-see-it",
    "a-relay-and-callspan-share-this-one",
    "the-redis-password",
)
ENVIRONMENT = {
    "CALLSPAN_CLIENTS": f'{{"genesys": {{"secret_hash": "{HASH}", "scopes": ["actions"]}}}}',
    "CALLSPAN_JWT_KEYS": f"new:{SECRETS[2]}",
    "CALLSPAN_SIGNATURE_SECRET": SECRETS[3],
    "CALLSPAN_RATE_LIMIT_STORAGE": f"redis://:{SECRETS[4]}@127.0.0.1:9/0",
}


@pytest.fixture
def parts() -> Parts:
    settings = make_settings(
        clients={"genesys": Client("genesys", HASH, frozenset({"actions"}))},
        jwt_keys=(SigningKey("new", SECRETS[2].encode()),),
        signature_secret=SECRETS[3],
        rate_limit_storage=ENVIRONMENT["CALLSPAN_RATE_LIMIT_STORAGE"],
    )
    parts: Parts = create_app(settings).extensions["callspan"]
    return parts


def ours_within(root: object) -> Iterator[object]:
    """Give each object of our own classes that can be reached from one of them, itself included."""
    waiting, known = [root], set()
    while waiting:
        each = waiting.pop()
        if id(each) in known or isinstance(each, type) or callable(each):
            continue
        known.add(id(each))
        if type(each).__module__.startswith("app"):
            yield each
        if type(each).__module__.startswith("app") or isinstance(each, dict | list | tuple | frozenset):
            waiting.extend(gc.get_referents(each))


def test_no_part_of_the_service_shows_a_secret(parts: Parts) -> None:
    found = list(ours_within(parts))
    assert {"Parts", "Settings", "Client", "SigningKey", "ClientRegistry", "Tokens", "HotPath", "Calls"} <= {
        type(each).__name__ for each in found
    }
    for each in found:
        shown = f"{each!r} {each!s} {each:}" if type(each).__format__ is object.__format__ else f"{each!r} {each!s}"
        assert not [secret for secret in SECRETS if secret in shown], type(each)


def test_what_gives_access_to_genesys_cloud_does_not_show_its_secret() -> None:
    told = {"GENESYSCLOUD_REGION": "eu-central-1", "GENESYSCLOUD_OAUTHCLIENT_ID": "our-id"}
    access = GenesysSettings.from_environ({**told, "GENESYSCLOUD_OAUTHCLIENT_SECRET": SECRETS[0]})
    assert access.genesys_client_secret == SECRETS[0]
    assert SECRETS[0] not in repr(access)


def test_no_exception_shows_a_secret(parts: Parts) -> None:
    """Nor the traceback of one that nobody caught."""
    token = parts.tokens.issue(parts.settings.clients["genesys"], frozenset({"actions"}), 60)
    signed = SignatureCheck(SECRETS[3], "X-Signature")

    def failures() -> Iterator[Exception]:
        for attempt in (
            lambda: parts.registry.authenticate("genesys", SECRETS[0][:-1]),
            lambda: parts.registry.authenticate(SECRETS[0], SECRETS[0]),
            lambda: parts.tokens.verify(token + "x"),
            lambda: parts.tokens.verify(token[:-2]),
            lambda: signed.verify({"X-Signature": SECRETS[3]}, b"{}"),  # type: ignore[arg-type]
        ):
            try:
                attempt()
            except (OAuthError, InvalidTokenError, InvalidSignatureError) as error:
                yield error

    shown = ["".join(traceback.format_exception(error)) + repr(error) for error in failures()]
    assert len(shown) == 5
    for text in shown:
        assert not [secret for secret in (*SECRETS, token) if secret in text]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CALLSPAN_CLIENTS", SECRETS[0]),
        ("CALLSPAN_CLIENTS", f'{{"genesys": "{SECRETS[0]}"}}'),
        ("CALLSPAN_CLIENTS", f'{{"genesys": {{"secret_hash": "{SECRETS[0]}", "scopes": ["actions"]}}}}'),
        ("CALLSPAN_CLIENTS", f'{{"genesys": {{"secret_hash": "{HASH}", "scopes": ["root"]}}}}'),
        ("CALLSPAN_JWT_KEYS", SECRETS[2][:31]),
        ("CALLSPAN_JWT_KEYS", f":{SECRETS[2]}"),
        ("CALLSPAN_JWT_KEYS", f"{SECRETS[2]}:new"),
        ("CALLSPAN_JWT_KEYS", f"new:{SECRETS[2][:31]}"),
        ("CALLSPAN_JWT_KEYS", f"new:{SECRETS[2]},new:{SECRETS[2]}"),
        ("CALLSPAN_SIGNATURE_SECRET", SECRETS[3][:31]),
        ("CALLSPAN_RATE_LIMIT_STORAGE", f"redis+tls://:{SECRETS[4]}@127.0.0.1"),
        ("CALLSPAN_GENESYS_URL", f"https://me:{SECRETS[4]}@api.example.com"),
        ("CALLSPAN_GENESYS_URL", f"http://proxy.example.com/{SECRETS[4]}"),
        ("GENESYSCLOUD_OAUTHCLIENT_SECRET", f"{SECRETS[0]} \u00e9"),
        ("CALLSPAN_DATADOG_URL", f"https://me:{SECRETS[4]}@acme.datadoghq.com"),
    ],
    ids=lambda value: value[:40],
)
def test_a_setting_that_is_refused_is_not_shown_where_it_holds_a_secret(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environ({**ENVIRONMENT, name: value})
    assert name in str(caught.value)
    assert not [secret for secret in SECRETS if secret[:31] in str(caught.value)]
