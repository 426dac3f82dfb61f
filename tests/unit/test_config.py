from __future__ import annotations

import json

import pytest
from werkzeug.security import generate_password_hash

from app.config import ConfigurationError, Settings, ui_address

HASH = generate_password_hash("secret", "pbkdf2:sha256:1")
REQUIRED = {
    "CALLSPAN_CLIENTS": json.dumps({"genesys": {"secret_hash": HASH, "scopes": ["actions", "events"]}}),
    "CALLSPAN_JWT_KEYS": f"new:{'n' * 32}, old:{'o' * 40}",
}


def problems(**environ: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environ({**REQUIRED, **environ})
    return caught.value.problems


def test_the_two_required_variables_are_enough() -> None:
    settings = Settings.from_environ(REQUIRED)
    assert settings.clients["genesys"].scopes == {"actions", "events"}
    assert [key.kid for key in settings.jwt_keys] == ["new", "old"]
    assert settings.token_lifetime == 86400
    assert settings.root_span == "start"
    assert settings.refuse_personal_data is True


def test_a_secret_alone_is_a_key_with_the_same_kid_in_every_process() -> None:
    """So a platform may fill the variable with chance; the SHA-256 of 64 zeros is known."""
    text = f"new:{'n' * 32},{'0' * 64}"
    keys = Settings.from_environ({**REQUIRED, "CALLSPAN_JWT_KEYS": text}).jwt_keys
    assert [(key.kid, key.secret) for key in keys] == [("new", b"n" * 32), ("60e05bd1b195", b"0" * 64)]


def test_every_problem_is_reported_at_once_with_the_way_to_mend_it() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environ({"CALLSPAN_ROOT_SPAN": "never", "CALLSPAN_TOKEN_LIFETIME": "soon"})
    clients, keys, lifetime, root = caught.value.problems
    assert "CALLSPAN_CLIENTS is not set" in clients
    assert "callspan client new" in clients
    assert "CALLSPAN_JWT_KEYS is not set" in keys
    assert "callspan key new" in keys
    assert lifetime == 'CALLSPAN_TOKEN_LIFETIME must be a whole number from 60 to 31536000, not "soon"'
    assert root == 'CALLSPAN_ROOT_SPAN must be one of start, events, not "never"'
    assert all(problem in str(caught.value) for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("CALLSPAN_CLIENTS", "{", "is not JSON"),
        ("CALLSPAN_CLIENTS", "[]", "at least one client"),
        ("CALLSPAN_CLIENTS", "{}", "at least one client"),
        ("CALLSPAN_CLIENTS", '{"a": "secret"}', 'client "a" needs a "secret_hash"'),
        ("CALLSPAN_CLIENTS", '{"a": {"secret_hash": "plain", "scopes": ["actions"]}}', "is not a hash"),
        ("CALLSPAN_CLIENTS", json.dumps({"a": {"secret_hash": HASH}}), "must be a list of some of actions"),
        ("CALLSPAN_CLIENTS", json.dumps({"a": {"secret_hash": HASH, "scopes": []}}), "must be a list"),
        ("CALLSPAN_CLIENTS", json.dumps({"a": {"secret_hash": HASH, "scopes": ["root"]}}), "must be a list"),
        ("CALLSPAN_CLIENTS", json.dumps({"a": {"secret_hash": HASH, "scopes": [["actions"]]}}), "must be a list"),
        ("CALLSPAN_JWT_KEYS", "short:secret", "key 1 is 6 bytes; HS256 needs at least 32"),
        ("CALLSPAN_JWT_KEYS", f"{'n' * 40},{'o' * 31}", "key 2 is 31 bytes; HS256 needs at least 32"),
        ("CALLSPAN_JWT_KEYS", f"{'n' * 40},{'n' * 40}", "names two keys alike"),
        ("CALLSPAN_JWT_KEYS", "kid:", "must be a list of kid:secret"),
        ("CALLSPAN_JWT_KEYS", f":{'n' * 40}", "must be a list of kid:secret"),
        ("CALLSPAN_JWT_KEYS", ",", "has no key"),
        ("CALLSPAN_JWT_KEYS", f"a:{'n' * 40},a:{'o' * 40}", "names two keys alike"),
        ("CALLSPAN_TOKEN_LIFETIME", "59", "from 60"),
        ("CALLSPAN_TOKEN_LIFETIME", "²", "whole number"),
        ("CALLSPAN_TOKEN_RATE_LIMIT", "often", "must be a rate"),
        ("CALLSPAN_RATE_LIMIT_STORAGE", "postgres://x", "must be memory:// or a redis:// URL"),
        ("CALLSPAN_SIGNATURE_SECRET", "short", "is 5 bytes; HMAC-SHA256 needs at least 32"),
        ("CALLSPAN_SIGNATURE_HEADER", "X Y", "must be the name of a header"),
        ("CALLSPAN_REFUSE_PERSONAL_DATA", "maybe", "true or false"),
        ("CALLSPAN_JOURNAL_DIR", "/no/such/folder", "must be a folder that exists"),
        ("CALLSPAN_JOURNAL_DIR", "9" * 400, "must be a folder that exists"),
        ("CALLSPAN_DATADOG_URL", "acme.datadoghq.com", "must be an address"),
        ("CALLSPAN_DATADOG_URL", "https://me:x@acme.datadoghq.com", "without a name and a password"),
        ("CALLSPAN_DATADOG_URL", "file:///etc/passwd", "must be an address"),
        ("CALLSPAN_DATADOG_URL", "javascript:alert(1)", "must be an address"),
        ("DD_SITE", "https://datadoghq.eu", "must be a host name"),
        ("GENESYSCLOUD_REGION", "mypurecloud.de", "must be one of us-east-1,"),
        ("CALLSPAN_FRAME_ANCESTORS", "acme.example.com", "must be a list of origins"),
        ("CALLSPAN_FRAME_ANCESTORS", "https://acme.example.com/", 'without a path and with https, not "https://acme'),
        ("CALLSPAN_FRAME_ANCESTORS", "http://acme.example.com", "with https"),
        ("CALLSPAN_FRAME_ANCESTORS", "https://*", "must be a list of origins"),
        ("CALLSPAN_FRAME_ANCESTORS", "https://*.com", "must be a list of origins"),
        ("CALLSPAN_FRAME_ANCESTORS", "*", "must be a list of origins"),
        ("CALLSPAN_FRAME_ANCESTORS", "https://a.example.com; script-src *", "must be a list of origins"),
        ("WEB_CONCURRENCY", "many", "must be a whole number from 1 to 512"),
        ("CALLSPAN_GENESYS_RATE_LIMIT", "59", "must be a whole number from 60"),
    ],
)
def test_a_bad_value_is_named_with_what_would_be_right(name: str, value: str, problem: str) -> None:
    (only,) = problems(**{name: value})
    assert only.startswith(name)
    assert problem in only


