"""A service in this process, and a client of it that signs in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.config import Settings
from app.telemetry import CallStart


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def started(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[CallStart]:
    """Keep what telemetry is told, instead of sending it."""
    calls: list[CallStart] = []
    monkeypatch.setattr(app.extensions["callspan"].telemetry, "call_started", calls.append, raising=True)
    return calls


@pytest.fixture
def bearer(app: Flask) -> Callable[[str], dict[str, str]]:
    """Return the headers of a client that is signed in."""

    def headers(client_id: str = "genesys") -> dict[str, str]:
        parts = app.extensions["callspan"]
        client = parts.settings.clients[client_id]
        return {"Authorization": f"Bearer {parts.tokens.issue(client, client.scopes, 60)}"}

    return headers
