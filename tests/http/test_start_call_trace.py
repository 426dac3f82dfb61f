from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from app.span import FinishedSpan
from schemas import START_CALL_TRACE
from tests.conftest import CONVERSATION, OTHER_TRACEPARENT, TRACE_ID, TRACEPARENT

PATH = "/v1/actions/start-call-trace"
OUTPUTS = set(START_CALL_TRACE.outputs.fields)

Start = Callable[..., dict[str, str]]


@pytest.fixture
def post(client: FlaskClient, bearer: Callable[..., dict[str, str]], started: list[FinishedSpan]) -> Callable[..., Any]:
    def post(body: bytes, content_type: str | None = "application/json", **headers: str) -> TestResponse:
        return client.post(PATH, data=body, content_type=content_type, headers={**bearer(), **headers})

    return post


@pytest.fixture
def start(post: Callable[..., TestResponse]) -> Start:
    """Start a call and check what holds of every answer: 200, JSON, each output, each a string."""

    def start(body: object, **headers: str) -> dict[str, str]:
        response = post(json.dumps(body).encode(), **headers)
        assert response.status_code == 200
        assert response.mimetype == "application/json"
        answer = json.loads(response.data)
        assert set(answer) == OUTPUTS
        assert all(isinstance(value, str) for value in answer.values())
        return answer

    return start


def test_a_call_gets_the_ids_that_its_conversation_implies(start: Start) -> None:
    assert start({"conversationId": CONVERSATION}) == {
        "status": "ok",
        "error_code": "",
        "error_message": "",
        "trace_id": TRACE_ID,
        "trace_id_decimal": "11767480711448762632",
        "span_id": "8f14e45fceea467f",
        "span_id_decimal": "10310116547102393983",
        "traceparent": TRACEPARENT,
        "tracestate": "dd=s:2;t.dm:-4",
        "trace_url": f"https://app.datadoghq.com/apm/trace/{TRACE_ID}",
        "origin": "minted",
        "accepted_tags": "",
        "rejected_tags": "",
    }


def test_tags_are_sorted_and_the_accepted_ones_reach_the_span(start: Start, started: list[FinishedSpan]) -> None:
    answer = start({"conversationId": CONVERSATION, "tags": "priority:High,host:x,line:sales,mail:a@b.example"})
    assert answer["status"] == "ok"
    assert answer["accepted_tags"] == "priority:high,line:sales"
    assert answer["rejected_tags"] == (
        "tag 2 (host): is reserved for Datadog or Callspan, choose another key; "
        "tag 4: looks like an e-mail address, and personal data does not belong in tags"
    )
    assert started[0].tags["call.priority"] == "high"
    assert started[0].tags["call.line"] == "sales"
    assert not any("b.example" in value for value in started[0].tags.values())


def test_the_span_tells_of_the_call(
    start: Start, started: list[FinishedSpan], emitted: dict[str, list[FinishedSpan]]
) -> None:
    start(
        {
            "conversationId": CONVERSATION.upper(),
            "flowName": "Sales\tinbound",
            "channel": "Voice",
            "direction": "INBOUND",
            "queueName": "Sales",
        },
        **{"ININ-Correlation-Id": "0f8c", "ININ-Organization-Id": "11111111-2222-4333-8444-555555555555"},
    )
    assert dict(started[0].tags) == {
        "conversation.id": CONVERSATION,
        "genesys.correlation_id": "0f8c",
        "genesys.organization_id": "11111111-2222-4333-8444-555555555555",
        "flow.name": "Sales inbound",
        "queue.name": "Sales",
        "channel": "voice",
        "direction": "inbound",
        "callspan.origin": "minted",
        "callspan.entry": "true",
        "span.kind": "server",
    }
    assert emitted["genesys.conversation"][0].resource == "inbound voice"


