"""The stand-in over HTTP: what it answers, and what becomes of a request that it refuses or loses."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import pytest
import urllib3

from architect.emulator.platform import (
    VIEW_ANALYTICS,
    VIEW_CONVERSATION,
    Behaviour,
    Conversation,
    Fault,
    Organization,
    PlatformStandIn,
    StoppedClock,
)
from architect.sandbox import wait_for

from .caller import Caller

UNKNOWN = "00000000-0000-4000-8000-000000000000"


Serve = Callable[..., tuple[Organization, Caller]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve an organisation of that behaviour, whose clock stands still."""
    running: list[PlatformStandIn] = []

    def start(*permissions: str, **behaviour: Any) -> tuple[Organization, Caller]:
        organization = Organization(Behaviour(**behaviour), StoppedClock())
        organization.clients.add("client", "secret", permissions or [VIEW_CONVERSATION, VIEW_ANALYTICS])
        platform = PlatformStandIn(organization).start()
        running.append(platform)
        return organization, Caller(platform.url).with_token()

    yield start
    for platform in running:
        platform.stop()


def call_in(organization: Organization) -> Conversation:
    call = organization.start_conversation()
    call.join("customer", attributes={"line": "sales"})
    call.join("agent")
    return call


def path_of(call: Conversation, media: str = "", position: int = 0, rest: str = "/attributes") -> str:
    return f"/api/v2/conversations/{media}{call.id}/participants/{call.participants[position].id}{rest}"


def test_a_write_is_accepted_with_nothing_to_say_and_visible_later(serve: Serve) -> None:
    organization, ask = serve(write_delay=2)
    call = call_in(organization)
    answer = ask("PATCH", path_of(call), {"attributes": {"a": "1"}})
    assert (answer.status, answer.data, answer.headers.get("Content-Type")) == (202, b"", None)
    shown = ask("GET", f"/api/v2/conversations/{call.id}").json()
    assert shown["participants"][0]["attributes"] == {"line": "sales"}
    organization.clock.advance(2)
    shown = ask("GET", f"/api/v2/conversations/{call.id}").json()
    assert shown["participants"][0]["attributes"] == {"line": "sales", "a": "1"}
    flattened = ask("GET", f"/api/v2/conversations/calls/{call.id}").json()
    assert flattened["participants"][0]["attributes"] == {"line": "sales", "a": "1"}


@pytest.mark.parametrize(("chosen", "body"), [("empty", b""), ("echo", b'{"attributes":{"a":"1"}}\n')])
def test_a_media_specific_write_answers_as_chosen(serve: Serve, chosen: str, body: bytes) -> None:
    organization, ask = serve(media_specific_answer=chosen)
    answer = ask("PATCH", path_of(call_in(organization), "calls/"), {"attributes": {"a": "1"}})
    assert (answer.status, answer.data) == (202, body)


@pytest.mark.parametrize("media", ["callbacks", "emails", "messages"])
def test_other_media_have_paths_of_their_own(serve: Serve, media: str) -> None:
    organization, ask = serve(write_delay=0)
    conversation = organization.start_conversation(media=media)
    conversation.join("customer")
    assert ask("PATCH", path_of(conversation, f"{media}/"), {"attributes": {"a": "1"}}).status == 202
    shown = ask("GET", f"/api/v2/conversations/{media}/{conversation.id}").json()
    assert shown["participants"][0]["attributes"] == {"a": "1"}
    assert len(ask("GET", f"/api/v2/conversations/{conversation.id}").json()["participants"][0][media]) == 1
    assert ask("GET", f"/api/v2/conversations/calls/{conversation.id}").status == 404


@pytest.mark.parametrize("media", ["", "calls/"])
def test_attributes_sent_to_the_participant_itself_are_accepted_and_ignored(serve: Serve, media: str) -> None:
    organization, ask = serve(write_delay=0)
    call = call_in(organization)
    assert ask("PATCH", path_of(call, media, rest=""), {"attributes": {"a": "1"}}).status == 202
    assert call.participants[0].attributes == {"line": "sales"}


def test_analytics_never_shows_an_attribute(serve: Serve) -> None:
    organization, ask = serve()
    call = call_in(organization)
    answer = ask("GET", f"/api/v2/analytics/conversations/{call.id}/details")
    assert answer.status == 200
    assert answer.json()["participants"][0]["participantId"] == call.participants[0].id
    assert b"sales" not in answer.data
    assert b"ttributes" not in answer.data


