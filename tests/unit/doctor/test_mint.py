from __future__ import annotations

import json

import pytest

from app.doctor.mint import FLOW_NAME, in_process, over_http, throw_away_conversation
from app.doctor.web import Web
from app.identity import conversation_trace
from app.values import Client
from tests.conftest import SECRET, make_settings
from tests.dogstatsd import Receiver
from tests.unit.emulator.loopback import Answer, Service

from .conftest import Deployed

CONVERSATION = throw_away_conversation()


def test_the_conversation_is_a_new_uuid_that_shows_what_it_is() -> None:
    assert CONVERSATION.startswith("d0c70000-")
    assert conversation_trace(CONVERSATION)
    assert throw_away_conversation() != CONVERSATION


def test_in_this_process_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    monkeypatch.setattr("ddtrace.trace.tracer.start_span", lambda *_, **__: sent.append("span"))
    with Receiver() as receiver:
        monkeypatch.setenv("DD_DOGSTATSD_URL", receiver.url)
        check = in_process(make_settings(), CONVERSATION)
        assert (check.status, conversation_trace(CONVERSATION).traceparent in check.what) == ("ok", True)
    assert receiver.samples() == []
    assert sent == []


def test_without_a_client_for_actions_there_is_nothing_to_start_with() -> None:
    settings = make_settings(clients={"bridge": Client("bridge", "hash", frozenset({"events"}))})
    assert in_process(settings, CONVERSATION).status == "skipped"


def test_a_service_starts_the_call_and_its_span_tells_whose_it_is(web: Web, deployed: Deployed) -> None:
    signed_in, started = over_http(web, deployed.url, ("genesys", SECRET), CONVERSATION)
    assert (signed_in.status, started.status) == ("ok", "ok")
    assert CONVERSATION in started.what
    assert {span.tags["flow.name"] for span in deployed.spans} == {FLOW_NAME}
    assert {span.tags["conversation.id"] for span in deployed.spans} == {CONVERSATION}


@pytest.mark.parametrize(
    ("credentials", "words"),
    [(("genesys", "hush"), "its secret is another"), (("nobody", SECRET), "does not know this client")],
    ids=["secret", "client"],
)
def test_credentials_that_are_refused_are_not_shown(
    web: Web, deployed: Deployed, credentials: tuple[str, str], words: str
) -> None:
    (check,) = over_http(web, deployed.url, credentials, CONVERSATION)
    assert check.status == "failed"
    assert words in check.what
    assert "hush" not in check.what + check.fix
    assert SECRET not in check.what + check.fix


def test_a_client_without_the_scope_is_told_apart(web: Web, deployed: Deployed) -> None:
    signed_in, started = over_http(web, deployed.url, ("eventbridge", SECRET), CONVERSATION)
    assert (signed_in.status, started.status) == ("ok", "failed")
    assert "may not call the actions" in started.what


@pytest.mark.parametrize(
    ("status", "body", "headers", "words"),
    [
        (429, {}, {"Retry-After": "17"}, "in 17 seconds"),
        (500, {}, {}, "answers 500"),
        (200, {"token": "hush"}, {}, "answers 200 without a token"),
    ],
    ids=["too often", "broken", "no token"],
)
def test_a_token_that_does_not_come_is_explained(
    web: Web, service: Service, status: int, body: object, headers: dict[str, str], words: str
) -> None:
    service.answers(status, body, headers=headers)
    (check,) = over_http(web, service.url, ("genesys", SECRET), CONVERSATION)
    assert check.status == "failed"
    assert words in f"{check.what} {check.fix}"
    assert "hush" not in check.what


def test_an_answer_that_is_changed_on_its_way_is_noticed(web: Web, service: Service) -> None:
    right = {**dict.fromkeys(("accepted_tags", "error_code"), ""), "traceparent": "00-00-00-01"}
    service.answer = lambda request: Answer(
        200, json.dumps({"access_token": "t"} if request.path == "/oauth/token" else right).encode()
    )
    _, started = over_http(web, service.url, ("genesys", SECRET), CONVERSATION)
    assert started.status == "failed"
    assert "traceparent is '00-00-00-01' and should be '00-d0c70000" in started.what
    assert "trace_url is missing" in started.what


def test_a_service_that_is_away_is_told(web: Web) -> None:
    (check,) = over_http(web, "http://127.0.0.1:1", ("genesys", SECRET), CONVERSATION)
    assert (check.status, "nothing listens there" in check.what) == ("failed", True)
