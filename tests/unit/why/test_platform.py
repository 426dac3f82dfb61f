"""`callspan why` against the stand-in for Genesys Cloud, with each source of the problem reproduced there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import urllib3
from click.testing import CliRunner, Result

from app.cli import main
from app.genesys.access import GenesysSettings, platform_client
from app.genesys.budget import Budget
from app.genesys.conversation import Conversation as Shown
from app.genesys.conversation import Participant as Person
from app.genesys.errors import UnavailableError
from app.why.diagnosis import Diagnosis, diagnose
from app.why.question import Question, Seen
from app.why.watching import watch
from architect.emulator.platform import (
    Behaviour,
    Conversation,
    Fault,
    Organization,
    PlatformStandIn,
    StoppedClock,
)
from tests.conftest import CONVERSATION

SECRET = "hush-hush"
CLIENT = ("client", SECRET)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def organization(clock: StoppedClock) -> Organization:
    organization = Organization(Behaviour(write_delay=2), clock)
    organization.clients.add(*CLIENT)
    return organization


@pytest.fixture
def platform(organization: Organization) -> Iterator[PlatformStandIn]:
    with PlatformStandIn(organization) as platform:
        yield platform


@pytest.fixture
def call(organization: Organization) -> Conversation:
    return organization.start_conversation(CONVERSATION)


@pytest.fixture
def parties(call: Conversation) -> Any:
    """Let a customer, a queue and an agent in, and return them."""
    return SimpleNamespace(**{purpose: call.join(purpose) for purpose in ("customer", "acd", "agent")})


@pytest.fixture
def ask(platform: PlatformStandIn, clock: StoppedClock) -> Callable[..., tuple[Seen, Diagnosis]]:
    """Return a function that asks why, with waits that pass at once on the stand-in's clock."""

    def ask(**asked: Any) -> tuple[Seen, Diagnosis]:
        client = platform_client(GenesysSettings("eu-central-1", *CLIENT, platform.url), 10_000)
        assert client is not None
        budget = Budget(10, clock.now, clock.advance)
        seen = watch(client, Question(**{"conversation_id": CONVERSATION, "attribute": "priority", **asked}), budget)
        return seen, diagnose(seen)

    return ask


@pytest.fixture
def patch(platform: PlatformStandIn, organization: Organization) -> Callable[..., int]:
    """Return a function that writes as an outside system does, by whatever path it thinks right."""
    issued = organization.clients.token(*CLIENT)
    assert issued is not None

    def patch(path: str, **attributes: Any) -> int:
        url, headers = platform.url + path, {"Authorization": f"Bearer {issued[0]}"}
        return urllib3.request("PATCH", url, json={"attributes": attributes}, headers=headers).status

    return patch


def path(participant: str, kind: str = "") -> str:
    return f"/api/v2/conversations/{kind}{CONVERSATION}/participants/{participant}/attributes"


def first(diagnosis: Diagnosis) -> tuple[str, str]:
    return diagnosis.causes[0].id, diagnosis.causes[0].likelihood


def test_a_path_that_does_not_exist(ask: Any, patch: Any, parties: Any) -> None:
    assert patch(path(parties.customer.id, "voice/"), priority="high") == 404
    assert first(ask()[1]) == ("wrong-url", "likely")
    assert first(ask(wrote_to=path(parties.customer.id, "voice/"))[1]) == ("wrong-url", "certain")


def test_the_participant_itself(ask: Any, patch: Any, parties: Any) -> None:
    wrong = path(parties.customer.id).removesuffix("/attributes")
    assert patch(wrong, priority="high") == 202
    assert first(ask(wrote_to=wrong)[1]) == ("wrong-url", "certain")