@pytest.mark.parametrize(("chosen", "status"), [("accepted", 202), ("not-found", 404)])
def test_a_write_to_an_ended_conversation_answers_as_chosen_and_is_not_stored(
    serve: Serve, chosen: str, status: int
) -> None:
    organization, ask = serve(write_delay=0, ended_conversation=chosen)
    call = call_in(organization)
    call.end()
    assert ask("PATCH", path_of(call), {"attributes": {"a": "1"}}).status == status
    assert call.participants[0].attributes == {"line": "sales"}


@pytest.mark.parametrize("value", [True, 1, 1.5, None, ["a"], {"a": "b"}])
@pytest.mark.parametrize(("chosen", "status"), [("refused", 400), ("text", 202)])
def test_a_value_that_is_no_string_is_refused_or_made_text_of(
    serve: Serve, value: Any, chosen: str, status: int
) -> None:
    organization, ask = serve(write_delay=0, other_values=chosen)
    call = call_in(organization)
    answer = ask("PATCH", path_of(call), {"attributes": {"b": "kept", "a": value}})
    assert answer.status == status
    stored = dict(call.participants[0].attributes)
    if chosen == "refused":
        assert answer.json()["code"] == "invalid.value"
        assert stored == {"line": "sales"}
    else:
        assert stored["b"] == "kept"
        assert isinstance(stored["a"], str)


@pytest.mark.parametrize("body", [{}, {"attributes": None}, {"attributes": {}}])
def test_a_body_without_attributes_changes_nothing(serve: Serve, body: dict[str, Any]) -> None:
    organization, ask = serve(write_delay=0)
    call = call_in(organization)
    assert ask("PATCH", path_of(call), body).status == 202
    assert call.participants[0].attributes == {"line": "sales"}


@pytest.mark.parametrize("body", [[], "text", 1, {"attributes": ["a"]}, {"attributes": "a=1"}])
def test_a_body_of_another_shape_is_refused(serve: Serve, body: Any) -> None:
    organization, ask = serve()
    answer = ask("PATCH", path_of(call_in(organization)), body)
    assert (answer.status, answer.json()["code"]) == (400, "invalid.value")


def test_what_is_not_json_is_refused(serve: Serve) -> None:
    organization, ask = serve()
    path = path_of(call_in(organization))
    headers = {"Authorization": f"Bearer {ask.token}"}
    with urllib3.PoolManager(retries=False) as http:
        plain = http.request("PATCH", ask.url + path, body="{}", headers={**headers, "Content-Type": "text/plain"})
        broken = http.request(
            "PATCH", ask.url + path, body="{", headers={**headers, "Content-Type": "application/json"}
        )
    assert (plain.status, plain.json()["code"]) == (415, "unsupported.media.type")
    assert (broken.status, broken.json()["code"]) == (400, "bad.request")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"/api/v2/conversations/{UNKNOWN}", 404, "not.found"),
        ("GET", f"/api/v2/conversations/calls/{UNKNOWN}", 404, "not.found"),
        ("GET", "/api/v2/conversations/mine", 400, "bad.request"),
        ("PATCH", f"/api/v2/conversations/{UNKNOWN}/participants/{UNKNOWN}/attributes", 404, "not.found"),
        ("PATCH", "{call}/participants/{unknown}/attributes", 404, "not.found"),
        ("PATCH", "{call}/participants/customer/attributes", 400, "bad.request"),
    ],
)
def test_what_does_not_exist_is_not_found(serve: Serve, method: str, path: str, status: int, code: str) -> None:
    organization, ask = serve()
    call = call_in(organization)
    answer = ask(method, path.format(call=f"/api/v2/conversations/{call.id}", unknown=UNKNOWN), {})
    assert (answer.status, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PATCH", f"/api/v2/conversations/voice/{UNKNOWN}/participants/{UNKNOWN}/attributes", 404),
        ("GET", f"/api/v2/conversations/interactions/{UNKNOWN}", 404),
        ("PUT", f"/api/v2/conversations/{UNKNOWN}/participants/{UNKNOWN}/attributes", 405),
        ("GET", "/", 404),
    ],
)
def test_a_path_that_genesys_does_not_have_fails_and_is_logged(
    serve: Serve, caplog: pytest.LogCaptureFixture, method: str, path: str, status: int
) -> None:
    _, ask = serve()
    with caplog.at_level(logging.ERROR):
        answer = ask(method, path)
    assert (answer.status, answer.json()["status"]) == (status, status)
    assert f"Genesys Cloud has no {method} {path}" in caplog.text


