"""The main job, over HTTP: calls are started at gunicorn, and their spans are read back from Datadog's test agent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from architect.sandbox import Agent, Credentials, Service, Span, wait_for
from tests.system.conftest import START, Caller, new_conversation

CONVERSATION = "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"


def spans_of(spans: list[Span], conversation: str) -> dict[str, Span]:
    """Return a conversation's spans by their names."""
    return {span["name"]: span for span in spans if span["meta"].get("conversation.id") == conversation}


def test_a_call_is_one_trace_whose_ids_are_the_conversations(agent: Agent, caller: Caller) -> None:
    answer = caller.start(CONVERSATION, tags="priority:high", channel="voice", direction="inbound")
    assert answer["traceparent"] == "00-8f14e45fceea467fa34e7d5c3b2a1908-8f14e45fceea467f-01"
    assert answer["trace_id_decimal"] == "11767480711448762632"

    spans = spans_of(agent.wait_for_spans(lambda spans: len(spans_of(spans, CONVERSATION)) == 2), CONVERSATION)
    root, entry = spans["genesys.conversation"], spans["callspan.start"]
    assert root["trace_id"] == entry["trace_id"] == 11767480711448762632
    assert root["span_id"] == 0x8F14E45FCEEA467F
    assert not root.get("parent_id")
    assert entry["parent_id"] == root["span_id"]
    for span in (root, entry):
        assert span["meta"]["_dd.p.tid"] == "8f14e45fceea467f"
        assert span["meta"]["_dd.p.dm"] == "-4"
        assert span["metrics"]["_sampling_priority_v1"] == 2
        assert span["meta"]["call.priority"] == "high"
    assert entry["meta"]["callspan.entry"] == "true"


def test_milestones_and_the_end_hang_below_the_root(agent: Agent, caller: Caller) -> None:
    conversation = new_conversation()
    caller.start(conversation)
    caller.act(
        "record-milestone", conversationId=conversation, milestone="back end", outcome="error", durationMs="1500"
    )
    caller.act("end-call-trace", conversationId=conversation, tags="line:sales")
    spans = spans_of(agent.wait_for_spans(lambda spans: len(spans_of(spans, conversation)) == 4), conversation)
    root, milestone, end = (spans[n] for n in ("genesys.conversation", "callspan.milestone", "callspan.end"))
    assert milestone["parent_id"] == end["parent_id"] == root["span_id"]
    assert (milestone["resource"], milestone["error"]) == ("back end", 1)
    assert abs(milestone["duration"] - 1_500_000_000) < 1000
    assert end["meta"]["call.line"] == "sales"
    assert not end.get("error")
    assert {span["metrics"]["_sampling_priority_v1"] for span in spans.values()} == {2}


def test_a_continued_call_joins_the_other_trace(agent: Agent, caller: Caller) -> None:
    conversation = new_conversation()
    other = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert caller.start(conversation, traceparent=other)["traceparent"] == other
    spans = spans_of(agent.wait_for_spans(lambda spans: spans_of(spans, conversation)), conversation)
    assert list(spans) == ["callspan.start"]
    entry = spans["callspan.start"]
    assert entry["trace_id"] == 0xA3CE929D0E0E4736
    assert entry["meta"]["_dd.p.tid"] == "4bf92f3577b34da6"
    assert entry["parent_id"] == 0x00F067AA0BA902B7
    (link,) = entry["span_links"]
    assert f"{link['trace_id_high']:016x}{link['trace_id']:016x}" == conversation.replace("-", "")
    assert f"{link['span_id']:016x}" == conversation.replace("-", "")[:16]


def test_a_thousand_concurrent_duplicates_of_ten_calls_are_ten_traces(agent: Agent, caller: Caller) -> None:
    conversations = [new_conversation() for _ in range(10)]
    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(caller.start, conversations * 100))
    assert len({answer["traceparent"] for answer in answers}) == 10

    def of_these(spans: list[Span]) -> list[Span]:
        return [span for span in spans if span["meta"].get("conversation.id") in conversations]

    spans = of_these(agent.wait_for_spans(lambda spans: len(of_these(spans)) >= 2000))
    roots = Counter(span["span_id"] for span in spans if span["name"] == "genesys.conversation")
    entries = Counter(span["span_id"] for span in spans if span["name"] == "callspan.start")
    assert set(roots) == {int(conversation.replace("-", "")[:16], 16) for conversation in conversations}
    assert min(*roots.values(), *entries.values()) >= 100
    assert len(entries) == 10
    assert len({span["trace_id"] for span in spans}) == 10


def test_a_chunked_request_is_answered(caller: Caller) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"conversationId": '
        yield json.dumps(CONVERSATION).encode()
        yield b"}"

    status, body = caller.request("POST", START, pieces(), **caller.headers, **{"Transfer-Encoding": "chunked"})
    assert status == 200
    assert json.loads(body)["status"] == "ok"


def test_a_chunked_request_that_is_too_large_is_refused(caller: Caller) -> None:
    pieces = iter([b'{"conversationId": "', b"x" * 70_000, b'"}'])
    status, body = caller.request("POST", START, pieces, **caller.headers, **{"Transfer-Encoding": "chunked"})
    assert status == 413
    assert json.loads(body)["status"] == 413


def test_the_service_says_that_the_agent_is_there(caller: Caller) -> None:
    readiness = caller.get("/readyz")
    assert readiness.pop("waiting_bytes") >= 0
    assert readiness == {"status": "ready", "agent_reachable": True, "undelivered_spans": 0}


def test_the_agent_finds_nothing_wrong_with_what_it_was_sent(agent: Agent, caller: Caller) -> None:
    conversation = new_conversation()
    caller.start(conversation)
    agent.wait_for_spans(lambda spans: spans_of(spans, conversation))
    assert agent.failures() == ""


def test_every_line_the_service_writes_is_json_and_each_call_has_one(credentials: Credentials) -> None:
    """Also of what gunicorn and ddtrace log."""
    service = Service("http://127.0.0.1:9", credentials).start()
    caller = Caller(service, credentials)
    conversation = new_conversation()
    caller.start(conversation)
    wait_for("a complaint", lambda: "the agent does not take spans" in service.output() or None)
    service.stop()
    lines = [json.loads(line) for line in service.output().splitlines()]
    (line,) = [line for line in lines if line.get("conversation.id") == conversation]
    assert line["dd.trace_id"] == conversation.replace("-", "")
    assert line["outcome"] == "ok"