def test_the_agents_participant(ask: Any, patch: Any, parties: Any, clock: StoppedClock) -> None:
    assert patch(path(parties.agent.id), priority="high") == 202
    clock.advance(3)
    seen, diagnosis = ask()
    assert first(diagnosis) == ("wrong-participant", "certain")
    assert diagnosis.causes[0].evidence.startswith(f"agent {parties.agent.id} has it")
    assert f"Write on customer {parties.customer.id}" in diagnosis.causes[0].remedy
    assert seen.seconds >= 7, "a write on the customer may be under way all the same"
    known, diagnosis = ask(wrote_to=path(parties.agent.id))
    assert first(diagnosis) == ("wrong-participant", "certain")
    assert len(known.readings) == 1, "what is clear is not waited for"


def test_a_reading_too_soon(ask: Any, patch: Any, parties: Any) -> None:
    assert patch(path(parties.customer.id), priority="high") == 202
    seen, diagnosis = ask()
    assert first(diagnosis) == ("not-yet-visible", "certain")
    assert "it appeared after 2.5 s" in diagnosis.causes[0].evidence
    assert diagnosis.visible
    assert len(seen.readings) == 4


def test_a_second_write_on_the_right_participant_is_waited_for(
    ask: Any, patch: Any, parties: Any, clock: StoppedClock
) -> None:
    patch(path(parties.agent.id), priority="high")
    clock.advance(3)
    patch(path(parties.customer.id), priority="high")
    assert first(ask()[1]) == ("not-yet-visible", "certain")


def test_a_flow_that_overwrites_it(ask: Any, patch: Any, call: Conversation, parties: Any, clock: StoppedClock) -> None:
    flow = call.start_flow()
    flow.set("priority", "normal")
    flow.set("callspan_source", "service")
    assert patch(path(parties.customer.id), priority="high") == 202
    clock.advance(3)
    assert ask(expected="high")[1].visible
    assert ("overwritten", "possible") in [(each.id, each.likelihood) for each in ask(expected="high")[1].causes]
    flow.end()
    diagnosis = ask(expected="high")[1]
    assert first(diagnosis) == ("overwritten", "certain")
    assert "callspan_source (service)" in diagnosis.causes[0].evidence


def test_a_flow_that_has_not_ended(ask: Any, call: Conversation, parties: Any) -> None:
    call.start_flow().set("priority", "normal")
    assert first(ask()[1]) == ("not-yet-visible", "likely")


def test_a_call_that_has_ended(ask: Any, patch: Any, call: Conversation, parties: Any, clock: StoppedClock) -> None:
    call.end()
    assert patch(path(parties.customer.id), priority="high") == 202
    clock.advance(3)
    seen, diagnosis = ask()
    assert first(diagnosis) == ("ended", "likely")
    assert len(seen.readings) == 1


def test_another_spelling(ask: Any, patch: Any, parties: Any, clock: StoppedClock) -> None:
    patch(path(parties.customer.id), Priority="high")
    clock.advance(3)
    assert first(ask()[1]) == ("spelling", "certain")


def test_an_internal_call_of_two_users(ask: Any, call: Conversation) -> None:
    call.join("user")
    call.join("user")
    assert first(ask()[1]) == ("several-participants", "likely")


def test_a_value_that_is_no_string(ask: Any, patch: Any, parties: Any) -> None:
    assert patch(path(parties.customer.id), priority=7) == 400
    causes = {each.id: each.likelihood for each in ask()[1].causes}
    assert (causes["value"], causes["refused-write"]) == ("possible", "possible")


def test_a_conversation_that_is_not_there(ask: Any, platform: PlatformStandIn) -> None:
    assert first(ask()[1]) == ("unknown-conversation", "certain")


def test_a_role_without_the_permission_still_lets_a_call_be_judged(
    ask: Any, organization: Organization, patch: Any, parties: Any, clock: StoppedClock
) -> None:
    organization.clients.add(*CLIENT, [])
    patch(path(parties.agent.id), priority="high")
    clock.advance(3)
    seen, diagnosis = ask()
    assert [each.id for each in diagnosis.causes[:2]] == ["permission", "wrong-participant"]
    assert seen.target is not None
    assert seen.target.id == parties.customer.id