def test_a_path_of_voice_is_no_conversation(serve: Serve) -> None:
    """It has the form of /conversations/{id}."""
    _, ask = serve()
    assert ask("GET", "/api/v2/conversations/voice").status == 400


@pytest.mark.parametrize("authorization", ["", "Basic eDp5", "Bearer", "Bearer "])
def test_without_a_token_there_is_no_answer(serve: Serve, authorization: str) -> None:
    organization, ask = serve()
    ask.token = ""
    answer = ask("GET", f"/api/v2/conversations/{call_in(organization).id}", Authorization=authorization)
    assert (answer.status, answer.json()["code"]) == (401, "authentication.required")


def test_an_unknown_expired_or_revoked_token_is_refused(serve: Serve) -> None:
    organization, ask = serve(token_lifetime=300)
    path = f"/api/v2/conversations/{call_in(organization).id}"
    assert ask("GET", path).status == 200
    assert ask("GET", path, Authorization="Bearer unknown").json()["code"] == "bad.credentials"
    organization.clock.advance(300)
    assert ask("GET", path).status == 401
    ask.with_token()
    assert ask("GET", path).status == 200
    organization.clients.revoke_tokens()
    assert ask("GET", path).status == 401


def test_only_what_lists_a_permission_needs_one(serve: Serve) -> None:
    organization, ask = serve("nothing:at:all")
    call = call_in(organization)
    refused = ask("GET", f"/api/v2/conversations/{call.id}")
    assert (refused.status, refused.json()["code"]) == (403, "missing.any.permissions")
    assert refused.json()["messageParams"] == {"permissions": f"[{VIEW_CONVERSATION}]"}
    assert ask("GET", f"/api/v2/analytics/conversations/{call.id}/details").status == 403
    assert ask("GET", f"/api/v2/conversations/calls/{call.id}").status == 200
    assert ask("PATCH", path_of(call), {"attributes": {}}).status == 202


@pytest.mark.parametrize(
    ("client", "secret", "grant_type", "code"),
    [
        ("client", "wrong", "client_credentials", "invalid_client"),
        ("other", "secret", "client_credentials", "invalid_client"),
        ("", "secret", "client_credentials", "invalid_client"),
        ("client", "secret", "password", "unsupported_grant_type"),
    ],
)
def test_a_token_is_refused_in_the_login_hosts_own_shape(
    serve: Serve, client: str, secret: str, grant_type: str, code: str
) -> None:
    _, ask = serve()
    answer = ask.ask_for_token(client, secret, grant_type=grant_type)
    assert (answer.status, answer.json()["error"]) == (400, code)
    assert answer.json()["description"] == answer.json()["error_description"]
    assert "code" not in answer.json()


@pytest.mark.parametrize(("of", "second_token_is_served"), [("client", False), ("token", True)])
def test_requests_are_limited_for_each_client_or_each_token(
    serve: Serve, of: str, second_token_is_served: bool
) -> None:
    organization, ask = serve(requests_per_minute=2, rate_limit_of=of)
    path = f"/api/v2/conversations/{call_in(organization).id}"
    assert [ask("GET", path).status for _ in range(3)] == [200, 200, 429]
    ask.with_token()
    assert (ask("GET", path).status == 200) is second_token_is_served
    organization.clients.add("other", "secret")
    ask.token = ask.ask_for_token("other").json()["access_token"]
    assert ask("GET", path).status == 200


def test_a_limited_client_is_told_how_long_to_wait(serve: Serve) -> None:
    organization, ask = serve(requests_per_minute=1)
    path = f"/api/v2/conversations/{call_in(organization).id}"
    ask("GET", path)
    organization.clock.advance(17.5)
    answer = ask("GET", path)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "43")
    assert answer.json()["message"].endswith("in [43] seconds")
    organization.clock.advance(43)
    assert ask("GET", path).status == 200


def test_a_client_may_have_to_do_without_retry_after(serve: Serve) -> None:
    organization, ask = serve(requests_per_minute=1, retry_after=False)
    path = f"/api/v2/conversations/{call_in(organization).id}"
    assert "Retry-After" not in [ask("GET", path), ask("GET", path)][-1].headers


