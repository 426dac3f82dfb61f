"""A service in this process, and a client of it that signs in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.config import Settings
from app.span import FinishedSpan


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def emitted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[FinishedSpan]]:
    """Keep the spans that would be sent, by their names, instead of sending them."""
    spans: dict[str, list[FinishedSpan]] = defaultdict(list)
    telemetry = app.extensions["callspan"].telemetry

    def keep(*emitted: FinishedSpan) -> None:
        for span in emitted:
            spans[span.name].append(span)

    monkeypatch.setattr(telemetry, "emit", keep, raising=True)
    return spans


@pytest.fixture
def started(emitted: dict[str, list[FinishedSpan]]) -> list[FinishedSpan]:
    """Return the entry spans of the calls started so far."""
    return emitted["callspan.start"]


@pytest.fixture
def bearer(app: Flask) -> Callable[[str], dict[str, str]]:
    """Return the headers of a client that is signed in."""

    def headers(client_id: str = "genesys") -> dict[str, str]:
        parts = app.extensions["callspan"]
        client = parts.settings.clients[client_id]
        return {"Authorization": f"Bearer {parts.tokens.issue(client, client.scopes, 60)}"}

    return headers
