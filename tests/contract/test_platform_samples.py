"""The stand-in's documents against recorded answers of Genesys Cloud: equal, or alike but for what was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from architect.emulator.platform import Behaviour, Fault, Organization, PlatformStandIn, StoppedClock
from tests.unit.platform.caller import Caller

UNKNOWN = "00000000-0000-4000-8000-000000000000"
READ = f"/api/v2/conversations/{UNKNOWN}"
Recorded = Callable[[str], dict[str, Any]]


@pytest.fixture
def recorded(sample: Callable[[str], Path]) -> Recorded:
    return lambda name: dict(json.loads(sample(f"platform-api/{name}.json").read_text()))


@pytest.fixture
def organization() -> Organization:
    organization = Organization(Behaviour(requests_per_minute=3), StoppedClock())
    organization.clients.add("client", "secret")
    return organization


@pytest.fixture
def platform(organization: Organization) -> Iterator[PlatformStandIn]:
    with PlatformStandIn(organization) as platform:
        yield platform


@pytest.fixture
def caller(platform: PlatformStandIn) -> Caller:
    return Caller(platform.url).with_token()


Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(caller: Caller) -> Ask:
    """Ask, and return the answer's document."""

    def asked(*request: Any, **headers: str) -> dict[str, Any]:
        answer = caller(*request, **headers)
        document = answer.json()
        assert document["status"] == answer.status
        assert document["contextId"] == answer.headers["ININ-Correlation-Id"]
        return dict(document)

    return asked


def without_context(document: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return a document's items in order, as it has no context."""
    return [(name, "" if name == "contextId" else value) for name, value in document.items()]


def test_a_request_too_many(recorded: Recorded, organization: Organization, ask: Ask) -> None:
    for _ in range(3):
        assert ask("GET", READ)["status"] == 404
    organization.clock.advance(18)
    assert without_context(ask("GET", READ)) == without_context(recorded("genesys-429-body"))


@pytest.mark.parametrize(
    "name",
    [
        "get_api_v2_telephony_providers_edges_trunks_metrics__401_1",
        "post_api_v2_analytics_actions_aggregates_query__401_2",
    ],
)
def test_a_wrong_token(recorded: Recorded, ask: Ask, name: str) -> None:
    assert without_context(ask("GET", READ, Authorization="Bearer wrong")) == without_context(recorded(name))


def test_a_path_that_does_not_exist(recorded: Recorded, ask: Ask) -> None:
    expected = recorded("post_oauth_token__404_0")
    assert without_context(ask("GET", "/api/v2/conversations/voice/x")) == without_context(expected)


def test_an_internal_error(recorded: Recorded, organization: Organization, ask: Ask) -> None:
    organization.faults.add(Fault("status", status=500))
    expected = recorded("get_api_v2_telephony_providers_edges_trunks_metrics__500_2")
    assert without_context(ask("GET", READ)) == without_context(expected)


def test_an_id_that_is_no_uuid(recorded: Recorded, ask: Ask) -> None:
    expected = recorded("get_api_v2_users_userId_routingstatus__400_1")
    words = re.sub(r"^\w+ .* is", "conversationId mine is", expected["message"])
    answer = ask("GET", "/api/v2/conversations/mine")
    assert without_context(answer) == without_context({**expected, "message": words})


def test_a_value_of_another_type(recorded: Recorded, organization: Organization, ask: Ask) -> None:
    expected = recorded("post_api_v2_analytics_actions_aggregates_query__400_1")
    call = organization.start_conversation()
    path = f"/api/v2/conversations/{call.id}/participants/{call.join('customer').id}/attributes"
    answer = ask("PATCH", path, "")
    assert without_context(answer) == without_context(
        {**expected, "message": expected["message"].replace("ActionAggregationQuery", "ParticipantAttributes")}
    )


def test_an_error_with_named_parameters(recorded: Recorded, organization: Organization, ask: Ask) -> None:
    """The recorded one is a 400; a missing permission has the same names in the same order."""
    expected = recorded("get_api_v2_telephony_providers_edges_metrics__400_1")
    organization.clients.add("client", "secret", [])
    answer = ask("GET", READ)
    assert list(answer) == list(expected)
    for document in (answer, expected):
        filled = document["messageWithParams"]
        for name, value in document["messageParams"].items():
            filled = filled.replace(f"{{{name}}}", value)
        assert filled.replace("'", "") == document["message"].replace("'", "")


def test_a_token(recorded: Recorded, caller: Caller) -> None:
    token = caller.ask_for_token().json()
    expected = recorded("post_oauth_token__200_1")
    assert {name: type(value) for name, value in token.items()} == {
        name: type(value) for name, value in expected.items()
    }
    assert (token["token_type"], token["expires_in"] - expected["expires_in"]) == ("bearer", 1)
