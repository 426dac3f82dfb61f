"""The two ways on which a data action is answered, held against each other over the same application."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app import MAX_BODY, create_app
from app.gateway import Gateway
from app.messages import Answer, Request
from app.span import FinishedSpan
from tests.conftest import CONVERSATION, OTHER_TRACEPARENT, make_settings

PATHS = ("start-call-trace", "record-milestone", "end-call-trace")
NAMES = ("conversationId", "traceparent", "flowName", "tags", "milestone", "outcome", "durationMs", "channel", "x")


class Asked:
    """What a request was answered, and what it left behind, without what the clock decides."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""
        self.spans: list[tuple[Any, ...]] = []
        self.lines: list[dict[str, object]] = []

    def answered(self, answer: Answer) -> Asked:
        status_line, *lines = answer.head.split(b"\r\n")
        self.status, self.body = int(status_line.split()[1]), answer.body
        self.headers = {name: value for name, _, value in (line.partition(b": ") for line in lines if line)}
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asked) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(vars(self))


class Server:
    """Asks the application as a connection does, with the hot path or without."""

    def __init__(self) -> None:
        self.app: Flask = create_app(make_settings())
        self.parts = self.app.extensions["callspan"]
        self.gateway = Gateway(self.app.wsgi_app, self.parts.hot_path)
        client = self.parts.settings.clients["genesys"]
        self.token = self.parts.tokens.issue(client, client.scopes, 60)

    def ask(self, path: str, body: bytes, *, hot: bool, headers: list[tuple[bytes, bytes]] | None = None) -> Asked:
        asked = Asked()
        self.parts.telemetry.emit = lambda *spans: asked.spans.extend(map(_timeless, spans))
        requests = self.parts.hot_path._requests
        requests.write = lambda *line: asked.lines.append({"line": line[:3], "fields": line[4]})
        if headers is None:
            headers = [(b"authorization", b"Bearer " + self.token.encode()), (b"content-type", b"application/json")]
        request = Request("127.0.0.1", "POST", path.encode(), headers=headers, fields=dict(headers), body=body)
        answer = self.gateway.at_once(request) if hot else None
        return asked.answered(answer or self.gateway.through_flask(request))


def _timeless(span: FinishedSpan) -> tuple[Any, ...]:
    return (span.name, span.resource, span.trace_id, span.span_id, span.parent_id, dict(span.tags), span.error)


@pytest.fixture(scope="module")
def server() -> Server:
    return Server()


INPUTS = st.dictionaries(
    st.sampled_from(NAMES),
    st.one_of(
        st.sampled_from(
            [CONVERSATION, OTHER_TRACEPARENT, "", "priority:high,line:sales", "ok", "error", "1500", "env:x"]
        ),
        st.text(max_size=8), st.none(), st.integers(),
    ),
)  # fmt: skip


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), inputs=INPUTS, with_id=st.booleans())
@example(path="record-milestone", inputs={"milestone": "m", "tags": "a:b"}, with_id=True)
def test_both_ways_answer_send_and_log_the_same(
    server: Server, path: str, inputs: dict[str, Any], with_id: bool
) -> None:
    if with_id:
        inputs = {"conversationId": CONVERSATION, **inputs}
    body = json.dumps(inputs).encode()
    headers = [
        (b"authorization", b"Bearer " + server.token.encode()), (b"content-type", b"application/json"),
        (b"inin-correlation-id", b"c-1"),
    ]  # fmt: skip
    long, short = (server.ask(f"/v1/actions/{path}", body, hot=hot, headers=headers) for hot in (False, True))
    assert short == long


def test_a_well_formed_call_does_not_go_through_flask(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.gateway, "through_flask", None)
    body = json.dumps({"conversationId": CONVERSATION, "tags": "line:sales"}).encode()
    answer = server.ask("/v1/actions/start-call-trace", body, hot=True)
    assert (answer.status, json.loads(answer.body)["status"]) == (200, "ok")


def bearer(token: str) -> tuple[bytes, bytes]:
    return (b"authorization", f"Bearer {token}".encode())


JSON = (b"content-type", b"application/json")
ODD: dict[str, Callable[[str], list[tuple[bytes, bytes]]]] = {
    "no token": lambda _token: [JSON],
    "a token in lower case words": lambda token: [(b"authorization", f"bearer {token}".encode()), JSON],
    "a changed token": lambda token: [bearer(token[:-3] + "AAA"), JSON],
    "two tokens": lambda token: [bearer(token), bearer(token), JSON],
    "another kind": lambda token: [(b"authorization", f"Basic {token}".encode()), JSON],
    "no content type": lambda token: [bearer(token)],
    "another content type": lambda token: [bearer(token), (b"content-type", b"text/plain")],
    "a content type with a charset": lambda token: [
        bearer(token),
        (b"content-type", b"application/json; charset=utf-8"),
    ],
    "a kind of JSON": lambda token: [bearer(token), (b"content-type", b"application/problem+json")],
    "a content type in capitals": lambda token: [bearer(token), (b"content-type", b"APPLICATION/JSON")],
    "bytes that are no text": lambda _token: [(b"authorization", b"Bearer \xff\xfe"), JSON],
}


