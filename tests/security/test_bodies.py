"""JSON made to cost, to confuse or to break out, sent to the running service on its short way and on Flask's."""

from __future__ import annotations

import json
import time

import pytest

from tests.events import envelope
from tests.system.conftest import START, Caller, new_conversation

EVENTS = "/v1/events/genesys"
LIMIT = 64 * 1024


def padded(body: bytes) -> bytes:
    """Return a body as long as is read."""
    return body + b" " * (LIMIT - len(body))


BODIES = {
    "nested lists": b"[" * 32_000 + b"]" * 32_000,
    "nested objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "nested, as deep as can be read": b'{"conversationId":' + b"[" * 900 + b"]" * 900 + b"}",
    "lists that never end": b"[" * LIMIT,
    "an object of many keys": b"{" + b",".join(b'"k%d":1' % n for n in range(6000)) + b"}",
    "one key many times": b"{" + b",".join([b'"conversationId":"x"'] * 3000) + b"}",
    "a number of many digits": b'{"conversationId":' + b"9" * 60_000 + b"}",
    "a number of a huge exponent": b'{"conversationId":1e999999999}',
    "NaN": b'{"conversationId":NaN,"eventTime":Infinity,"topic":-Infinity}',
    "a long string": b'{"conversationId":"' + b"a" * 60_000 + b'"}',
    "a string of escapes": b'{"conversationId":"' + b"\\u0000" * 10_000 + b'"}',
    "half a surrogate pair": b'{"conversationId":"\\ud800","tags":"a:\\udfff","topic":"\\ud800"}',
    "invalid UTF-8": b'{"conversationId":"\xff\xfe"}',
    "overlong UTF-8": b'{"conversationId":"\xc0\x80"}',
    "encoded surrogates": b'{"conversationId":"\xed\xa0\x80"}',
    "UTF-16": '{"conversationId":"x"}'.encode("utf-16"),
    "UTF-32": '{"conversationId":"x"}'.encode("utf-32"),
    "a byte order mark": b'\xef\xbb\xbf{"conversationId":"x"}',
    "NUL": b'{"conversationId":"\x00"}',
    "nothing but NUL": bytes(1000),
    "a control character": b'{"conversationId":"\x01"}',
    "two values": b"{}{}",
    "a comment": b'{"conversationId":"x"/**/}',
    "single quotes": b"{'conversationId':'x'}",
    "blanks alone": padded(b""),
    "a prototype": b'{"__proto__":{"conversationId":"x"},"constructor":1,"__class__":{"__init__":1}}',
}


@pytest.mark.parametrize("path", [START, "/v1/actions/record-milestone", "/v1/actions/end-call-trace", EVENTS])
@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_refused_quickly_and_in_the_form_that_callers_know(
    caller: Caller, name: str, path: str
) -> None:
    began = time.perf_counter()
    status, answer = caller.request("POST", path, BODIES[name], **caller.headers)
    assert time.perf_counter() - began < 2
    if path == EVENTS:
        assert status == 400
        assert json.loads(answer)["status"] == 400
    else:
        assert status == 200
        assert json.loads(answer)["status"] == "rejected"


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_refused_as_a_token_request(caller: Caller, name: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": f"192.0.2.{len(name)}"}
    status, _ = caller.request("POST", "/oauth/token", BODIES[name], **headers)
    assert status in (400, 401, 413, 429)


@pytest.mark.parametrize(
    "key", ["detail-type", "source", "detail", "conversationId", "eventTime", "sessionId", "attributes"]
)
@pytest.mark.parametrize("depth", [10, 100, 900])
def test_what_is_nested_where_events_have_text_is_no_failure_of_ours(caller: Caller, key: str, depth: int) -> None:
    """A 503 would have EventBridge deliver it again and again."""
    event = envelope("attributes")
    (event if key in event else event["detail"]["eventBody"])[key] = "DEEP"
    body = json.dumps(event).replace('"DEEP"', "[" * depth + "]" * depth)
    status, _ = caller.request("POST", EVENTS, body, **caller.headers)
    assert status in (200, 400)


@pytest.mark.parametrize("kind", ["application/json", "application/vnd.acme+json"], ids=["short way", "Flask"])
def test_of_a_key_that_comes_twice_the_last_counts(caller: Caller, kind: str) -> None:
    """On both ways alike, or a check on one could be passed on the other. Nobody in front decides by the body."""
    first, last = new_conversation(), new_conversation()
    body = f'{{"conversationId":"{first}","conversationId":"{last}"}}'
    status, answer = caller.request("POST", START, body, **{**caller.headers, "Content-Type": kind})
    assert (status, json.loads(answer)["trace_id"]) == (200, last.replace("-", ""))


def test_a_compressed_body_is_not_unpacked(caller: Caller) -> None:
    """So a small body cannot become a large one."""
    packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00C\xbf\xa6\xa3\x02\x00\x00\x00"
    status, answer = caller.request("POST", START, packed, **caller.headers, **{"Content-Encoding": "gzip"})
    assert (status, json.loads(answer)["error_code"]) == (200, "invalid_json")