def test_no_secret_is_shown_by_a_problem_or_by_the_settings_themselves() -> None:
    settings = Settings.from_environ({**REQUIRED, "CALLSPAN_RATE_LIMIT_STORAGE": "redis://:hunter2@127.0.0.1"})
    shown = repr(settings) + repr(settings.clients) + repr(settings.jwt_keys)
    assert HASH not in shown
    assert "n" * 32 not in shown
    assert "hunter2" not in shown
    assert "short-secret" not in "".join(problems(CALLSPAN_JWT_KEYS="kid:short-secret"))
    assert "short-secret" not in "".join(problems(CALLSPAN_JWT_KEYS="short-secret"))


GENESYS = {
    "GENESYSCLOUD_REGION": "eu-central-1",
    "GENESYSCLOUD_OAUTHCLIENT_ID": "our-id",
    "GENESYSCLOUD_OAUTHCLIENT_SECRET": "our-secret",
}


def test_access_to_genesys_is_configured_whole_or_not_at_all() -> None:
    assert Settings.from_environ({**REQUIRED, **GENESYS}).genesys_client_secret == "our-secret"
    assert Settings.from_environ(REQUIRED).genesys_region == ""
    # The region alone is for links.
    assert Settings.from_environ({**REQUIRED, "GENESYSCLOUD_REGION": "eu-central-1"}).genesys_client_id == ""
    for missing in GENESYS:
        (problem,) = problems(**{name: value for name, value in GENESYS.items() if name != missing})
        assert f"is set and {missing} is not: set all of GENESYSCLOUD_REGION, " in problem
    (problem,) = problems(CALLSPAN_GENESYS_URL="https://proxy.example")
    assert problem.startswith("CALLSPAN_GENESYS_URL is set and GENESYSCLOUD_REGION, ")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("GENESYSCLOUD_OAUTHCLIENT_SECRET", "a b", "must be letters, digits and signs without blanks"),
        ("CALLSPAN_GENESYS_URL", "http://proxy.example", "must be an https:// address, or an http:// address on the"),
        ("CALLSPAN_GENESYS_URL", "http://127.0.0.1.example", "must be an https:// address"),
        ("CALLSPAN_GENESYS_URL", "https://user:password@proxy.example", "must be an https:// address"),
        ("CALLSPAN_GENESYS_URL", "https://", "must be an https:// address"),
        ("CALLSPAN_GENESYS_URL", "https://[", "must be an https:// address"),
    ],
)
def test_what_is_wrong_with_access_to_genesys_is_named(name: str, value: str, problem: str) -> None:
    (only,) = problems(**{**GENESYS, name: value})
    assert only.startswith(f"{name} {problem}")
    assert "password" not in only


