"""The parts that a start of a call passes through."""

from __future__ import annotations

import time
import uuid
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from app.identity import conversation_trace, parse_traceparent, span_id_for
from app.oauth import Tokens
from app.span import Encoder, FinishedSpan, Origin
from app.tags import parse_tags
from app.telemetry import Telemetry
from app.values import Client, SigningKey
from schemas import START_CALL_TRACE
from schemas.compiled import compile_inputs, compile_outputs

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
    # Around its memory of tags that it has met.
    assert len(benchmark(parse_tags.__wrapped__, text).accepted) == count


def test_the_contracts_inputs_by_marshmallow(benchmark: BenchmarkFixture) -> None:
    assert benchmark(START_CALL_TRACE.inputs.load, BODY)["conversation_id"] == CONVERSATION


def test_the_contracts_inputs_compiled(benchmark: BenchmarkFixture) -> None:
    inputs = benchmark(compile_inputs(START_CALL_TRACE.inputs), BODY)
    assert inputs is not None
    assert inputs["conversation_id"] == CONVERSATION


def test_the_contracts_outputs_by_marshmallow(benchmark: BenchmarkFixture) -> None:
    outputs = dict.fromkeys(START_CALL_TRACE.outputs.fields, "a value")
    assert benchmark(START_CALL_TRACE.outputs.dump, outputs) == outputs


def test_the_contracts_outputs_compiled(benchmark: BenchmarkFixture) -> None:
    outputs = dict.fromkeys(START_CALL_TRACE.outputs.fields, "a value")
    assert benchmark(compile_outputs(START_CALL_TRACE.outputs), outputs) == outputs


@pytest.fixture
def tokens() -> tuple[Tokens, str]:
    client = Client("genesys", "", frozenset({"actions"}))
    tokens = Tokens({"genesys": client}, [SigningKey("key", b"k" * 32)])
    return tokens, tokens.issue(client, client.scopes, 3600)


def test_a_token_that_is_new(benchmark: BenchmarkFixture, tokens: tuple[Tokens, str]) -> None:
    assert benchmark(tokens[0]._verify, tokens[1]).client_id == "genesys"  # noqa: SLF001


def test_a_token_that_is_known(benchmark: BenchmarkFixture, tokens: tuple[Tokens, str]) -> None:
    assert benchmark(tokens[0].verify, tokens[1])[0] == "genesys"


def _span() -> FinishedSpan:
    now = time.time_ns()
    trace = conversation_trace(str(uuid.uuid4()))
    return FinishedSpan("callspan.start", "a start", trace.trace_id, trace.span_id, "", now, now, LABELS)


def test_a_span_that_is_written_down(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    telemetry = Telemetry(tmp_path)
    benchmark(lambda: telemetry.emit(_span()))
    assert telemetry.waiting_bytes() > 0


def test_a_span_that_is_encoded(benchmark: BenchmarkFixture) -> None:
    encoder = Encoder(Origin("callspan"))
    assert benchmark(encoder.encode, [_span()])
