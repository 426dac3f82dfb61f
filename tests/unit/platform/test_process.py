"""The stand-in in a process of its own, told over HTTP what happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from architect.emulator.platform import Behaviour, Organization
from architect.emulator.platform.__main__ import behaviour, main
from architect.emulator.platform.control import PREFIX
from architect.emulator.platform.server import application
from architect.sandbox import Platform, SandboxError

from .caller import Caller

PAGE = (Path(__file__).parents[3] / "docs" / "platform.md").read_text()


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    platform = Platform(write_delay=30, flow_holds_reads=False).start()
    yield platform
    assert platform.stop() == 0


@pytest.fixture
def call(platform: Platform) -> dict[str, Any]:
    started: dict[str, Any] = platform.tell(
        "conversations", participants=[{"purpose": "customer", "attributes": {"line": "sales"}}]
    )
    return started


def attributes(platform: Platform, call: dict[str, Any]) -> dict[str, str]:
    shown = Caller(platform.url)("GET", f"/_stand-in/conversations/{call['id']}").json()
    return dict(shown["participants"][0]["attributes"])


def test_a_call_is_played_from_outside(platform: Platform, call: dict[str, Any]) -> None:
    platform.tell("clients", id="client", secret="secret")
    ask = Caller(platform.url).with_token()
    conversation = f"conversations/{call['id']}"
    customer = call["participants"][0]["id"]
    agent = platform.tell(f"{conversation}/participants", purpose="agent")["id"]
    flow = f"{conversation}/flows/{platform.tell(f'{conversation}/flows', type='inboundCall')['id']}"
    assert platform.tell(f"{flow}/get", names=["line", "a"]) == {"attributes": {"line": "sales", "a": None}}
    platform.tell(f"{flow}/set", attributes={"a": "flow"})

    path = f"/api/v2/{conversation}/participants/{customer}/attributes"
    assert ask("PATCH", path, {"attributes": {"a": "rest", "line": "rest"}}).status == 202
    assert attributes(platform, call) == {"line": "sales"}
    platform.tell("clock", advance=30)
    assert attributes(platform, call) == {"line": "rest", "a": "rest"}
    platform.tell(f"{flow}/end")
    assert attributes(platform, call) == {"line": "rest", "a": "flow"}

    platform.tell(f"{conversation}/participants/{agent}/leave")
    platform.tell(f"{conversation}/end")
    shown = ask("GET", f"/api/v2/{conversation}").json()
    assert [each["purpose"] for each in shown["participants"]] == ["customer", "agent", "ivr"]
    assert all("endTime" in each for each in (shown, *shown["participants"]))
    assert [each["status"] for each in platform.requests() if each["path"] == path] == [202]


def test_faults_are_told_and_called_off(platform: Platform, call: dict[str, Any]) -> None:
    platform.tell("clients", id="client", secret="secret")
    ask = Caller(platform.url).with_token()
    path = f"/api/v2/conversations/{call['id']}"
    fault = platform.tell("faults", kind="status", status=503, path="conversations", times=2)
    assert (fault["kind"], fault["retry_after"]) == ("status", None)
    assert ask("GET", path).status == 503
    ask("DELETE", "/_stand-in/faults")
    assert ask("GET", path).status == 200


def test_roles_and_tokens_are_taken_away(platform: Platform, call: dict[str, Any]) -> None:
    platform.tell("clients", id="client", secret="secret", permissions=[])
    ask = Caller(platform.url).with_token()
    path = f"/api/v2/conversations/{call['id']}"
    assert ask("GET", path).status == 403
    platform.tell("tokens/revoke")
    assert ask("GET", path).status == 401


@pytest.mark.parametrize(
    ("path", "given", "message"),
    [
        ("conversations", {"media": "voice"}, "400 .*media is one of"),
        ("conversations", {"colour": "red"}, r"400 .*a JSON object with id \(optional\), media \(optional\)"),
        ("conversations", {"participants": [{"purpose": "caller"}]}, "400 .*purpose is one of"),
        ("conversations", {"participants": [{"age": 3}]}, "400 .*age"),
        ("conversations/unknown/end", {}, "404 .*nothing here is called 'unknown'"),
        ("clients", {"id": "client"}, "400 .*with id, secret, permissions"),
        ("faults", {"kind": "explosion"}, "400 .*kind is one of"),
        ("clock", {"advance": -1}, "400 .*0 or more seconds"),
    ],
)
def test_what_cannot_be_is_told_back(platform: Platform, path: str, given: dict[str, Any], message: str) -> None:
    with pytest.raises(SandboxError, match=message):
        platform.tell(path, **given)


def test_a_value_that_is_no_string_is_told_back(platform: Platform, call: dict[str, Any]) -> None:
    flow = platform.tell(f"conversations/{call['id']}/flows")["id"]
    with pytest.raises(SandboxError, match=r"400 .*takes a string, not int"):
        platform.tell(f"conversations/{call['id']}/flows/{flow}/set", attributes={"a": 1})


def test_the_page_lists_what_it_can_be_told() -> None:
    listed = {re.sub(r"\{\w+\}", "{}", each) for each in re.findall(rf"`({PREFIX}/[^`]*)`", PAGE)}
    rules = application(Organization()).url_map.iter_rules()
    served = {re.sub(r"<\w+>", "{}", rule.rule) for rule in rules if rule.rule.startswith(PREFIX)}
    assert listed == served


def test_settings_are_read_as_what_their_fields_are() -> None:
    given = ("write_delay=2", "requests_per_minute=5", "retry_after=False", "other_values=text")
    assert behaviour(given) == Behaviour(write_delay=2.0, requests_per_minute=5, retry_after=False, other_values="text")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("colour=red", "'colour' is none of write_delay, media_specific_answer"),
        ("write_delay=long", "write_delay is a number, not 'long'"),
        ("requests_per_minute", "requests_per_minute is a number, not ''"),
        ("retry_after=maybe", "retry_after is true or false, not 'maybe'"),
        ("ended_conversation=lost", "ended_conversation is accepted or not-found, not 'lost'"),
    ],
)
def test_a_wrong_setting_is_explained(setting: str, message: str) -> None:
    result = CliRunner().invoke(main, ["--set", setting])
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
