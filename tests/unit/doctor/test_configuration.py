from __future__ import annotations

import json

from app.config import Settings
from app.doctor.configuration import clients, configuration, tokens
from app.values import Client, SigningKey
from tests.conftest import make_settings

ENVIRON = {
    "CALLSPAN_CLIENTS": json.dumps({"genesys": {"secret_hash": "scrypt:1:1:1$salt$00ff", "scopes": ["actions"]}}),
    "CALLSPAN_JWT_KEYS": "k1:" + "n" * 32,
}


def test_every_problem_is_a_check_of_its_own() -> None:
    checks, settings = configuration({"CALLSPAN_JWT_KEYS": "k1:hush-hush-too-short", "DD_SITE": "nowhere"})
    assert settings is None
    assert [check.status for check in checks] == ["failed"] * 3
    words = " ".join(check.what for check in checks)
    assert "CALLSPAN_CLIENTS is not set" in words
    assert "DD_SITE must be a host name" in words
    assert "hush-hush" not in words


def test_settings_that_are_right_are_counted() -> None:
    (check,), settings = configuration(ENVIRON)
    assert isinstance(settings, Settings)
    assert check.status == "ok"
    assert check.what.startswith("the service starts with it: 2 of ")


def test_each_key_signs_and_is_verified_and_none_is_shown(settings: Settings) -> None:
    check = tokens(settings)
    assert check.status == "ok"
    assert check.what == 'issued with the key "new" and verified; "old" verifies tokens issued earlier'
    assert "nnnn" not in check.what


def test_keys_of_one_name_refuse_each_others_tokens() -> None:
    # `parse_keys` lets no such pair in: the check is for what it does not foresee.
    check = tokens(make_settings(jwt_keys=(SigningKey("k", b"n" * 32), SigningKey("k", b"o" * 32))))
    assert check.status == "failed"
    assert '"k" is refused' in check.what


def test_clients_are_listed_with_their_scopes() -> None:
    check = clients(make_settings(clients={"genesys": Client("genesys", "secret-hash", frozenset({"actions"}))}))
    assert (check.status, check.what) == ("ok", "genesys: actions; nobody has events, attributes")


def test_clients_that_may_call_no_action_are_warned_of() -> None:
    check = clients(make_settings(clients={"bridge": Client("bridge", "secret-hash", frozenset({"events"}))}))
    assert check.status == "warning"
    assert "every data action is refused (bridge: events)" in check.what
