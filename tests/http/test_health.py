from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from ddtrace.trace import tracer
from flask.testing import FlaskClient

from app import __version__
from app.shared import UNDELIVERED_SPANS


def test_health_never_calls_out(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("health asked somebody")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert client.get("/healthz").json == {"status": "ok"}


def test_readiness_reports_an_agent_that_is_away_without_failing(client: FlaskClient) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json["status"] == "ready"
    assert response.json["agent_reachable"] is False


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_readiness_reports_an_agent_that_is_there(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    if kind == "tcp":
        server = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    else:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(tmp_path / "agent"))
        server.listen()
        url = f"unix://{tmp_path / 'agent'}"
    monkeypatch.setattr(type(tracer), "agent_trace_url", url)
    with server:
        assert client.get("/readyz").json["agent_reachable"] is True


def test_readiness_counts_the_spans_that_were_given_up(client: FlaskClient) -> None:
    before = client.get("/readyz").json["undelivered_spans"]
    UNDELIVERED_SPANS.add(3)
    assert client.get("/readyz").json["undelivered_spans"] == before + 3


def test_the_version_names_the_release_and_the_commit(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEROKU_SLUG_COMMIT", "abc123")
    assert client.get("/version").json == {"name": "callspan", "version": __version__, "commit": "abc123"}


def test_the_description_is_the_committed_one(client: FlaskClient) -> None:
    committed = json.loads((Path(__file__).parents[2] / "schemas" / "openapi.json").read_text())
    assert client.get("/openapi.json").json == committed


def test_every_path_of_the_description_is_a_route_and_the_other_way_round(client: FlaskClient) -> None:
    described = {
        (path.replace("{", "<").replace("}", ">"), method.upper())
        for path, operations in client.get("/openapi.json").json["paths"].items()
        for method in operations
    }
    rules = client.application.url_map.iter_rules()
    assert described == {(rule.rule, method) for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}}


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/oauth/token", 405)])
def test_an_unknown_request_is_answered_with_a_problem_document(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    response = client.open(path, method=method)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert set(response.json) == {"type", "title", "status", "detail"}
    assert response.json["status"] == status
    assert ("Allow" in response.headers) == (status == 405)


def test_a_failure_of_ours_is_answered_without_its_details_and_logged_with_them(
    client: FlaskClient,
    bearer: Callable[[], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr(client.application.extensions["callspan"].calls, "start", fail)
    conversation = {"conversationId": "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"}
    response = client.post("/v1/actions/start-call-trace", json=conversation, headers=bearer())
    assert response.status_code == 500
    assert response.mimetype == "application/problem+json"
    assert "secret" not in response.text
    assert "the secret reason" in caplog.text
