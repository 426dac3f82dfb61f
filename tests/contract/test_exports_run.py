"""Our exported actions, executed by the engine against a loopback service that remembers what it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from architect.emulator.engine import Engine
from architect.emulator.export import DataAction
from schemas import CONTRACTS, START_CALL_TRACE, Contract
from schemas.exports import auth_action, data_action
from tests.conftest import CONVERSATION
from tests.unit.emulator.loopback import Answer, Received, Service, running_service

OUTPUTS = list(START_CALL_TRACE.outputs.fields)
GOOD_ANSWER = {name: "ok" if name == "status" else name for name in OUTPUTS}
CREDENTIALS = {"clientId": "genesys", "clientSecret": "open-sesame"}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running_service() as service:
        yield service


@pytest.fixture
def action(service: Service) -> DataAction:
    return DataAction.parse(
        json.dumps(data_action(START_CALL_TRACE, service.url)), source="start-call-trace.custom.json"
    )


@pytest.fixture
def engine(service: Service) -> Iterator[Engine]:
    """Return the engine of an integration with our auth action; the service gives the token `t` and good answers."""
    auth = DataAction.parse(json.dumps(auth_action(service.url)), source="callspan-auth.customAuth.json")
    answers(service, GOOD_ANSWER)
    with Engine(auth=auth, credentials=CREDENTIALS, organization_id=CONVERSATION) as engine:
        yield engine


def answers(service: Service, body: object, status: int = 200) -> None:
    """Let the service answer the action like this, and every token request with a token."""

    def answer(received: Received) -> Answer:
        if received.path == "/oauth/token":
            return Answer(body=b'{"access_token": "t", "token_type": "Bearer", "expires_in": 86400}')
        return Answer(status, body if isinstance(body, bytes) else json.dumps(body).encode())

    service.received.clear()
    service.answer = answer


def test_the_auth_action_sends_the_credentials_as_basic_and_the_action_uses_the_token(
    engine: Engine, action: DataAction, service: Service
) -> None:
    for _ in range(2):
        assert engine.execute(action, {"conversationId": CONVERSATION}).path == "success"
    token, first, second = service.received
    assert token.headers["Authorization"] == "Basic Z2VuZXN5czpvcGVuLXNlc2FtZQ=="
    assert token.body == b"grant_type=client_credentials"
    assert {first.headers["Authorization"], second.headers["Authorization"]} == {"Bearer t"}
    assert token.chunks is first.chunks is None
    assert first.headers["ININ-Organization-Id"] == CONVERSATION


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
# Each example finds the same service; what it was sent before does not matter to it.
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(data=st.data())
def test_the_service_gets_exactly_the_strings_that_the_flow_gave(
    engine: Engine, service: Service, contract: Contract, data: st.DataObject
) -> None:
    names = list(contract.input_names())
    required = {name: CONVERSATION for name, field in contract.input_names().items() if field.required}
    strings = st.text(st.characters(exclude_categories=["Cs"]))
    sent = required | data.draw(st.dictionaries(st.sampled_from(names), strings))
    answers(service, dict.fromkeys(contract.outputs.fields, ""))
    action = DataAction.parse(json.dumps(data_action(contract, service.url)), source=contract.name)
    assert engine.execute(action, sent).path == "success"
    assert json.loads(service.last.body) == {name: sent.get(name, "") for name in names}


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "\\",
        "\n",
        "$input.tags",
        "${input.tags}",
        "$!{x}",
        "#if(true)",
        "#set($a=1)",
        "$5",
        "\U0001f600",
        "\x00",
        '","x":"',
    ],
    ids=repr,
)
def test_what_means_something_to_a_template_or_to_json_arrives_as_it_is(
    engine: Engine, action: DataAction, service: Service, text: str
) -> None:
    engine.execute(action, {"conversationId": CONVERSATION, "tags": text})
    assert json.loads(service.last.body)["tags"] == text


@pytest.mark.parametrize("missing", OUTPUTS)
def test_an_answer_that_lacks_a_field_keeps_the_contract(
    engine: Engine, action: DataAction, service: Service, missing: str
) -> None:
    answers(service, {name: value for name, value in GOOD_ANSWER.items() if name != missing})
    execution = engine.execute(action, {"conversationId": CONVERSATION})
    assert execution.path == "success"
    assert execution.outputs == {**GOOD_ANSWER, missing: "rejected" if missing == "status" else ""}


def test_an_answer_of_a_later_version_keeps_the_contract(engine: Engine, action: DataAction, service: Service) -> None:
    answers(service, {**GOOD_ANSWER, "added": {"later": [1, None]}})
    assert engine.execute(action, {"conversationId": CONVERSATION}).outputs == GOOD_ANSWER


@pytest.mark.parametrize(
    ("body", "status"),
    [(GOOD_ANSWER, 401), (GOOD_ANSWER, 403), (GOOD_ANSWER, 500), (GOOD_ANSWER, 503), (b"<html>", 200)],
    ids=["401", "403", "500", "503", "not JSON"],
)
def test_what_is_no_answer_takes_the_failure_path_without_outputs(
    engine: Engine, action: DataAction, service: Service, body: object, status: int
) -> None:
    answers(service, body, status)
    execution = engine.execute(action, {"conversationId": CONVERSATION}, flow_type="inboundCall")
    assert (execution.path, execution.outputs, execution.failure_outputs) == ("failure", {}, None)


def test_somebody_elses_json_counts_as_rejected(engine: Engine, action: DataAction, service: Service) -> None:
    answers(service, {"welcome": "to the captive portal"})
    assert engine.execute(action, {"conversationId": CONVERSATION}).outputs["status"] == "rejected"


def test_an_action_with_a_long_lived_token_needs_no_auth_action(service: Service) -> None:
    answers(service, GOOD_ANSWER)
    export = json.dumps(data_action(START_CALL_TRACE, service.url, "token"))
    with Engine(credentials={"token": "long-lived"}, organization_id=CONVERSATION) as engine:
        assert engine.execute(DataAction.parse(export, source="x"), {"conversationId": CONVERSATION}).path == "success"
    assert [received.headers["Authorization"] for received in service.received] == ["Bearer long-lived"]