def test_words_of_a_flows_own_never_become_resources(start: Start, emitted: dict[str, list[FinishedSpan]]) -> None:
    start({"conversationId": CONVERSATION, "channel": "case 4711", "direction": "inbound"})
    start({"conversationId": CONVERSATION, "channel": "case 4711", "direction": "up"})
    assert [root.resource for root in emitted["genesys.conversation"]] == ["inbound", "conversation"]
    assert emitted["callspan.start"][0].tags["channel"] == "case 4711"


def test_a_long_or_broken_name_is_shortened_and_never_refused(start: Start, started: list[FinishedSpan]) -> None:
    start({"conversationId": CONVERSATION, "flowName": "\ud800\x00" + "x" * 500})
    assert started[0].tags["flow.name"] == "x" * 200


def test_a_header_that_is_no_id_is_left_out(start: Start, started: list[FinishedSpan]) -> None:
    start({"conversationId": CONVERSATION}, **{"ININ-Correlation-Id": "a b", "ININ-Organization-Id": "x" * 65})
    assert "genesys.correlation_id" not in started[0].tags
    assert "genesys.organization_id" not in started[0].tags


def test_a_call_that_is_in_another_trace_stays_there(start: Start, started: list[FinishedSpan]) -> None:
    answer = start({"conversationId": CONVERSATION, "traceparent": OTHER_TRACEPARENT})
    assert answer["origin"] == "continued"
    assert answer["traceparent"] == OTHER_TRACEPARENT
    assert answer["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert answer["trace_url"].endswith("/4bf92f3577b34da6a3ce929d0e0e4736")
    assert answer["span_id"] == "00f067aa0ba902b7"
    assert started[0].tags["conversation.id"] == CONVERSATION
    assert started[0].tags["callspan.origin"] == "continued"


@pytest.mark.parametrize(
    "traceparent", [TRACEPARENT, TRACEPARENT[:-2] + "00", f"00-{TRACE_ID}-00f067aa0ba902b7-01", "", "   "]
)
def test_a_call_that_is_in_its_own_trace_is_a_retry(
    start: Start, started: list[FinishedSpan], traceparent: str
) -> None:
    first = start({"conversationId": CONVERSATION})
    assert start({"conversationId": CONVERSATION, "traceparent": traceparent}) == first
    assert started[0].span_id == started[1].span_id
    assert "callspan.traceparent_ignored" not in started[1].tags


@pytest.mark.parametrize("traceparent", ["NOT_SET", TRACEPARENT.upper(), f"ff{TRACEPARENT[2:]}", "x" * 5000])
def test_a_malformed_traceparent_is_ignored_and_told_on_the_span(
    start: Start, started: list[FinishedSpan], traceparent: str
) -> None:
    answer = start({"conversationId": CONVERSATION, "traceparent": traceparent})
    assert (answer["status"], answer["origin"], answer["traceparent"]) == ("ok", "minted", TRACEPARENT)
    assert started[0].tags["callspan.traceparent_ignored"].startswith("traceparent ")
    assert len(started[0].tags["callspan.traceparent_ignored"]) < 200


def test_unknown_inputs_and_nulls_are_passed_over(start: Start) -> None:
    answer = start({"conversationId": CONVERSATION, "tags": None, "flowName": None, "colour": {"deep": ["blue"]}})
    assert answer["status"] == "ok"


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({}, "missing_input", "conversationId is required"),
        ({"conversationId": None}, "missing_input", "conversationId is required"),
        ({"conversationId": ""}, "missing_input", "conversationId is required"),
        ({"conversationId": "  "}, "missing_input", "Call.ConversationId"),
        ({"conversationid": CONVERSATION}, "missing_input", "conversationId is required"),
        ({"conversationId": 5}, "invalid_input", "conversationId must be a string, such as 8f14e45f"),
        ({"conversationId": [CONVERSATION]}, "invalid_input", "conversationId must be a string"),
        ({"conversationId": CONVERSATION, "tags": ["a:b"]}, "invalid_input", "tags must be a string, such as priority"),
        ({"conversationId": CONVERSATION, "flowName": True}, "invalid_input", "flowName must be a string"),
        ({"conversationId": "5551234567"}, "invalid_conversation_id", "expected a UUID"),
        ({"conversationId": "00000000-0000-0000-0000-000000000000"}, "invalid_conversation_id", "all zeros"),
        ([], "invalid_body", "JSON object"),
        ([{"conversationId": CONVERSATION}], "invalid_body", "JSON object"),
        ("text", "invalid_body", "JSON object"),
        (None, "invalid_body", "JSON object"),
    ],
    ids=str,
)
def test_an_input_that_must_be_put_right_is_rejected_in_words_for_the_flows_author(
    start: Start, started: list[FinishedSpan], body: object, code: str, words: str
) -> None:
    answer = start(body)
    assert answer["status"] == "rejected"
    assert answer["error_code"] == code
    assert words in answer["error_message"]
    assert {answer[name] for name in OUTPUTS - {"status", "error_code", "error_message"}} == {""}
    assert started == []


