"""Attributes written by the running service, on a stand-in for Genesys Cloud's platform API."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from architect.emulator.platform import Behaviour, Fault, Organization, PlatformStandIn
from architect.sandbox import Agent, Credentials, Service

from .conftest import Caller, new_conversation


@pytest.fixture(scope="module")
def platform() -> Iterator[PlatformStandIn]:
    with PlatformStandIn(Organization(Behaviour(write_delay=0.1))) as platform:
        platform.organization.clients.add("our-id", "our-secret")
        yield platform


@pytest.fixture(scope="module")
def caller(agent: Agent, platform: PlatformStandIn) -> Iterator[Caller]:
    credentials = Credentials.new(("actions", "attributes"))
    service = Service(
        agent.url,
        credentials,
        WEB_CONCURRENCY="1",
        GENESYSCLOUD_REGION="eu-central-1",
        GENESYSCLOUD_OAUTHCLIENT_ID="our-id",
        GENESYSCLOUD_OAUTHCLIENT_SECRET="our-secret",
        CALLSPAN_GENESYS_URL=platform.url,
    ).start()
    yield Caller(service, credentials)
    service.stop()


def write(caller: Caller, conversation: str, **body: object) -> tuple[int, dict[str, object]]:
    path = f"/v1/conversations/{conversation}/attributes"
    status, answer = caller.request("POST", path, json.dumps(body), **caller.headers)
    return status, json.loads(answer)


def test_a_conversation_is_tagged_and_its_trace_arrives(
    caller: Caller, platform: PlatformStandIn, agent: Agent
) -> None:
    conversation = platform.organization.start_conversation(new_conversation())
    customer = conversation.join("customer")
    status, report = write(caller, conversation.id, attributes={"priority": "high"})
    assert (status, report["complete"]) == (200, True)
    assert customer.attributes["priority"] == "high"
    trace_id = conversation.id.replace("-", "")
    assert customer.attributes["dd_trace_id"] == report["trace_id"] == trace_id
    low = int(trace_id[16:], 16)
    spans = agent.wait_for_spans(lambda spans: [s for s in spans if s["trace_id"] == low and s.get("parent_id")])
    names = {span["name"] for span in spans if span["trace_id"] == low}
    assert names == {"genesys.conversation", "callspan.start"}


def test_calls_are_answered_while_genesys_does_not_answer(caller: Caller, platform: PlatformStandIn) -> None:
    """One worker, and six writers that would each wait for their whole budget."""
    conversation = platform.organization.start_conversation(new_conversation())
    conversation.join("customer")
    platform.organization.faults.add(Fault("timeout", times=99, seconds=20, path="/conversations/"))
    with ThreadPoolExecutor(6) as pool:
        began = time.monotonic()
        writers = [pool.submit(write, caller, conversation.id, budgetMs=4000) for _ in range(6)]
        starts = 0
        slowest = 0.0
        while time.monotonic() - began < 3:
            before = time.monotonic()
            caller.start(new_conversation())
            slowest = max(slowest, time.monotonic() - before)
            starts += 1
        answers = [writer.result() for writer in writers]
    platform.organization.faults.clear()
    assert slowest < 1
    assert starts > 20
    assert sorted(status for status, _ in answers) == [503, 503, 503, 503, 504, 504]
    assert {str(answer["code"]) for _, answer in answers} == {"busy", "genesys_timeout"}
    assert time.monotonic() - began < 10