def test_a_call_that_ended_is_seen_by_the_calls_path_too(
    ask: Any, organization: Organization, call: Conversation, parties: Any
) -> None:
    organization.clients.add(*CLIENT, [])
    call.end()
    causes = {each.id: each.evidence for each in ask()[1].causes}
    assert causes["ended"] == "everybody has left"


def test_a_secret_that_is_wrong(ask: Any, organization: Organization, parties: Any) -> None:
    organization.clients.add("client", "another")
    assert first(ask()[1]) == ("token", "certain")


def test_too_many_requests(ask: Any, organization: Organization, parties: Any) -> None:
    organization.faults.add(Fault("status", times=9, status=429, retry_after=42, method="GET"))
    diagnosis = ask()[1]
    assert first(diagnosis) == ("rate-limited", "certain")
    assert "Wait 42 seconds" in diagnosis.causes[0].remedy


class Failing:
    """Shows a conversation so many times, and then fails."""

    def __init__(self, times: int) -> None:
        self.left = times

    def conversation(self, conversation_id: str, _budget: Budget) -> Shown:
        self.left -= 1
        if self.left < 0:
            raise UnavailableError("Genesys Cloud could not be reached.")
        return Shown(conversation_id, None, (Person("c", "customer"),))

    call = conversation


def test_an_error_later_on_does_not_take_away_what_was_read(clock: StoppedClock) -> None:
    seen = watch(Failing(3), Question(CONVERSATION, "priority"), Budget(10, clock.now, clock.advance))
    assert (len(seen.readings), seen.error) == (3, None)
    assert first(diagnose(seen)) == ("wrong-url", "likely")


def run(url: str, *arguments: str, **environ: str) -> Result:
    access = {
        "GENESYSCLOUD_REGION": "eu-central-1",
        "GENESYSCLOUD_OAUTHCLIENT_ID": "client",
        "GENESYSCLOUD_OAUTHCLIENT_SECRET": SECRET,
        "CALLSPAN_GENESYS_URL": url,
    }
    none = {"CALLSPAN_CLIENTS": None, "CALLSPAN_JWT_KEYS": None}
    return CliRunner(env={**none, **access, **environ}).invoke(main, ["why", *arguments])


def test_the_command_needs_nothing_of_the_service(platform: PlatformStandIn, call: Conversation) -> None:
    call.join("customer", attributes={"priority": "high"})
    result = run(platform.url, CONVERSATION.upper(), "--attribute", "priority", "--expected", "high")
    assert result.exit_code == 0
    assert result.output.startswith("priority is on customer ")
    assert SECRET not in result.output
    assert "\x1b" not in result.output


def test_the_command_ends_with_1_when_it_is_not_there(platform: PlatformStandIn, call: Conversation) -> None:
    call.join("customer")
    call.join("agent", attributes={"traceparent": "x"})
    result = run(platform.url, CONVERSATION, "--json", "--wait", "1")
    assert result.exit_code == 1
    found = json.loads(result.output)
    assert (found["attribute"], found["causes"][0]["id"]) == ("traceparent", "wrong-participant")


@pytest.mark.parametrize(
    ("arguments", "environ", "problem"),
    [
        (("Sales",), {}, "CONVERSATION_ID"),
        ((CONVERSATION,), {"GENESYSCLOUD_OAUTHCLIENT_SECRET": ""}, "GENESYSCLOUD_OAUTHCLIENT_SECRET is not"),
        (
            (CONVERSATION,),
            dict.fromkeys(
                ("GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET", "CALLSPAN_GENESYS_URL"), ""
            ),
            "Set GENESYSCLOUD_REGION",
        ),
        ((CONVERSATION, "--wait", "0"), {}, "--wait"),
    ],
    ids=["id", "half a client", "no client", "no time"],
)
def test_a_wrong_use_is_refused(arguments: tuple[str, ...], environ: dict[str, str], problem: str) -> None:
    result = run("http://127.0.0.1:1", *arguments, **environ)
    assert (result.exit_code, problem in result.output) == (2, True)