@pytest.mark.parametrize("url", ["https://proxy.example/genesys/", "http://127.0.0.1:8080", "http://[::1]:8080"])
def test_another_address_of_genesys_is_https_or_on_this_machine(url: str) -> None:
    settings = Settings.from_environ({**REQUIRED, **GENESYS, "CALLSPAN_GENESYS_URL": url})
    assert settings.genesys_url == url.rstrip("/")
    assert "our-secret" not in repr(settings)


@pytest.mark.parametrize("text", ["false", "No", "0", "OFF"])
def test_a_flag_is_read_in_the_words_people_use(text: str) -> None:
    assert Settings.from_environ({**REQUIRED, "CALLSPAN_REFUSE_PERSONAL_DATA": text}).refuse_personal_data is False


@pytest.mark.parametrize(
    ("site", "address"),
    [
        ("datadoghq.com", "https://app.datadoghq.com"),
        ("datadoghq.eu", "https://app.datadoghq.eu"),
        ("us3.datadoghq.com", "https://us3.datadoghq.com"),
        ("ap1.datadoghq.com", "https://ap1.datadoghq.com"),
        ("ddog-gov.com", "https://app.ddog-gov.com"),
        ("us2.ddog-gov.com", "https://us2.ddog-gov.com"),
    ],
)
def test_links_lead_to_the_datadog_site(site: str, address: str) -> None:
    assert ui_address(site) == address
    settings = Settings.from_environ({**REQUIRED, "DD_SITE": site})
    assert settings.trace_url("ab" * 16) == f"{address}/apm/trace/{'ab' * 16}"


def test_links_can_lead_to_an_own_subdomain() -> None:
    settings = Settings.from_environ({**REQUIRED, "CALLSPAN_DATADOG_URL": "https://acme.datadoghq.com/"})
    assert settings.trace_url("ab" * 16).startswith("https://acme.datadoghq.com/apm/trace/")


def test_origins_are_read_as_a_source_list() -> None:
    text = "https://Acme.lightning.force.com, https://*.example.com:8443 http://localhost:8080"
    settings = Settings.from_environ({**REQUIRED, "CALLSPAN_FRAME_ANCESTORS": text})
    assert settings.frame_ancestors == (
        "https://acme.lightning.force.com https://*.example.com:8443 http://localhost:8080"
    )
