from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.span import FinishedSpan
from schemas import REPORT_CALL_EVENT
from tests.conftest import CONVERSATION, TRACE_ID, make_settings
from tests.events import NOW_MS, call, envelope

PATH = "/v1/events/genesys"
Post = Callable[[object], TestResponse]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.api.events.time.time_ns", lambda: NOW_MS * 1_000_000)


@pytest.fixture
def post(client: FlaskClient, bearer: Callable[[str], dict[str, str]], emitted: dict[str, list[FinishedSpan]]) -> Post:
    headers = bearer("eventbridge")
    return lambda payload: client.post(PATH, json=payload, headers=headers)


def test_an_envelope_becomes_its_spans(post: Post, emitted: dict[str, list[FinishedSpan]]) -> None:
    response = post(envelope("acd.end", connectedDurationMs=40_000))
    assert response.status_code == 200
    assert response.json == {"status": "ok", "error_code": "", "error_message": "", "spans": "1", "ignored": ""}
    assert [span.trace_id for span in emitted["genesys.queue"]] == [TRACE_ID]


def test_the_data_action_of_a_workflow_is_answered_in_its_contract(
    post: Post, emitted: dict[str, list[FinishedSpan]]
) -> None:
    bare = dict.fromkeys(REPORT_CALL_EVENT.input_names(), "") | {
        "conversationId": CONVERSATION,
        "topic": "customer.end",
        "eventTime": str(NOW_MS),
        "interactingDurationMs": "61000",
    }
    response = post(bare)
    assert set(response.json) == set(REPORT_CALL_EVENT.outputs.fields)
    (span,) = emitted["genesys.customer"]
    assert span.finished_ns - span.started_ns == 61_000 * 1_000_000


def test_a_whole_call_in_one_list_is_told_and_what_has_no_span_is_counted(post: Post) -> None:
    answer = post(call(CONVERSATION, NOW_MS)).json
    assert answer["spans"] == "9"
    assert "customer.start: nothing has ended (1)" in answer["ignored"]
    assert "attributes" not in answer["ignored"]


def test_the_root_comes_from_the_events_when_so_set(bearer: Callable[[str], dict[str, str]]) -> None:
    app = create_app(make_settings(root_span="events"))
    spans: list[FinishedSpan] = []
    app.extensions["callspan"].telemetry.emit = lambda *new: spans.extend(new)
    for _ in range(2):
        app.test_client().post(PATH, json=envelope("customer.end"), headers=bearer("eventbridge"))
    assert [(span.span_id, span.parent_id) for span in spans] == [(TRACE_ID[:16], "")] * 2


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"topic": "customer.end"}, "event 1: conversationId is not"),
        ("text", "event 1: an event must be a JSON object"),
        ([], "send one event, or a list"),
        ([envelope("acd.end"), {"topic": "x"}], "event 2: conversationId"),
    ],
    ids=["no conversation", "text", "empty list", "one of two"],
)
def test_what_can_never_be_read_is_refused_so_that_it_is_not_delivered_again(
    post: Post, payload: object, words: str
) -> None:
    response = post(payload)
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"
    assert words in response.json["detail"]


def test_the_good_events_of_a_refused_list_are_taken_in(post: Post, emitted: dict[str, list[FinishedSpan]]) -> None:
    post([envelope("acd.end"), {"topic": "x"}])
    assert len(emitted["genesys.queue"]) == 1


def test_what_is_not_json_is_refused(client: FlaskClient, bearer: Callable[[str], dict[str, str]]) -> None:
    headers = {**bearer("eventbridge"), "Content-Type": "application/json"}
    assert client.post(PATH, data=b"{", headers=headers).status_code == 400


def test_another_topic_is_no_failure(post: Post) -> None:
    payload: dict[str, Any] = {"detail-type": "v2.users.{id}.presence", "detail": {"eventBody": {}}}
    assert post(payload).json["ignored"] == "not a conversation detail event (1)"