def test_every_bad_input_is_named_at_once(start: Start) -> None:
    message = start({"tags": 1, "flowName": 2})["error_message"]
    assert all(name in message for name in ("conversationId is required", "tags must", "flowName must"))


def test_a_rejection_does_not_repeat_what_was_sent(start: Start) -> None:
    assert "5551234567" not in json.dumps(start({"conversationId": "+15551234567"}))


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"conversationId=1", b'{"conversationId": "\xff"}', b"[" * 60_000, b'{"a": ' + b"9" * 50_000 + b"}"],
    ids=["empty", "truncated", "form", "not UTF-8", "nested 60,000 deep", "huge number"],
)
def test_a_body_that_is_not_json_is_rejected(post: Callable[..., TestResponse], body: bytes) -> None:
    response = post(body)
    answer = json.loads(response.data)
    assert response.status_code == 200
    assert (answer["status"], answer["error_code"]) == ("rejected", "invalid_json")
    assert set(answer) == OUTPUTS


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_not_announced_as_json_is_refused(post: Callable[..., TestResponse], content_type: str | None) -> None:
    response = post(b"{}", content_type)
    assert response.status_code == 415
    assert response.mimetype == "application/problem+json"
    assert response.json["detail"] == "Send the header Content-Type: application/json."


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/vnd.acme+json"])
def test_other_spellings_of_json_are_welcome(post: Callable[..., TestResponse], content_type: str) -> None:
    assert post(json.dumps({"conversationId": CONVERSATION}).encode(), content_type).json["status"] == "ok"


def test_a_body_of_a_megabyte_is_refused(post: Callable[..., TestResponse]) -> None:
    response = post(json.dumps({"conversationId": CONVERSATION, "tags": "x" * 2**20}).encode())
    assert response.status_code == 413
    assert response.mimetype == "application/problem+json"
    assert response.json["detail"] == "The body is larger than 65536 bytes."


@pytest.mark.parametrize(("size", "status"), [(10, 200), (2**20, 413)])
def test_a_chunked_body_is_read_and_bounded_like_any_other(
    client: FlaskClient, bearer: Callable[..., dict[str, str]], started: list[FinishedSpan], size: int, status: int
) -> None:
    body = json.dumps({"conversationId": CONVERSATION, "flowName": "x" * size}).encode()
    builder = EnvironBuilder(PATH, method="POST", headers=bearer(), content_type="application/json")
    environ = builder.get_environ()
    # What gunicorn gives an application for a chunked request: no length, and an input that ends by itself.
    environ.pop("CONTENT_LENGTH", None)
    environ.update({"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"})
    assert run_wsgi_app(client.application, environ)[1].startswith(str(status))


def test_the_same_start_twice_gives_the_same_answer(start: Start) -> None:
    body = {"conversationId": CONVERSATION, "tags": "priority:high"}
    assert start(body) == start(body)


def test_a_slash_too_many_is_not_redirected(client: FlaskClient, bearer: Callable[..., dict[str, str]]) -> None:
    body = {"conversationId": CONVERSATION}
    assert client.post(PATH + "/", json=body, headers=bearer()).status_code == 200
    assert client.post("/" + PATH, json=body, headers=bearer()).status_code == 404
