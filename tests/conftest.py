"""What all tests share: the example conversation, and settings for a service that never leaves this machine."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from werkzeug.security import generate_password_hash

from app.config import Settings
from app.values import Client, SigningKey

CONVERSATION = "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"
TRACE_ID = "8f14e45fceea467fa34e7d5c3b2a1908"
TRACEPARENT = f"00-{TRACE_ID}-8f14e45fceea467f-01"
OTHER_TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

SECRET = "open-sesame"

# As wide as without a terminal, whatever the tests are run from; pytest-xdist gives its workers 80.
os.environ.pop("COLUMNS", None)


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return a function that takes a sentence with a figure that was measured, to be shown at the end of the run."""
    return lambda sentence: request.node.user_properties.append(("measured", sentence))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, sentence in report.user_properties:
            if name == "measured":
                terminalreporter.write_line(f"measured: {sentence}")


def _client(name: str, *scopes: str) -> Client:
    # A cheap hash: what a real one costs is the business of one test, not of each.
    return Client(name, generate_password_hash(SECRET, "pbkdf2:sha256:1"), frozenset(scopes))


def make_settings(**changes: object) -> Settings:
    """Return settings for a test; a change replaces one of them."""
    clients = {
        "genesys": _client("genesys", "actions"),
        "eventbridge": _client("eventbridge", "events"),
        "crm": _client("crm", "attributes"),
    }
    keys = (SigningKey("new", b"n" * 32), SigningKey("old", b"o" * 32))
    defaults = {
        "clients": clients,
        "jwt_keys": keys,
        "token_lifetime": 86400,
        "token_rate_limit": "1000 per minute",
        "rate_limit_storage": "memory://",
        "trusted_proxies": 0,
        "root_span": "start",
        "refuse_personal_data": True,
        "signature_secret": "",
        "signature_header": "X-Hub-Signature-256",
        "signature_timestamp_header": "",
        "metric_tags": (),
        "metric_tag_values": 100,
        "journal": None,
        "log_level": "info",
        "datadog_url": "",
        "datadog_site": "datadoghq.com",
        "genesys_region": "",
        "frame_ancestors": "",
        "genesys_client_id": "",
        "genesys_client_secret": "",
        "genesys_url": "",
        "genesys_rate_limit": 280,
        "workers": 1,
    }
    return Settings(**{**defaults, **changes})


@pytest.fixture
def settings() -> Settings:
    return make_settings()
