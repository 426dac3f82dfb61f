"""A whole call through the running system: its flow's actions, and Genesys Cloud's events, in any order, thrice."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator

import pytest

from architect.sandbox import Agent, Credentials, Service, Span
from tests.events import call
from tests.system.conftest import Caller, new_conversation

LENGTHS = {
    "genesys.flow": 10,
    "genesys.flow_outcome": 0,
    "genesys.queue": 40,
    "genesys.agent": 65,
    "genesys.agent.alerting": 5,
    "genesys.agent.interacting": 50,
    "genesys.agent.held": 10,
    "genesys.wrapup": 15,
}
"""Seconds that each span of the call must last."""


@pytest.fixture(params=["start", "events"])
def caller(request: pytest.FixtureRequest, agent: Agent, credentials: Credentials) -> Iterator[Caller]:
    """Return a client of a service that takes the root from the start, and of one that takes it from the events."""
    service = Service(agent.url, credentials, CALLSPAN_ROOT_SPAN=request.param).start()
    client = Caller(service, credentials)
    client.root_at_start = request.param == "start"
    yield client
    service.stop()


def test_a_call_told_three_times_in_any_order_is_one_tree(agent: Agent, caller: Caller) -> None:
    conversation = new_conversation()
    events = call(conversation, int(time.time() * 1000)) * 3
    random.Random(conversation).shuffle(events)
    caller.start(conversation, tags="line:sales")
    for name in ("identified", "verified", "menu left"):
        caller.act("record-milestone", conversationId=conversation, milestone=name)
    for event in events:
        status, answer = caller.request("POST", "/v1/events/genesys", json.dumps(event), **caller.headers)
        assert (status, json.loads(answer)["status"]) == (200, "ok")

    # Three tellings of nine spans, the entry, three milestones, and the root where the start sends it.
    expected = 3 * 9 + 4 + caller.root_at_start

    def of_this(spans: list[Span]) -> list[Span]:
        return [span for span in spans if span["meta"]["conversation.id"] == conversation]

    spans = of_this(agent.wait_for_spans(lambda spans: len(of_this(spans)) == expected))
    assert {f"{span['meta']['_dd.p.tid']}{span['trace_id']:016x}" for span in spans} == {conversation.replace("-", "")}
    by_id = {span["span_id"]: span for span in spans}
    assert len(by_id) == 9 + 4 + caller.root_at_start
    roots = [span for span in by_id.values() if not span.get("parent_id")]
    assert [root["name"] for root in roots] == ["genesys.conversation"]
    assert {span.get("parent_id") for span in by_id.values()} - {0, None} <= set(by_id)
    names = {span["name"]: span for span in by_id.values()}
    for name, seconds in LENGTHS.items():
        assert abs(names[name]["duration"] / 1e9 - seconds) < 0.001, name
    whole = names["genesys.customer" if caller.root_at_start else "genesys.conversation"]
    assert abs(whole["duration"] / 1e9 - 115) < 0.001
    assert "Ann" not in json.dumps(spans)
