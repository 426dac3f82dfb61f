"""What Callspan writes on a conversation, Genesys' own platform SDK reads."""

from __future__ import annotations

from app.genesys.budget import Budget
from app.genesys.client import PlatformClient
from app.genesys.writer import AttributeWriter
from architect.emulator.platform import Behaviour, Organization, PlatformStandIn
from tests.complete import module
from tests.conftest import CONVERSATION, TRACEPARENT


def test_the_sdk_reads_what_was_written_on_the_customer_and_only_there() -> None:
    sdk = module("PureCloudPlatformClientV2")
    organization = Organization(Behaviour(write_delay=0))
    organization.clients.add("id", "secret")
    conversation = organization.start_conversation(CONVERSATION)
    customer, agent = conversation.join("customer"), conversation.join("agent")
    wanted = {"traceparent": TRACEPARENT, "Line of business": "ünïcode & {json}"}
    with PlatformStandIn(organization) as platform:
        writer = AttributeWriter(PlatformClient(platform.url, platform.url, "id", "secret", per_minute=280))
        budget = Budget(10)
        participant = writer.find(CONVERSATION, budget).participant
        assert set(writer.put(CONVERSATION, participant, wanted, budget).outcomes.values()) == {"persisted"}
        client = sdk.ApiClient(host=platform.url).get_client_credentials_token("id", "secret")
        api = sdk.ConversationsApi(client)
        for read in (api.get_conversation(CONVERSATION), api.get_conversations_call(CONVERSATION)):
            attributes = {each.id: each.attributes for each in read.participants}
            assert attributes == {customer.id: wanted, agent.id: {}}
