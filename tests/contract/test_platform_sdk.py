"""Genesys' own platform SDK, unmodified, completes its calls against the stand-in and understands what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from architect.emulator.platform import (
    VIEW_ANALYTICS,
    VIEW_CONVERSATION,
    Behaviour,
    Conversation,
    Organization,
    PlatformStandIn,
    StoppedClock,
)
from tests.complete import module

CLIENT = ("client", "secret")


@pytest.fixture(scope="module")
def sdk() -> Any:
    return module("PureCloudPlatformClientV2")


@pytest.fixture
def organization(request: pytest.FixtureRequest) -> Organization:
    organization = Organization(getattr(request, "param", Behaviour()), StoppedClock())
    organization.clients.add(*CLIENT, [VIEW_CONVERSATION, VIEW_ANALYTICS])
    return organization


@pytest.fixture
def platform(organization: Organization) -> Iterator[PlatformStandIn]:
    with PlatformStandIn(organization) as platform:
        yield platform


@pytest.fixture
def client(sdk: Any, platform: PlatformStandIn) -> Any:
    """Return the SDK's client with a token it fetched; `host` is the setting that names a region's API."""
    return sdk.ApiClient(host=platform.url).get_client_credentials_token(*CLIENT)


@pytest.fixture
def conversations(sdk: Any, client: Any) -> Any:
    return sdk.ConversationsApi(client)


@pytest.fixture
def call(organization: Organization) -> Conversation:
    call = organization.start_conversation()
    call.join("customer", name="Anna", address="tel:+41445550100", attributes={"line": "sales"})
    call.join("acd", queue_id="5d1f2c3b-0000-4000-8000-000000000001")
    agent = call.join("agent", user_id="5d1f2c3b-0000-4000-8000-000000000002")
    call.leave(agent.id)
    return call


def test_it_reads_a_conversation(conversations: Any, call: Conversation) -> None:
    read = conversations.get_conversation(call.id)
    customer, acd, agent = read.participants
    assert (read.id, read.start_time.timestamp()) == (call.id, call.started)
    assert (customer.id, customer.purpose, customer.attributes) == (
        call.participants[0].id,
        "customer",
        {"line": "sales"},
    )
    assert (customer.calls[0].state, agent.calls[0].state, agent.calls[0].disconnect_type) == (
        "connected",
        "terminated",
        "client",
    )
    assert customer.end_time is None
    assert agent.end_time.timestamp() == call.started
    assert acd.queue_id.endswith("1")
    assert agent.user_id.endswith("2")
