"""The data action engine against real exports from the field."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from architect.emulator.engine import Engine
from architect.emulator.export import DataAction
from architect.emulator.jsonpath import JsonPath
from architect.emulator.schema import input_contract_problems, output_contract_problems
from architect.emulator.velocity import Template
from tests.unit.emulator.loopback import Answer, Received, Service, running_service

EXPORTS = 31
CREDENTIALS = {
    name: f"the-{name}"
    for name in ("tenant_id", "client_id", "client_secret", "scope", "grant_type", "clientId", "clientSecret")
} | {"loginUrl": "https://login.example.com/oauth/token"}

Sample = Callable[[str], Path]


@pytest.fixture
def actions(sample: Sample) -> dict[str, DataAction]:
    return {path.name: DataAction.load(path) for path in sorted(sample("data-actions").glob("*.json"))}


@pytest.fixture
def service() -> Iterator[Service]:
    with running_service() as service:
        yield service


def new_engine(service: Service, auth: DataAction | None = None) -> Engine:
    organization = "5c1e2f7a-6d8b-4c7d-9f0e-2b3a4c5d6e7f"
    return Engine(auth=auth, credentials=CREDENTIALS, organization_id=organization, base_url=service.url)


def example_inputs(action: DataAction) -> dict[str, object]:
    """Return a value of the declared type for every input."""
    examples: dict[str, object] = {"string": "x1", "integer": 7, "number": 1.5, "boolean": True}
    properties = action.input_schema.get("properties", {})
    assert isinstance(properties, dict)
    return {name: examples[str(schema["type"])] for name, schema in properties.items() if isinstance(schema, dict)}


def test_every_export_can_be_read(actions: dict[str, DataAction]) -> None:
    assert len(actions) == EXPORTS
    assert {name for name, action in actions.items() if action.shape == "api"} == {
        "apiform-Add-contact-to-contact-list.custom.json"
    }
    assert sum(action.action_type == "customAuth" for action in actions.values()) == 3
    assert {action.timeout_seconds for action in actions.values()} == {None}


def test_every_contract_is_one(actions: dict[str, DataAction]) -> None:
    problems = {
        name: input_contract_problems(action.input_schema) + output_contract_problems(action.output_schema)
        for name, action in actions.items()
    }
    assert {name: found for name, found in problems.items() if found} == {}


def test_every_template_and_path_can_be_parsed(actions: dict[str, DataAction]) -> None:
    for action in actions.values():
        request, response = action.request, action.response
        for text in (request.url_template, request.body_template, response.success_template, *request.headers.values()):
            Template(text, name=action.source)
        for path in response.translation_map.values():
            JsonPath(path)


def test_every_export_sends_its_request_or_fails_for_its_own_reason(
    actions: dict[str, DataAction], service: Service
) -> None:
    """The two bugs are those of the files; the rest needs authentication or an address it is not given here."""
    reasons = {}
    with new_engine(service) as engine:
        for name, action in actions.items():
            report = engine.test(action, example_inputs(action))
            if len(report.operations) < 8:
                reasons[name] = report.error
    assert len(service.received) == EXPORTS - len(reasons)
    unauthenticated = "Variable $authResponse has not been set at authorization[line 1, column {}]".format
    assert reasons == {
        "apiform-Add-contact-to-contact-list.custom.json": (
            "Variable $Input has not been set at requestUrlTemplate[line 1, column 31]"
        ),
        "purple-Get-Contact-From-Contact-List.json": (
            "Reference ${input.contactlistId} evaluated to null when attempting to render at "
            "requestUrlTemplate[line 1, column 31]"
        ),
        "purple-Send-Chat-Notification.json": "Request URL is not an absolute http or https URL: x1",
        "purple-static-Get-User-Presence.json": "static actions are built into Genesys Cloud and do not run here",
        "teams-Create-Teams-Meeting.custom.json": unauthenticated(1),
        "teams-Update-Teams-User-Presence.custom.json": unauthenticated(1),
        "zoom-Create-Zoom-Meeting.custom.json": unauthenticated(8),
        "zoom-Update-Zoom-User-Presence.custom.json": unauthenticated(8),
    }


@pytest.mark.parametrize(
    ("auth", "name", "answer", "authorization"),
    [
        (
            "teams-Office-365-Auth.customAuth.json",
            "teams-Create-Teams-Meeting.custom.json",
            {"onlineMeeting": {"joinUrl": "https://join.example"}},
            "Bearer the-issued-token",
        ),
        (
            "zoom-ZoomServerToServerOAuth.customAuth.json",
            "zoom-Update-Zoom-User-Presence.custom.json",
            None,
            "bearer the-issued-token",
        ),
    ],
    ids=["Teams", "Zoom, whose answer is empty"],
)
def test_a_custom_auth_export_supplies_the_others(
    actions: dict[str, DataAction], service: Service, auth: str, name: str, answer: object, authorization: str
) -> None:
    def respond(request: Received) -> Answer:
        if request.path.endswith("/token"):
            return Answer(body=b'{"access_token": "the-issued-token", "token_type": "Bearer"}')
        return Answer(204) if answer is None else Answer(body=json.dumps(answer).encode())

    service.answer = respond
    with new_engine(service, actions[auth]) as engine:
        assert engine.test(actions[name], example_inputs(actions[name])).success
    assert {name.lower(): value for name, value in service.last.headers.items()}["authorization"] == authorization


@pytest.mark.parametrize(
    ("name", "answer", "result"),
    [
        (
            "switchvoice-Get-Participant-Id-for-Customer.custom.json",
            {"participants": [{"purpose": "agent", "id": "a"}, {"purpose": "customer", "id": "c"}]},
            {"customerParticipantId": "c"},
        ),
        (
            "switchvoice-Get-Participant-Id-for-Customer.custom.json",
            {"participants": []},
            {"customerParticipantId": " "},
        ),
        (
            "switchvoice-Get-all-Customer-Participant-Data-by-ConversationId.custom.json",
            {"participants": [{"purpose": "customer", "attributes": {"a": 'x"y', "n": 1}}]},
            {"jsonAttributes": '{"a":"x\\"y","n":1}'},
        ),
        (
            "resiliency-Get-On-Queue-Agent-Counts.json",
            {"results": [{"data": [{"qualifier": "IDLE", "stats": {"count": 2}}, {"qualifier": "BUSY"}]}]},
            {"counts": [2], "statuses": ["IDLE", "BUSY"]},
        ),
        ("resiliency-Get-On-Queue-Agent-Counts.json", {"results": []}, {"counts": [0], "statuses": ["Error"]}),
        (
            "limitless-Get-Full-Event.custom.json",
            {"msgDialogue": [{"body": "first"}, {"body": "last", "custRating": 5}], "msgState": None},
            None,
        ),
        (
            "limitless-Get-Full-Event.custom.json",
            {"msgDialogue": [{"body": "first"}, {"body": "last", "custRating": 5}]},
            {
                "escalate": False,
                "escalateReason": "",
                "responseCode": "",
                "message": "last",
                "authorName": "",
                "custRating": 5,
                "answerCount": 404,
                "custRespUiURL": "",
                "custTestimonial": "",
                "msgState": "",
                "lifecycleState": "",
                "updateType": "",
                "timeoutState": False,
            },
        ),
        ("purple-Get-Customer-Participant.json", {"participants": []}, {"participantId": ""}),
        (
            "teams-Find-Teams-User-Id.custom.json",
            {"urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User": {"externalIds": [{"value": "u"}]}},
            {"urn:ietf:params:scim:schemas:extension:genesys:purecloud:2__0:User.externalIds.value": ["u"]},
        ),
    ],
    ids=[
        "first of a filter",
        "first of an empty filter takes the default",
        "an object as a JSON string",
        "two collections",
        "defaults for collections",
        "an existing null fails the contract",
        "a default for each field",
        "an index out of range takes the default",
        "a key with a dot",
    ],
)
def test_what_an_export_makes_of_an_answer(
    actions: dict[str, DataAction], service: Service, name: str, answer: object, result: object
) -> None:
    service.answers(body=answer)
    with new_engine(service) as engine:
        report = engine.test(actions[name], example_inputs(actions[name]), flatten=True)
    assert report.final_result == result


def test_a_java_method_in_a_real_url(actions: dict[str, DataAction], service: Service) -> None:
    with new_engine(service) as engine:
        engine.test(actions["resiliency-Update-IVR-Cache-Entry.json"], {"key": "a b c"})
    assert service.last.path.endswith("/rows/a%20b%20c")


def test_a_real_export_that_does_not_escape_its_inputs_sends_broken_json(
    actions: dict[str, DataAction], service: Service
) -> None:
    """Which is why the emulator shows exactly what is sent."""
    action = actions["sentiment-Send-Chat-Group-Notification.custom.json"]
    with new_engine(service) as engine:
        assert engine.test(action, {"message": 'say "hi"', "metadata": "m"}).success
    assert service.last.body == b'{"message": "say "hi"","metadata": "m"}'
