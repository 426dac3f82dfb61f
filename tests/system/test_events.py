"""A whole call through the running system: its flow's actions, and Genesys Cloud's events, in any order, thrice."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from architect.sandbox import ROOT, Agent, Credentials, Service, Span, callspan, wait_for
from tests.dogstatsd import Receiver
from tests.events import call
from tests.system.conftest import Caller, new_conversation

METRICS_PAGE = (ROOT / "docs" / "metrics.md").read_text()

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


COUNTED = {
    "callspan.calls.started": 1,
    "callspan.milestones": 3,
    # The flow's own end, and the event's.
    "callspan.calls.ended": 2,
    "callspan.queue.wait": 40_000,
    "callspan.talk.time": 50_000,
    "callspan.attributes": 1,
}
"""What each metric of one call must sum up to, whatever was delivered how often."""

ORDERS = 8


@pytest.fixture(scope="module")
def metrics() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(params=["start", "events"])
def caller(
    request: pytest.FixtureRequest, agent: Agent, credentials: Credentials, metrics: Receiver
) -> Iterator[Caller]:
    """Return a client of a service that takes the root from the start, and of one that takes it from the events."""
    metrics.datagrams.clear()
    service = Service(
        agent.url, credentials, CALLSPAN_ROOT_SPAN=request.param, CALLSPAN_METRIC_TAGS="line",
        DD_DOGSTATSD_URL=metrics.url, DD_ENV="test",
    ).start()  # fmt: skip
    client = Caller(service, credentials)
    client.root_at_start = request.param == "start"
    yield client
    service.stop()


def tell(caller: Caller, conversation: str, seed: int) -> None:
    """Take a call, and deliver each of its events three times in an order of its own, mixed with what its flow does."""
    chance = random.Random(seed)
    events = call(conversation, int(time.time() * 1000)) * 3
    chance.shuffle(events)
    if seed == 0:
        events.sort(key=lambda event: -event["detail"]["eventBody"]["eventTime"])
    told: list[tuple[str, dict[str, str]]] = [("start-call-trace", {"tags": "line:sales,priority:high"})]
    told += [("record-milestone", {"milestone": name}) for name in ("identified", "verified", "menu left")]
    told.append(("end-call-trace", {"outcome": "ok"}))
    headers = {**caller.headers, "ININ-Correlation-Id": conversation}
    for _ in range(3):
        for action, inputs in told:
            for event in events[: len(events) // 15 or 1]:
                status, answer = caller.request("POST", "/v1/events/genesys", json.dumps(event), **caller.headers)
                assert (status, json.loads(answer)["status"]) == (200, "ok")
            del events[: len(events) // 15 or 1]
            body = json.dumps({"conversationId": conversation, **inputs})
            status, answer = caller.request("POST", f"/v1/actions/{action}", body, **headers)
            assert (status, json.loads(answer)["status"]) == (200, "ok")
    for event in events:
        assert caller.request("POST", "/v1/events/genesys", json.dumps(event), **caller.headers)[0] == 200


def test_a_call_told_three_times_in_any_order_is_one_tree_and_counted_once(
    agent: Agent, caller: Caller, metrics: Receiver
) -> None:
    conversations = [new_conversation() for _ in range(ORDERS)]
    for seed, conversation in enumerate(conversations):
        tell(caller, conversation, seed)

    # Three tellings of nine spans, of the entry, the three milestones and the end, and of the root from the start; more
    # when the agent was so slow to answer that a batch was sent again.
    expected = 3 * (9 + 5 + caller.root_at_start)

    def of(conversation: str, spans: list[Span]) -> list[Span]:
        return [span for span in spans if span["meta"]["conversation.id"] == conversation]

    spans = agent.wait_for_spans(lambda spans: all(len(of(each, spans)) >= expected for each in conversations))
    for conversation in conversations:
        assert_one_tree(of(conversation, spans), conversation, root_at_start=caller.root_at_start)
    assert "Ann" not in json.dumps(spans)
    assert "+1555" not in json.dumps(spans)
    shown = json.loads(callspan("trace", "show", conversation, "--from-agent", agent.url, "--format", "json"))
    sent = Counter(f"{span['span_id']:016x}" for span in of(conversation, spans))
    assert {row["span_id"]: row["copies"] for row in shown["spans"]} == sent

    def all_counted() -> bool | None:
        return all(metrics.total(name) >= ORDERS * amount for name, amount in COUNTED.items()) or None

    wait_for("the metrics", all_counted)
    assert {name: metrics.total(name) for name in COUNTED} == {n: ORDERS * amount for n, amount in COUNTED.items()}
    assert metrics.total("callspan.attributes", "result:persisted", "source:service") == ORDERS
    assert metrics.total("callspan.calls.started", "line:sales", "env:test", "service:callspan") == ORDERS
    assert_declared(metrics)


def assert_one_tree(spans: list[Span], conversation: str, *, root_at_start: bool) -> None:
    """Check that the spans are those of one trace, each once by its id, below one root, with the lengths they had."""
    assert {f"{span['meta']['_dd.p.tid']}{span['trace_id']:016x}" for span in spans} == {conversation.replace("-", "")}
    by_id = {span["span_id"]: span for span in spans}
    assert len(by_id) == 9 + 5 + root_at_start
    roots = [span for span in by_id.values() if not span.get("parent_id")]
    assert [root["name"] for root in roots] == ["genesys.conversation"]
    assert {span.get("parent_id") for span in by_id.values()} - {0, None} <= set(by_id)
    names = {span["name"]: span for span in by_id.values()}
    for name, seconds in LENGTHS.items():
        assert abs(names[name]["duration"] / 1e9 - seconds) < 0.001, name
    whole = names["genesys.customer" if root_at_start else "genesys.conversation"]
    assert abs(whole["duration"] / 1e9 - 115) < 0.001


def assert_declared(metrics: Receiver) -> None:
    """Check every datagram against the table of metrics that the documentation shows."""
    rows = re.findall(
        r"^\| `(callspan\.[a-z_.]+)` \| (count|distribution) \| \w+ \| (.*?) \|", METRICS_PAGE, re.MULTILINE
    )
    declared = {name: (kind, set(re.findall(r"`(\w+)`", tags)), "yours" in tags) for name, kind, tags in rows}
    assert len(declared) == 11
    for sample in metrics.samples():
        kind, tags, takes_yours = declared[sample.name]
        assert sample.kind == {"count": "c", "distribution": "d"}[kind]
        keys = {tag.partition(":")[0] for tag in sample.tags}
        assert keys <= tags | {"env", "service"} | ({"line"} if takes_yours else set()), sample
