"""Genesys' own platform SDK, unmodified, completes its calls against the stand-in and understands what it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest

from architect.emulator.platform import (
    VIEW_ANALYTICS,
    VIEW_CONVERSATION,
    Behaviour,
    Conversation,
    Fault,
    Organization,
    PlatformStandIn,
    StoppedClock,
    documents,
)
from architect.emulator.platform.errors import STATUSES, error, missing_permission
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


def test_it_reads_a_call_flattened(conversations: Any, call: Conversation) -> None:
    customer, acd, agent = conversations.get_conversations_call(call.id).participants
    assert (customer.state, customer.attributes, customer.address) == (
        "connected",
        {"line": "sales"},
        "tel:+41445550100",
    )
    assert (acd.queue.id, agent.user.id) == (call.participants[1].queue_id, call.participants[2].user_id)
    assert (agent.state, agent.disconnect_type, agent.attributes) == ("terminated", "client", {})


def test_it_reads_a_message_conversation(conversations: Any, organization: Organization) -> None:
    started = organization.start_conversation(media="messages")
    started.join("customer", attributes={"a": "1"})
    assert conversations.get_conversations_message(started.id).participants[0].attributes == {"a": "1"}
    assert len(conversations.get_conversation(started.id).participants[0].messages) == 1


def test_it_writes_attributes_that_are_there_later(
    sdk: Any, conversations: Any, organization: Organization, call: Conversation
) -> None:
    customer = call.participants[0].id
    body = sdk.ParticipantAttributes()
    body.attributes = {"a": "1"}
    assert conversations.patch_conversation_participant_attributes(call.id, customer, body) is None
    assert conversations.get_conversation(call.id).participants[0].attributes == {"line": "sales"}
    organization.clock.advance(organization.behaviour.write_delay)
    assert conversations.get_conversation(call.id).participants[0].attributes == {"line": "sales", "a": "1"}


@pytest.mark.parametrize(
    ("organization", "echoed"),
    [(Behaviour(media_specific_answer="empty"), None), (Behaviour(media_specific_answer="echo"), {"a": "1"})],
    indirect=["organization"],
)
def test_it_writes_attributes_of_a_call_whatever_the_answer_holds(
    sdk: Any, conversations: Any, organization: Organization, call: Conversation, echoed: dict[str, str] | None
) -> None:
    body = sdk.ParticipantAttributes()
    body.attributes = {"a": "1"}
    answer = conversations.patch_conversations_call_participant_attributes(call.id, call.participants[0].id, body)
    assert answer.attributes == echoed
    organization.clock.advance(organization.behaviour.write_delay)
    assert conversations.get_conversations_call(call.id).participants[0].attributes == {"line": "sales", "a": "1"}


def test_its_model_of_a_participant_has_no_attributes_to_write(
    sdk: Any, conversations: Any, organization: Organization, call: Conversation
) -> None:
    assert "attributes" not in sdk.MediaParticipantRequest().swagger_types
    body = {"attributes": {"a": "1"}}
    conversations.patch_conversations_call_participant(call.id, call.participants[0].id, body)
    organization.clock.advance(60)
    assert call.participants[0].attributes == {"line": "sales"}


def test_it_reads_analytics_in_which_there_are_no_attributes(sdk: Any, client: Any, call: Conversation) -> None:
    call.end()
    read = sdk.AnalyticsApi(client).get_analytics_conversation_details(call.id)
    assert (read.conversation_id, read.conversation_end.timestamp()) == (call.id, call.ended)
    assert [each.purpose for each in read.participants] == ["customer", "acd", "agent"]
    assert read.participants[0].sessions[0].session_id == call.participants[0].session_id
    assert "attributes" not in read.participants[0].swagger_types


def test_every_field_it_is_sent_is_one_of_its_models(sdk: Any, client: Any, call: Conversation) -> None:
    """Its deserialiser passes over what it does not know: a field of a wrong name would go unnoticed."""
    call.end()

    def check(document: dict[str, Any], model: Any) -> None:
        types = {model.attribute_map[name]: kind for name, kind in model.swagger_types.items()}
        assert document.keys() <= types.keys()
        for name, value in document.items():
            kind = types[name].removeprefix("list[").removesuffix("]")
            if hasattr(sdk, kind):
                for each in value if isinstance(value, list) else [value]:
                    check(each, getattr(sdk, kind)())

    check(documents.conversation(call), sdk.Conversation())
    check(documents.media_conversation(call), sdk.CallConversation())
    check(documents.analytics(call), sdk.AnalyticsConversationWithoutAttributes())
    check(error(403).body("x"), sdk.ErrorBody())
    check(missing_permission(VIEW_CONVERSATION).body("x"), sdk.ErrorBody())


def test_it_waits_as_retry_after_says(conversations: Any, organization: Organization, call: Conversation) -> None:
    organization.faults.add(Fault("status", status=429, retry_after=1, method="GET"))
    before = monotonic()
    assert conversations.get_conversation(call.id).id == call.id
    assert monotonic() - before >= 1
    assert [each.status for each in organization.requests[-2:]] == [429, 200]


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_it_raises_the_errors_it_is_sent(
    sdk: Any, client: Any, conversations: Any, organization: Organization, call: Conversation, status: int
) -> None:
    organization.faults.add(Fault("status", status=status))
    with pytest.raises(sdk.rest.ApiException) as raised:
        conversations.get_conversation(call.id)
    problem = raised.value
    read = client.deserialize(SimpleNamespace(data=problem.body, getheader=problem.headers.get), "ErrorBody")
    assert (problem.status, read.status, read.context_id) == (status, status, problem.headers["ININ-Correlation-Id"])
    assert read.code
    assert read.message


def test_it_raises_when_it_gets_no_token(sdk: Any, platform: PlatformStandIn) -> None:
    with pytest.raises(sdk.rest.ApiException) as raised:
        sdk.ApiClient(host=platform.url).get_client_credentials_token("client", "wrong")
    assert (raised.value.status, json.loads(raised.value.body)["error"]) == (400, "invalid_client")
