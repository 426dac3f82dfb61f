from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.oauth import PUBLIC, Tokens
from app.values import SCOPES

LOOK_UP = {"/", "/widget", "/v1/conversations/<conversation_id>", "/static/<name>"}
PUBLIC_ROUTES = {"/oauth/token", "/healthz", "/readyz", "/version", "/openapi.json"} | LOOK_UP


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Return the path, the method and the declared access of every route."""
    access = app.extensions["callspan"].access
    found = []
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.rpartition(".")[0]
        assert blueprint in access, f"{rule.rule} has no declared access: register its blueprint in create_app"
        found += [(rule.rule, method, access[blueprint]) for method in rule.methods - {"HEAD", "OPTIONS"}]
    return found


def test_every_route_declares_who_may_call_it(app: Flask) -> None:
    found = routes(app)
    assert {path for path, _, access in found if access == PUBLIC} == PUBLIC_ROUTES
    assert all(access in (*SCOPES, PUBLIC) for _, _, access in found)
    assert ("/v1/actions/start-call-trace", "POST", "actions") in found


def test_every_route_that_asks_for_a_scope_lets_nobody_else_in(
    app: Flask, client: FlaskClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    guarded = [(path, method, scope) for path, method, scope in routes(app) if scope != PUBLIC]
    assert guarded
    for path, method, scope in guarded:
        url = path.replace("<", "").replace(">", "")
        without = client.open(url, method=method)
        assert without.status_code == 401
        assert without.headers["WWW-Authenticate"] == "Bearer realm=callspan"
        stranger = next(c for c in app.extensions["callspan"].settings.clients.values() if scope not in c.scopes)
        wrong = client.open(url, method=method, headers=bearer(stranger.id))
        assert wrong.status_code == 403
        assert f'error="insufficient_scope", scope="{scope}"' in wrong.headers["WWW-Authenticate"]
        assert wrong.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "authorization", ["Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Basic Z2VuZXN5czp4", "x", "bearer\tx"]
)
def test_a_bad_credential_is_refused_and_not_repeated(client: FlaskClient, authorization: str) -> None:
    response = client.post("/v1/actions/start-call-trace", json={}, headers={"Authorization": authorization})
    assert response.status_code == 401
    assert response.mimetype == "application/problem+json"
    assert response.headers["WWW-Authenticate"].startswith("Bearer realm=")
    assert "a.b.c" not in response.text


def test_an_expired_token_is_refused_with_401_so_that_genesys_fetches_another(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, bearer: Callable[[], dict[str, str]]
) -> None:
    now = time.time()
    monkeypatch.setattr("app.oauth.time.time", lambda: now - 3600)
    headers = bearer()
    monkeypatch.undo()
    response = client.post("/v1/actions/start-call-trace", json={}, headers=headers)
    assert response.status_code == 401
    assert response.www_authenticate.parameters["error"] == "invalid_token"
    assert "expired" in response.json["detail"]


def test_the_scope_that_a_client_lost_does_not_work_though_its_token_names_it(
    app: Flask, client: FlaskClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    parts = app.extensions["callspan"]
    genesys = parts.settings.clients["genesys"]
    generous = {"eventbridge": genesys.__class__("eventbridge", genesys.secret_hash, frozenset({"actions"}))}
    token = Tokens(generous, parts.settings.jwt_keys).issue(generous["eventbridge"], frozenset({"actions"}), 60)
    response = client.post("/v1/actions/start-call-trace", json={}, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 403
