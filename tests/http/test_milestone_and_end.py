from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.span import FinishedSpan
from schemas import END_CALL_TRACE, RECORD_CALL_MILESTONE, Contract
from tests.conftest import CONVERSATION, TRACE_ID

Post = Callable[..., dict[str, str]]


@pytest.fixture
def post(client: FlaskClient, bearer: Callable[[], dict[str, str]], emitted: dict[str, list[FinishedSpan]]) -> Post:
    def post(contract: Contract, **inputs: str) -> dict[str, str]:
        headers = {**bearer(), "ININ-Correlation-Id": "c-1"}
        response = client.post(contract.path, json={"conversationId": CONVERSATION, **inputs}, headers=headers)
        assert response.status_code == 200
        answer: dict[str, str] = json.loads(response.data)
        assert list(answer) == list(contract.outputs.fields)
        assert all(isinstance(value, str) for value in answer.values())
        return answer

    return post


def test_a_milestone_is_recorded_and_answered_with_its_span(post: Post, emitted: dict[str, list[FinishedSpan]]) -> None:
    answer = post(RECORD_CALL_MILESTONE, milestone="caller identified", outcome="ok", tags="line:sales,env:x")
    (span,) = emitted["callspan.milestone"]
    assert (span.resource, span.parent_id) == ("caller identified", TRACE_ID[:16])
    assert answer == {
        "status": "ok",
        "error_code": "",
        "error_message": "",
        "trace_id": TRACE_ID,
        "span_id": span.span_id,
        "accepted_tags": "line:sales",
        "rejected_tags": "tag 2 (env): is reserved for Datadog or Callspan, choose another key",
    }
    assert post(RECORD_CALL_MILESTONE, milestone="caller identified")["span_id"] == span.span_id


def test_an_end_is_recorded_as_often_as_it_is_told_with_one_span_id(
    post: Post, emitted: dict[str, list[FinishedSpan]]
) -> None:
    answers = [post(END_CALL_TRACE, outcome="ok", durationMs="61000") for _ in range(2)]
    assert answers[0] == answers[1]
    one, two = emitted["callspan.end"]
    assert one.span_id == two.span_id == answers[0]["span_id"]
    assert one.finished_ns - one.started_ns == 61_000_000_000


@pytest.mark.parametrize(
    ("contract", "inputs", "code"),
    [
        (RECORD_CALL_MILESTONE, {}, "missing_input"),
        (RECORD_CALL_MILESTONE, {"milestone": " "}, "missing_input"),
        (RECORD_CALL_MILESTONE, {"milestone": "x", "outcome": "perhaps"}, "invalid_input"),
        (END_CALL_TRACE, {"durationMs": "soon"}, "invalid_input"),
        (END_CALL_TRACE, {"conversationId": "x"}, "invalid_conversation_id"),
    ],
)
def test_a_wrong_input_is_rejected(post: Post, contract: Contract, inputs: dict[str, str], code: str) -> None:
    answer = post(contract, **inputs)
    assert (answer["status"], answer["error_code"]) == ("rejected", code)
    assert answer["error_message"]
