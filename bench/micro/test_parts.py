"""The parts that a start of a call passes through."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from app.identity import conversation_trace, parse_traceparent, span_id_for
from app.oauth import Tokens
from app.span import FinishedSpan
from app.tags import parse_tags
from app.telemetry import Telemetry
from app.values import Client, SigningKey
from schemas import START_CALL_TRACE

CONVERSATION = "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"
TRACE = conversation_trace(CONVERSATION)
BODY = {
    "conversationId": CONVERSATION,
    "traceparent": TRACE.traceparent,
    "flowName": "Sales inbound",
    "tags": "priority:high,line:sales",
    "channel": "voice",
    "direction": "inbound",
    "queueName": "Sales",
}
LABELS = dict.fromkeys(("conversation.id", "flow.name", "queue.name", "channel", "direction", "call.a"), "a value")


def test_the_identity_of_a_conversation(benchmark: BenchmarkFixture) -> None:
    assert benchmark(lambda: conversation_trace(CONVERSATION).traceparent) == TRACE.traceparent


def test_the_id_of_a_span(benchmark: BenchmarkFixture) -> None:
    assert len(benchmark(span_id_for, TRACE, "start")) == 16


def test_a_traceparent(benchmark: BenchmarkFixture) -> None:
    assert benchmark(parse_traceparent, TRACE.traceparent) == TRACE


@pytest.mark.parametrize("count", [0, 5, 20])
def test_tags(benchmark: BenchmarkFixture, count: int) -> None:
    text = ",".join(f"tag{number}:value_{number}" for number in range(count))
    assert len(benchmark(parse_tags, text).accepted) == count


def test_the_contracts_inputs(benchmark: BenchmarkFixture) -> None:
    assert benchmark(START_CALL_TRACE.inputs.load, BODY)["conversation_id"] == CONVERSATION


def test_the_contracts_outputs(benchmark: BenchmarkFixture) -> None:
    outputs = dict.fromkeys(START_CALL_TRACE.outputs.fields, "a value")
    assert benchmark(START_CALL_TRACE.outputs.dump, outputs) == outputs


def test_a_token(benchmark: BenchmarkFixture) -> None:
    client = Client("genesys", "", frozenset({"actions"}))
    tokens = Tokens({"genesys": client}, [SigningKey("key", b"k" * 32)])
    token = tokens.issue(client, client.scopes, 3600)
    assert benchmark(tokens.verify, token) == ("genesys", client.scopes)


@pytest.fixture
def emitted() -> Iterator[Callable[[FinishedSpan], None]]:
    """Return what hands a span over, with a filter that drops each trace, so that nothing is sent anywhere."""
    from ddtrace.trace import TraceFilter, tracer

    class Drop(TraceFilter):
        def process_trace(self, trace: object) -> None:  # noqa: ARG002
            return None

    tracer.configure(trace_processors=[Drop()])
    yield Telemetry().emit
    tracer.configure(trace_processors=[])


def test_a_span(benchmark: BenchmarkFixture, emitted: Callable[[FinishedSpan], None]) -> None:
    now = time.time_ns()

    def emit() -> None:
        trace = conversation_trace(str(uuid.uuid4()))
        emitted(FinishedSpan("callspan.start", "a start", trace.trace_id, trace.span_id, "", now, now, LABELS))

    benchmark(emit)
