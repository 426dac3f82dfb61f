"""Spellings of a guarded route's address, sent as bytes: none leads behind its guard."""

from __future__ import annotations

import json

import pytest

from architect.sandbox import Service
from tests.security.raw import Response, send
from tests.system.conftest import Caller, new_conversation

ACTION = "/v1/actions/start-call-trace"
EVENTS = "/v1/events/genesys"

SPELLINGS = [
    "{path}",
    "{path}/",
    "/{path}",
    "{doubled}",
    "//callspan.example.com{path}",
    "/.{path}",
    "/healthz/..{path}",
    "/healthz/%2e%2e{path}",
    "/static/..{path}",
    "/static/..%2f..{path}",
    "/v1/conversations/..%2f..{path}",
    "{path}/../../../healthz",
    "{path};/healthz",
    "{path};jsessionid=1",
    "{path}%00",
    "{path}%00/healthz",
    "{path}%0a",
    "{path}%20",
    "{path}.json",
    "{path}%2f",
    "{path}?",
    "{path}?access_token=x",
    "{path}#/healthz",
    "{upper}",
    "{encoded}",
    "{twice}",
    "{backslashes}",
    "{overlong}",
    "http://callspan.example.com{path}",
    "http://127.0.0.1{path}",
    "/healthz?x={path}",
    "*{path}",
]
HEADERS = {
    "none": "",
    "another address": "X-Original-URL: {path}\r\nX-Rewrite-URL: {path}\r\n",
    "another method": "X-HTTP-Method-Override: GET\r\nX-Method-Override: GET\r\n",
    "a script name": "SCRIPT_NAME: /v1\r\nPATH_INFO: /healthz\r\nX-Forwarded-Prefix: /v1\r\n",
    "an address within": "X-Forwarded-For: 127.0.0.1\r\nForwarded: for=127.0.0.1\r\nX-Real-IP: 127.0.0.1\r\n",
    "a user": "Remote-User: genesys\r\nX-Forwarded-User: genesys\r\nCookie: client=genesys\r\n",
    "upgrade": "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
}


def spelt(spelling: str, path: str) -> str:
    return spelling.format(
        path=path,
        doubled=path.replace("/", "//"),
        upper=path.upper(),
        encoded="/" + "".join(f"%{ord(c):02x}" for c in path[1:]),
        twice="/" + "".join(f"%25{ord(c):02x}" for c in path[1:]),
        backslashes=path.replace("/", "\\"),
        overlong=path.replace("/", "%c0%af"),
    )


def ask(service: Service, method: str, target: str, headers: str, token: str = "") -> Response | None:
    """Return the answer to a start or an event, or None where the connection was closed without one."""
    body = json.dumps({"conversationId": new_conversation(), "topic": "acd.end", "eventTime": "1"})
    authorization = f"Authorization: {token}\r\n" if token else ""
    head = f"{method} {target} HTTP/1.1\r\nHost: callspan.example.com\r\nContent-Type: application/json\r\n"
    tail = f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    found = send(service, (head + authorization + headers + tail).encode()).responses
    return found[0] if found else None


@pytest.mark.parametrize("path", [ACTION, EVENTS])
@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "FOO"]
)
def test_no_spelling_of_an_address_leads_past_its_guard(service: Service, method: str, path: str) -> None:
    for spelling in SPELLINGS:
        target = spelt(spelling, path)
        answer = ask(service, method, target, "")
        if answer is None:
            continue
        open_to_all = (200,) if target.startswith("/healthz?") else ()
        assert answer.status in (400, 401, 404, 405, 501, *open_to_all), (target, answer)
        assert b"trace_id" not in answer.body
        assert "location" not in answer.headers


@pytest.mark.parametrize("path", [ACTION, EVENTS])
@pytest.mark.parametrize("headers", HEADERS)
def test_no_header_leads_past_a_guard(service: Service, headers: str, path: str) -> None:
    answer = ask(service, "POST", path, HEADERS[headers].format(path=path))
    assert answer is None or answer.status in (400, 401, 404, 501), answer
    elsewhere = ask(service, "POST", "/healthz", HEADERS[headers].format(path=path))
    assert elsewhere is None or elsewhere.status in (400, 404, 405, 501), elsewhere


def test_the_same_requests_get_through_with_a_token(service: Service, caller: Caller) -> None:
    """Or else the tests above would pass on a service that is broken."""
    token = caller.headers["Authorization"]
    for target in (ACTION, spelt("{encoded}", ACTION), ACTION + "?x=y"):
        answer = ask(service, "POST", target, "", token)
        assert answer is not None
        assert (answer.status, b'"status": "ok"' in answer.body) == (200, True)