@pytest.mark.parametrize("odd", ODD)
def test_what_is_odd_about_a_request_is_judged_alike(server: Server, odd: str) -> None:
    body = json.dumps({"conversationId": CONVERSATION}).encode()
    headers = ODD[odd](server.token)
    long, short = (server.ask("/v1/actions/end-call-trace", body, hot=hot, headers=headers) for hot in (False, True))
    assert short == long


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff",
        b"[" * 60_000,
        b'{"conversationId": "\\ud800"}',
        b" " * (MAX_BODY + 1),
        b'{"conversationId": "x"}'.ljust(MAX_BODY),
        b'{"conversationId": "x"}'.ljust(MAX_BODY + 1),
        b'{"conversationId": "%b"}' % (b"x" * 2 * MAX_BODY),
    ],
    ids=[
        "nothing", "half", "list", "null", "text", "bytes", "deep", "surrogate",
        "large", "largest", "larger", "long id",
    ],
)  # fmt: skip
def test_a_body_that_is_none_is_judged_alike(server: Server, body: bytes) -> None:
    long, short = (server.ask("/v1/actions/start-call-trace", body, hot=hot) for hot in (False, True))
    assert short == long
    assert short.status in (200, 413)


def test_a_client_without_the_scope_is_refused_on_both_ways(server: Server) -> None:
    client = server.parts.settings.clients["eventbridge"]
    headers = [bearer(server.parts.tokens.issue(client, client.scopes, 60)), JSON]
    body = json.dumps({"conversationId": CONVERSATION}).encode()
    for hot in (False, True):
        assert server.ask("/v1/actions/start-call-trace", body, hot=hot, headers=headers).status == 403


def test_a_token_is_verified_once_and_not_taken_after_it_expired(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps({"conversationId": CONVERSATION}).encode()
    client = server.parts.settings.clients["genesys"]
    headers = [bearer(server.parts.tokens.issue(client, client.scopes, 60)), JSON]
    verified: list[str] = []
    verify = server.parts.tokens._verify
    monkeypatch.setattr(server.parts.tokens, "_verify", lambda token: verified.append(token) or verify(token))
    for _ in range(3):
        assert server.ask("/v1/actions/start-call-trace", body, hot=True, headers=headers).status == 200
    assert len(verified) == 1
    known = next(iter(reversed(server.parts.tokens._verified.values())))
    monkeypatch.setattr("app.oauth.time.time", lambda: known.expires)
    monkeypatch.setattr("jwt.api_jwt.datetime", _Later(known.expires))
    assert server.ask("/v1/actions/start-call-trace", body, hot=True, headers=headers).status == 401


class _Later:
    """Stands where PyJWT reads the time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self, **_: object) -> _Later:
        return self

    def timestamp(self) -> float:
        return self._seconds


def test_a_key_that_is_taken_out_refuses_the_tokens_it_signed_at_once(server: Server) -> None:
    tokens = server.parts.tokens
    client = server.parts.settings.clients["genesys"]
    token = tokens.issue(client, client.scopes, 60)
    assert tokens.verify(token)[0] == "genesys"
    secret = tokens._secrets.pop("new")
    try:
        with pytest.raises(Exception, match="not valid here"):
            tokens.verify(token)
    finally:
        tokens._secrets["new"] = secret


def test_what_is_remembered_of_tokens_is_bounded(server: Server) -> None:
    tokens = server.parts.tokens
    client = server.parts.settings.clients["genesys"]
    for _ in range(tokens._REMEMBERED + 10):
        tokens.verify(tokens.issue(client, client.scopes, 60))
    assert len(tokens._verified) <= tokens._REMEMBERED


def test_more_than_can_wait_for_a_thread_is_refused_at_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.gateway, "_with_flask", 64)
    answer = server.ask("/healthz", b"", hot=True)
    assert (answer.status, answer.headers[b"retry-after"]) == (503, b"1")
    assert json.loads(answer.body)["status"] == 503
    body = json.dumps({"conversationId": CONVERSATION}).encode()
    assert server.ask("/v1/actions/start-call-trace", body, hot=True).status == 200, "calls are tagged all the same"