def test_requests_for_tokens_are_limited_apart(serve: Serve) -> None:
    organization, ask = serve(requests_per_minute=2)
    assert [ask.ask_for_token().status for _ in range(2)] == [200, 429]
    assert ask("GET", f"/api/v2/conversations/{call_in(organization).id}").status == 200


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 415, 429, 500, 503, 504])
def test_an_answer_fails_as_told_and_changes_nothing(serve: Serve, status: int) -> None:
    organization, ask = serve(write_delay=0)
    call = call_in(organization)
    organization.faults.add(Fault("status", status=status, retry_after=7, method="PATCH"))
    assert ask("GET", f"/api/v2/conversations/{call.id}").status == 200
    answer = ask("PATCH", path_of(call), {"attributes": {"a": "1"}})
    assert (answer.status, answer.json()["status"], answer.headers["Retry-After"]) == (status, status, "7")
    assert answer.headers["ININ-Correlation-Id"] == answer.json()["contextId"]
    assert ask("PATCH", path_of(call), {"attributes": {"b": "2"}}).status == 202
    assert call.participants[0].attributes == {"line": "sales", "b": "2"}


def test_a_token_request_fails_as_told_too(serve: Serve) -> None:
    organization, ask = serve()
    organization.faults.add(Fault("status", status=503, path="^/oauth/token$"))
    assert [ask.ask_for_token().status for _ in range(2)] == [503, 200]


def test_a_connection_is_reset_as_told(serve: Serve) -> None:
    organization, ask = serve(write_delay=0)
    call = call_in(organization)
    organization.faults.add(Fault("reset"))
    with pytest.raises(urllib3.exceptions.ProtocolError) as raised:
        ask("PATCH", path_of(call), {"attributes": {"a": "1"}})
    assert isinstance(raised.value.args[1], ConnectionResetError)
    assert organization.requests[-1].status is None
    assert call.participants[0].attributes == {"line": "sales"}


def test_an_answer_is_held_back_as_told_and_what_it_answers_was_done(serve: Serve) -> None:
    organization, ask = serve(write_delay=0)
    call = call_in(organization)
    organization.faults.add(Fault("timeout", seconds=0.3))
    before = monotonic()
    assert ask("PATCH", path_of(call), {"attributes": {"a": "1"}}).status == 202
    assert monotonic() - before >= 0.3
    assert call.participants[0].attributes["a"] == "1"


def test_stopping_gives_the_answers_held_back() -> None:
    threads = threading.active_count()
    organization = Organization()
    organization.faults.add(Fault("timeout", seconds=3600))
    http = urllib3.PoolManager(retries=False, timeout=0.2)
    with PlatformStandIn(organization) as platform, pytest.raises(urllib3.exceptions.ReadTimeoutError):
        http.request("GET", platform.url + "/api/v2/conversations/x")
    wait_for("the stand-in's threads to end", lambda: threading.active_count() <= threads or None, 5)
    with pytest.raises(urllib3.exceptions.NewConnectionError):
        http.request("GET", platform.url)
    http.clear()


@pytest.mark.parametrize(
    ("fault", "at_once", "later"),
    [
        (Fault("slow-write", seconds=8), None, "1"),
        (Fault("lost-write"), None, None),
        (Fault("overwritten", value="theirs"), None, "theirs"),
    ],
)
def test_an_accepted_write_goes_wrong_as_told(
    serve: Serve, fault: Fault, at_once: str | None, later: str | None
) -> None:
    organization, ask = serve(write_delay=2)
    call = call_in(organization)
    organization.faults.add(fault)
    assert ask("PATCH", path_of(call), {"attributes": {"a": "1"}}).status == 202
    organization.clock.advance(2 if fault.kind != "overwritten" else 1)
    assert call.participants[0].attributes.get("a") == at_once
    organization.clock.advance(6)
    assert call.participants[0].attributes.get("a") == later


def test_requests_are_remembered_without_their_tokens(serve: Serve) -> None:
    organization, ask = serve()
    call = call_in(organization)
    ask("PATCH", path_of(call, position=1), {"attributes": {"a": "1"}}, **{"If-Match": "x"})
    token, write = organization.requests
    assert (token.method, token.path, token.status, token.body) == ("POST", "/oauth/token", 200, "")
    assert (write.method, write.path, write.status) == ("PATCH", path_of(call, position=1), 202)
    assert (write.client_id, write.body, write.headers["If-Match"]) == ("client", '{"attributes":{"a":"1"}}', "x")
    assert ask.token not in repr(organization.requests)


def test_two_organisations_are_served_apart(serve: Serve) -> None:
    first, ask_first = serve()
    _, ask_second = serve()
    path = f"/api/v2/conversations/{call_in(first).id}"
    assert (ask_first("GET", path).status, ask_second("GET", path).status) == (200, 404)
    assert ask_second("GET", path, Authorization=f"Bearer {ask_first.token}").status == 401
