"""The running service again, with everything it writes and sends within reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from architect.sandbox import Agent, Credentials, Service
from tests.dogstatsd import Receiver
from tests.system.conftest import Caller

SIGNATURE_SECRET = "a-relay-and-callspan-share-this-secret-0123"
REDIS_PASSWORD = "nobody-may-read-this-redis-password"
API_KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="package")
def credentials() -> Credentials:
    return Credentials.new(("actions", "events", "attributes"))


@pytest.fixture(scope="package")
def agent() -> Iterator[Agent]:
    agent = Agent().start()
    yield agent
    agent.stop()


@pytest.fixture(scope="package")
def metrics() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="package")
def service(agent: Agent, credentials: Credentials, metrics: Receiver) -> Iterator[Service]:
    """Return a service that logs as much as it can, with every secret there is and a Redis that is away."""
    settings = {
        "CALLSPAN_LOG_LEVEL": "debug",
        "CALLSPAN_SIGNATURE_SECRET": SIGNATURE_SECRET,
        "CALLSPAN_RATE_LIMIT_STORAGE": f"redis://:{REDIS_PASSWORD}@127.0.0.1:9/0",
        "CALLSPAN_METRIC_TAGS": "priority",
        "CALLSPAN_TOKEN_RATE_LIMIT": "4 per minute",
        "CALLSPAN_TRUSTED_PROXIES": "1",
        "DD_API_KEY": API_KEY,
        "DD_DOGSTATSD_URL": metrics.url,
    }
    service = Service(agent.url, credentials, **settings).start()
    yield service
    service.stop()


@pytest.fixture(scope="package")
def caller(service: Service, credentials: Credentials) -> Caller:
    return Caller(service, credentials)
