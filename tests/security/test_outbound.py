"""Where the service sends anything: to the addresses that its operator configured, and to no other.

An address that a caller, or a server that was asked, gives in any place leads to a trap here, which nothing may ask.
"""

from __future__ import annotations

import dataclasses
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from app.config import Settings
from app.values import parse_origins, parse_service_url, parse_site, parse_storage, parse_url
from architect.sandbox import Credentials, wait_for
from architect.sandbox import Service as Callspan
from tests.events import envelope
from tests.system.conftest import Caller, new_conversation
from tests.unit.emulator.loopback import Answer, Received, Service, running_service

THREAT_MODEL = (Path(__file__).parents[2] / "docs" / "threat-model.md").read_text()


@pytest.fixture(scope="module")
def trap() -> Iterator[Service]:
    with running_service() as service:
        yield service


@pytest.fixture(scope="module")
def everything_else(trap: Service) -> Iterator[Service]:
    """Return what stands for the agent and for Genesys Cloud: it issues tokens and sends all else on to the trap."""

    def answer(request: Received) -> Answer:
        if request.path == "/oauth/token":
            return Answer(body=json.dumps({"access_token": "t", "expires_in": 60}).encode())
        return Answer(307, b"", {"Location": f"{trap.url}/redirected"})

    with running_service() as service:
        service.answer = answer
        yield service


@pytest.fixture(scope="module")
def callspan(everything_else: Service, credentials: Credentials) -> Iterator[Callspan]:
    settings = {
        "GENESYSCLOUD_REGION": "eu-central-1",
        "GENESYSCLOUD_OAUTHCLIENT_ID": "client",
        "GENESYSCLOUD_OAUTHCLIENT_SECRET": "a-secret-of-genesys-cloud",
        "CALLSPAN_GENESYS_URL": everything_else.url,
    }
    service = Callspan(everything_else.url, credentials, **settings).start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def stranger(callspan: Callspan, credentials: Credentials) -> Caller:
    return Caller(callspan, credentials)


def test_no_address_that_a_caller_sends_is_asked(stranger: Caller, trap: Service, everything_else: Service) -> None:
    url = f"{trap.url}/asked"
    host = trap.url.removeprefix("http://")
    for address in (
        url,
        f"//{host}/asked",
        f"file://{host}/asked",
        f"http://x@{host}/asked",
        f"${{jndi:ldap://{host}/a}}",
    ):
        names = ("flowName", "queueName", "channel", "direction", "traceparent", "tags", "milestone", "trace_url")
        inputs = json.dumps({"conversationId": new_conversation(), **dict.fromkeys(names, address)})
        headers = {
            **stranger.headers,
            **dict.fromkeys(("Host", "X-Forwarded-Host", "Origin", "Referer", "Forwarded", "Callback-URL"), host),
            "ININ-Correlation-Id": address,
            "x-datadog-origin": address,
        }
        for action in ("start-call-trace", "record-milestone", "end-call-trace"):
            status, _ = stranger.request("POST", f"/v1/actions/{action}", inputs, **headers)
            assert status == 200
        event = {**envelope("acd.end", queueId=address, SubscribeURL=address), "source": address, "webhook": address}
        stranger.request("POST", "/v1/events/genesys", json.dumps(event), **headers)
        subscription = {"Type": "SubscriptionConfirmation", "SubscribeURL": address, "Token": "t"}
        stranger.request("POST", "/v1/events/genesys", json.dumps(subscription), **headers)
        found = quote(address, safe="")
        for path in (f"/?conversationId={found}", f"/widget?conversationId={found}", f"/v1/conversations/{found}", url):
            stranger.request("GET", path, None, **headers)
    wait_for("spans to be sent", lambda: [r for r in everything_else.received if "traces" in r.path] or None)
    assert trap.received == []


def test_no_redirect_is_followed(stranger: Caller, trap: Service, everything_else: Service) -> None:
    """Neither by the writer, which would take its token along, nor where spans are sent."""
    path = f"/v1/conversations/{new_conversation()}/attributes"
    status, _ = stranger.request("POST", path, json.dumps({"attributes": {"line": "sales"}}), **stranger.headers)
    assert status == 502
    assert [request for request in everything_else.received if "/api/v2/conversations/" in request.path]
    before = len(everything_else.received)
    stranger.start(new_conversation())
    deadline = time.monotonic() + 10
    wait_for("spans to be sent", lambda: len(everything_else.received) > before or None)
    assert time.monotonic() < deadline
    assert trap.received == []


def test_every_setting_that_is_an_address_is_in_the_threat_model() -> None:
    """With who may set it, and what is sent there."""
    parsers = {parse_url, parse_service_url, parse_site, parse_storage, parse_origins}
    ours = {f.metadata["name"] for f in dataclasses.fields(Settings) if f.metadata["parse"] in parsers}
    table = THREAT_MODEL.partition("<!-- addresses -->")[2].partition("<!-- /addresses -->")[0]
    named = set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))
    assert named == ours | {"GENESYSCLOUD_REGION", "DD_TRACE_AGENT_URL", "DD_DOGSTATSD_URL"}
