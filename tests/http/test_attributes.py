"""The route that writes attributes, against a stand-in for Genesys Cloud's platform API; its waits are shortened."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.api.attributes import _ANSWERS, AT_ONCE
from app.config import Settings
from app.genesys import exchange, writer
from app.genesys.participants import UnresolvedError
from app.span import FinishedSpan
from architect.emulator.platform import Behaviour, Conversation, Fault, Organization, Participant, PlatformStandIn
from architect.sandbox import wait_for
from schemas.conversation_attributes import OUTCOMES, TRACE_ATTRIBUTES, AttributeReport
from tests.conftest import CONVERSATION, OTHER_TRACEPARENT, TRACE_ID, TRACEPARENT, make_settings
from tests.http.test_logs import lines  # noqa: F401  a fixture

PATH = f"/v1/conversations/{CONVERSATION}/attributes"
URL = f"https://app.datadoghq.com/apm/trace/{TRACE_ID}"
OURS = {"traceparent": TRACEPARENT, "dd_trace_id": TRACE_ID, "dd_trace_url": URL, "callspan_source": "rest"}

Post = Callable[..., TestResponse]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "WAITS", (0.01, 0.02, 0.04))
    monkeypatch.setattr(exchange, "READ_SECONDS", 0.3)
    monkeypatch.setattr(writer, "READ_BACK", (0.02, 0.05, 0.1))


@pytest.fixture
def platform() -> Iterator[PlatformStandIn]:
    with PlatformStandIn(Organization(Behaviour(write_delay=0.03))) as platform:
        platform.organization.clients.add("our-id", "our-secret")
        yield platform


@pytest.fixture
def conversation(platform: PlatformStandIn) -> Conversation:
    conversation = platform.organization.start_conversation(CONVERSATION)
    conversation.join("customer")
    conversation.join("ivr")
    return conversation


@pytest.fixture
def customer(conversation: Conversation) -> Participant:
    return conversation.participants[0]


@pytest.fixture
def settings(platform: PlatformStandIn) -> Settings:
    return make_settings(
        genesys_region="eu-central-1",
        genesys_client_id="our-id",
        genesys_client_secret="our-secret",
        genesys_url=platform.url,
    )


@pytest.fixture
def post(client: FlaskClient, bearer: Callable[[str], dict[str, str]], emitted: object) -> Post:
    def post(path: str = PATH, **body: Any) -> TestResponse:
        return client.post(path, json=body, headers=bearer("crm"))

    return post


def patches(platform: PlatformStandIn) -> list[Mapping[str, str]]:
    """Return the attributes of the writes that were accepted."""
    requests = platform.organization.requests
    return [json.loads(r.body)["attributes"] for r in requests if r.method == "PATCH" and r.status == 202]


def assert_truthful(report: Mapping[str, str], participant: Participant, wanted: Mapping[str, str]) -> None:
    """Fail when an attribute is called persisted and is not there, or the other way round."""
    assert {n for n, what in report.items() if what == "persisted"} == {
        name for name, value in wanted.items() if participant.attributes.get(name) == value
    }


def test_attributes_and_the_trace_are_written_on_the_customer_and_seen_there(
    post: Post, platform: PlatformStandIn, conversation: Conversation, emitted: dict[str, list[FinishedSpan]]
) -> None:
    answer = post(attributes={"priority": "high", "line": "retail sales"})
    assert answer.status_code == 200
    report = answer.json
    customer, flow = conversation.participants
    assert customer.attributes == {"priority": "high", "line": "retail sales", **OURS}
    assert flow.attributes == {}
    assert report.pop("elapsed_ms") > 0
    assert report.pop("attempts") >= 2
    assert report == {
        "conversation_id": CONVERSATION,
        "participant_id": customer.id,
        "reason": "the only customer, who is connected",
        "passed_over": [{"participant_id": flow.id, "purpose": "ivr", "reason": "is a flow"}],
        "attributes": dict.fromkeys([*OURS, "priority", "line"], "persisted"),
        "complete": True,
        "trace_id": TRACE_ID,
        "traceparent": TRACEPARENT,
        "trace_url": URL,
    }
    assert list(answer.json) == list(AttributeReport().fields)
    # The trace that the call now names has to exist.
    assert emitted["genesys.conversation"][0].span_id == TRACEPARENT.split("-")[2]
    assert emitted["callspan.start"][0].trace_id == TRACE_ID


def test_asking_again_writes_nothing_and_starts_no_second_trace(
    post: Post, platform: PlatformStandIn, conversation: Conversation, emitted: dict[str, list[FinishedSpan]]
) -> None:
    first, second = (post(attributes={"priority": "high"}).json for _ in range(2))
    assert first["attributes"] == second["attributes"] == dict.fromkeys([*OURS, "priority"], "persisted")
    assert second["attempts"] == 1
    assert len(patches(platform)) == 1
    assert len(emitted["callspan.start"]) == 1


def test_without_attributes_the_conversation_gets_its_trace_however_its_id_is_spelled(
    post: Post, customer: Participant
) -> None:
    assert post(f"/v1/conversations/{CONVERSATION.upper()}/attributes").json["conversation_id"] == CONVERSATION
    assert customer.attributes == OURS


def test_the_trace_that_a_flow_put_on_the_call_is_kept(
    post: Post, platform: PlatformStandIn, customer: Participant, emitted: dict[str, list[FinishedSpan]]
) -> None:
    customer.attributes.update({**OURS, "callspan_source": "service"})
    report = post(attributes={"line": "sales"}).json
    assert report["attributes"] == {
        "traceparent": "persisted",
        "dd_trace_id": "persisted",
        "dd_trace_url": "persisted",
        "callspan_source": "kept",
        "line": "persisted",
    }
    assert report["complete"]
    assert patches(platform) == [{"line": "sales"}]
    assert emitted == {}


def test_a_call_in_another_trace_stays_in_it(post: Post, platform: PlatformStandIn, customer: Participant) -> None:
    customer.attributes["traceparent"] = OTHER_TRACEPARENT
    report = post().json
    other = OTHER_TRACEPARENT.split("-")[1]
    assert (report["traceparent"], report["trace_id"]) == (OTHER_TRACEPARENT, other)
    assert customer.attributes == {
        "traceparent": OTHER_TRACEPARENT,
        "dd_trace_id": other,
        "dd_trace_url": URL.replace(TRACE_ID, other),
    }
    assert set(report["attributes"].values()) == {"persisted"}


def test_a_traceparent_that_is_none_is_replaced(post: Post, customer: Participant) -> None:
    customer.attributes["traceparent"] = "00-zz"
    assert post().json["attributes"] == dict.fromkeys(OURS, "persisted")
    assert customer.attributes == OURS


def test_the_traces_own_names_are_refused_unless_forced(
    post: Post, platform: PlatformStandIn, customer: Participant, emitted: dict[str, list[FinishedSpan]]
) -> None:
    for name in TRACE_ATTRIBUTES:
        answer = post(attributes={name: "x"})
        assert answer.status_code == 422
        assert answer.json["detail"].startswith(f"attributes.{name} is set by Callspan")
    assert platform.organization.requests == []
    answer = post(attributes={"traceparent": "x"}, force=True)
    assert (answer.status_code, answer.json["detail"][:23]) == (422, "attributes.traceparent ")
    customer.attributes.update(OURS)
    report = post(attributes={"traceparent": OTHER_TRACEPARENT, "callspan_source": "crm"}, force=True).json
    assert report["complete"]
    assert customer.attributes["traceparent"] == report["traceparent"] == OTHER_TRACEPARENT
    assert customer.attributes["dd_trace_id"] == OTHER_TRACEPARENT.split("-")[1]
    assert customer.attributes["callspan_source"] == "crm"
    assert emitted["callspan.start"][0].link.trace_id == TRACE_ID


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ([], "The body must be a JSON object."),
        ({"attributes": "priority:high"}, "attributes must be an object of strings."),
        ({"attributes": {"priority": 1}}, "attributes.priority must be a string; Genesys Cloud stores no other"),
        ({"attributes": {"priority": None}}, "attributes.priority must be a string"),
        ({"attributes": {"priority": {"a": "b"}}}, "attributes.priority must be a string"),
        ({"attributes": {"note": "x" * 257}}, "attributes.note must be at most 256 characters."),
        ({"attributes": {"note": "a\nb"}}, "attributes.note must be one line of text."),
        ({"attributes": {"+15551234567": "x"}}, "A name in attributes must be 1 to 100 letters"),
        ({"attributes": {"a" * 101: 1}}, "A name in attributes must be"),
        ({"attributes": {f"a{n}": "x" for n in range(51)}}, "attributes must be at most 50."),
        ({"attributes": {"mail": "ann@example.com"}}, "attributes.mail looks like an e-mail address"),
        ({"attributes": {"back": "+1 555 123 4567"}}, "attributes.back looks like a phone number"),
        ({"attributes": {"x 5551234567": "a"}}, "The name of attribute 1 looks like a phone number"),
        ({"force": "yes"}, "force must be true or false."),
        ({"budgetMs": 999}, "budgetMs must be from 1000 to 20000 milliseconds."),
        ({"budgetMs": 60_000}, "budgetMs must be from 1000 to 20000 milliseconds."),
        ({"budgetMs": "10000"}, "budgetMs must be a whole number of milliseconds."),
        ({"participantId": "../x"}, "participantId must be the id of a participant."),
        ({"ann@example.com": {}}, "A field of the body is not known here; send attributes, force"),
    ],
)
def test_a_wrong_body_is_refused_by_the_name_of_its_field_before_anything_is_asked(
    client: FlaskClient,
    bearer: Callable[[str], dict[str, str]],
    platform: PlatformStandIn,
    body: object,
    detail: str,
) -> None:
    answer = client.post(PATH, json=body, headers=bearer("crm"))
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["detail"].startswith(detail)
    assert answer.json["code"] == "invalid_input"
    assert not any(secret in answer.text for secret in ("5551234567", "123 4567", "ann@"))
    assert platform.organization.requests == []


def test_what_is_no_json_and_what_is_no_conversation_id_is_refused(
    post: Post, client: FlaskClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    answer = client.post(PATH, data="{", content_type="application/json", headers=bearer("crm"))
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_json")
    answer = post("/v1/conversations/+15551234567/attributes")
    assert answer.status_code == 422
    assert answer.json["detail"].startswith("conversationId is not a conversation id")
    assert "5551234567" not in answer.text


def test_personal_data_passes_where_the_operator_allows_it(
    platform: PlatformStandIn, settings: Settings, customer: Participant, bearer: object
) -> None:
    app = create_app(replace(settings, refuse_personal_data=False))
    tokens, clients = app.extensions["callspan"].tokens, settings.clients
    headers = {"Authorization": f"Bearer {tokens.issue(clients['crm'], clients['crm'].scopes, 60)}"}
    answer = app.test_client().post(PATH, json={"attributes": {"back": "+15551234567"}}, headers=headers)
    assert answer.json["complete"]
    assert customer.attributes["back"] == "+15551234567"


def test_without_access_to_genesys_only_this_route_says_so(bearer: Callable[[str], dict[str, str]]) -> None:
    client = create_app(make_settings()).test_client()
    answer = client.post(PATH, json={}, headers=bearer("crm"))
    assert (answer.status_code, answer.json["code"]) == (503, "not_configured")
    assert "GENESYSCLOUD_OAUTHCLIENT_SECRET" in answer.json["detail"]
    assert "Retry-After" not in answer.headers
    assert client.get("/healthz").status_code == 200


GET, PATCH = {"method": "GET", "path": "/conversations/"}, {"method": "PATCH"}
ALWAYS = {"times": 99}


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", status=401, **GET),
        Fault("status", status=401, **PATCH),
        Fault("status", status=429, retry_after=1, **GET),
        Fault("status", status=429, retry_after=1, **PATCH),
        Fault("status", status=429, **GET),
        Fault("status", status=500, times=3, **GET),
        Fault("status", status=500, times=3, **PATCH),
        Fault("status", status=503, **PATCH),
        Fault("status", status=503, retry_after=1, **GET),
        Fault("status", status=504, path="/oauth/token"),
        Fault("timeout", seconds=0.5, **GET),
        Fault("timeout", seconds=0.5, **PATCH),
        Fault("reset", times=2, **GET),
        Fault("reset", times=2, **PATCH),
        Fault("reset", path="/oauth/token"),
        Fault("slow-write", seconds=0.6),
    ],
    ids=str,
)
def test_what_passes_by_itself_is_not_seen_by_the_caller(
    post: Post, platform: PlatformStandIn, customer: Participant, fault: Fault
) -> None:
    platform.organization.faults.add(fault)
    answer = post(attributes={"priority": "high"})
    assert (answer.status_code, answer.json["complete"]) == (200, True)
    assert_truthful(answer.json["attributes"], customer, {"priority": "high", **OURS})


@pytest.mark.parametrize(
    ("fault", "status", "code", "retry_after"),
    [
        (Fault("status", status=401, **GET, **ALWAYS), 502, "genesys_refused", None),
        (Fault("status", status=403, **GET, **ALWAYS), 502, "genesys_refused", None),
        (Fault("status", status=403, **PATCH, **ALWAYS), 502, "genesys_refused", None),
        (Fault("status", status=400, **PATCH, **ALWAYS), 502, "genesys_refused", None),
        (Fault("status", status=401, path="/oauth/token", **ALWAYS), 502, "genesys_refused", None),
        (Fault("status", status=404, **GET, **ALWAYS), 404, "unknown_conversation", None),
        (Fault("status", status=404, **PATCH, **ALWAYS), 409, "not_writable", None),
        (Fault("status", status=409, **PATCH, **ALWAYS), 409, "not_writable", None),
        (Fault("status", status=429, retry_after=42, **GET, **ALWAYS), 503, "genesys_busy", "42"),
        (Fault("status", status=429, retry_after=42, **PATCH, **ALWAYS), 503, "genesys_busy", "42"),
        (Fault("status", status=429, **GET, **ALWAYS), 503, "genesys_busy", "5"),
        (Fault("status", status=500, **GET, **ALWAYS), 502, "genesys_unavailable", None),
        (Fault("status", status=500, **PATCH, **ALWAYS), 502, "genesys_unavailable", None),
        (Fault("status", status=503, **GET, **ALWAYS), 503, "genesys_busy", "5"),
        (Fault("status", status=503, retry_after=30, **PATCH, **ALWAYS), 503, "genesys_busy", "30"),
        (Fault("timeout", seconds=1, **GET, **ALWAYS), 504, "genesys_timeout", None),
        (Fault("timeout", seconds=1, **PATCH, **ALWAYS), 504, "genesys_timeout", None),
        (Fault("reset", **GET, **ALWAYS), 502, "genesys_unavailable", None),
        (Fault("reset", **PATCH, **ALWAYS), 502, "genesys_unavailable", None),
    ],
    ids=str,
)
def test_what_does_not_pass_has_its_own_answer_and_promises_nothing(
    post: Post,
    platform: PlatformStandIn,
    customer: Participant,
    fault: Fault,
    status: int,
    code: str,
    retry_after: str | None,
) -> None:
    platform.organization.faults.add(fault)
    answer = post(attributes={"priority": "high"}, budgetMs=2000)
    assert (answer.status_code, answer.json["code"], answer.mimetype) == (status, code, "application/problem+json")
    assert answer.headers.get("Retry-After") == retry_after
    assert ("genesys_correlation_id" in answer.json) == (fault.kind == "status")
    assert "persisted" not in answer.text
    assert customer.attributes == {}


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (Fault("overwritten", value="theirs"), "overwritten"),
        (Fault("lost-write"), "missing"),
        (Fault("slow-write", seconds=30), "missing"),
    ],
    ids=str,
)
def test_a_write_that_was_accepted_is_not_thereby_persisted(
    post: Post, platform: PlatformStandIn, customer: Participant, fault: Fault, what: str
) -> None:
    platform.organization.faults.add(fault)
    answer = post(attributes={"priority": "high"}, budgetMs=1000)
    assert answer.status_code == 200
    assert answer.json["attributes"] == dict.fromkeys([*OURS, "priority"], what)
    assert answer.json["complete"] is False
    assert 400 < answer.json["elapsed_ms"] < 1000
    assert_truthful(answer.json["attributes"], customer, {"priority": "high", **OURS})


@pytest.mark.parametrize(
    ("fault", "status"), [(Fault("status", status=500, **ALWAYS), 502), (Fault("timeout", seconds=5, **ALWAYS), 504)]
)
def test_a_write_that_cannot_be_read_back_is_said_to_be_accepted_and_no_more(
    post: Post,
    platform: PlatformStandIn,
    conversation: Conversation,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    status: int,
) -> None:
    accept = conversation.patch

    def accept_and_fail(*arguments: Any, **more: Any) -> None:
        accept(*arguments, **more)
        platform.organization.faults.add(fault)

    monkeypatch.setattr(conversation, "patch", accept_and_fail)
    answer = post(attributes={"priority": "high"}, budgetMs=1000)
    assert answer.status_code == status
    assert "The write was accepted, and could not be read back: ask again" in answer.json["detail"]
    platform.organization.faults.clear()
    assert post(attributes={"priority": "high"}).json["complete"]
    assert len(patches(platform)) == 1


def test_a_running_voice_flow_takes_back_what_it_handles_itself(
    post: Post, conversation: Conversation, customer: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = conversation.start_flow()
    flow.set("priority", "normal")
    accept = conversation.patch

    def accept_and_end(*arguments: Any, **more: Any) -> None:
        accept(*arguments, **more)
        flow.end()

    monkeypatch.setattr(conversation, "patch", accept_and_end)
    report = post(attributes={"priority": "high", "line": "sales"}, budgetMs=1000).json
    assert report["attributes"] == {**dict.fromkeys([*OURS, "line"], "persisted"), "priority": "overwritten"}
    assert customer.attributes["priority"] == "normal"


def test_a_conversation_that_has_ended_is_not_written_on(
    post: Post, platform: PlatformStandIn, conversation: Conversation
) -> None:
    conversation.end()
    answer = post(attributes={"priority": "high"})
    assert (answer.status_code, answer.json["code"]) == (409, "conversation_ended")
    assert patches(platform) == []


def test_a_conversation_that_genesys_does_not_know_is_not_found(post: Post) -> None:
    answer = post("/v1/conversations/8f14e45f-ceea-467f-a34e-000000000001/attributes")
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_conversation")


def test_a_client_without_the_permission_is_told_which_one_it_lacks(
    post: Post, platform: PlatformStandIn, conversation: Conversation
) -> None:
    platform.organization.clients.add("our-id", "our-secret", ())
    answer = post()
    assert (answer.status_code, answer.json["code"]) == (502, "genesys_refused")
    assert "conversation:communication:view" in answer.json["detail"]
    platform.organization.clients.add("our-id", "another-secret")
    platform.organization.clients.revoke_tokens()
    answer = post()
    assert answer.status_code == 502
    assert "GENESYSCLOUD_OAUTHCLIENT_ID" in answer.json["detail"]


def test_only_machines_leave_nobody_to_write_on(post: Post, platform: PlatformStandIn) -> None:
    conversation = platform.organization.start_conversation(CONVERSATION)
    conversation.join("acd")
    answer = post()
    assert (answer.status_code, answer.json["code"]) == (409, "no_participant")


def test_of_two_legs_the_one_that_is_asked_for_is_written_on(
    post: Post, platform: PlatformStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = platform.organization.start_conversation(CONVERSATION)
    moment = platform.organization.clock.now()
    monkeypatch.setattr(platform.organization.clock, "now", lambda: moment)
    one, two = conversation.join("customer"), conversation.join("customer")
    monkeypatch.undo()
    answer = post()
    assert (answer.status_code, answer.json["code"]) == (409, "several_participants")
    assert one.id in answer.json["detail"]
    assert post(participantId=two.id).json["participant_id"] == two.id
    assert (one.attributes, two.attributes) == ({}, OURS)


def test_beyond_a_few_writers_at_once_the_next_is_told_to_come_again(
    app: Flask,
    platform: PlatformStandIn,
    customer: Participant,
    bearer: Callable[[str], dict[str, str]],
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "READ_SECONDS", 5)
    faults = platform.organization.faults
    faults.add(Fault("timeout", times=AT_ONCE, seconds=1, **GET))
    headers = bearer("crm")
    statuses: list[int] = []

    def work() -> None:
        statuses.append(app.test_client().post(PATH, json={}, headers=headers).status_code)

    threads = [threading.Thread(target=work) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    wait_for("all writers to be at work", lambda: not faults._coming or None)
    answer = post()
    for thread in threads:
        thread.join()
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "busy", "5")
    assert statuses == [200] * AT_ONCE
    assert post().status_code == 200


def test_the_page_lists_every_code_and_every_outcome() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "attributes.md").read_text()
    source = (root / "app" / "api" / "attributes.py").read_text()
    written = {*re.findall(r'code="(\w+)"', source), *(code for _, code in _ANSWERS.values())}
    resolution = {kind.code for kind in UnresolvedError.__subclasses__()}
    rows = re.findall(r"^\| \d{3} \| (`[^|]*) \|", page, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == written | resolution | {"invalid_json"}
    assert re.findall(r"^\| `(persisted|overwritten|missing|kept)` \|", page, re.MULTILINE) == list(OUTCOMES)


def test_the_log_names_ids_and_outcomes_and_no_values(
    post: Post,
    platform: PlatformStandIn,
    customer: Participant,
    lines: Callable[[], list[dict[str, object]]],  # noqa: F811  the fixture
    emitted: dict[str, list[FinishedSpan]],
) -> None:
    post(attributes={"priority": "value-of-priority"})
    platform.organization.faults.add(Fault("status", status=403, **GET))
    post(attributes={"priority": "value-of-priority"})
    done, failed = (line for line in lines() if line["message"] == "request")
    assert (done["outcome"], done["client"], done["http.route"]) == (
        "ok",
        "crm",
        "/v1/conversations/<conversationId>/attributes",
    )
    assert (done["conversation.id"], done["dd.trace_id"]) == (CONVERSATION, TRACE_ID)
    assert done["genesys.participant_id"] == customer.id
    assert failed["error_code"] == "genesys_refused"
    assert failed["genesys.correlation_id"]
    assert "value-of-priority" not in json.dumps(lines()) + repr(dict(emitted))
