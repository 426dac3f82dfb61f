from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from app.cli import main
from architect.sandbox import free_ports
from tests.conftest import CONVERSATION, TRACE_ID, TRACEPARENT
from tests.unit.emulator.loopback import Service, running_service
from tests.unit.terminal import on_a_terminal
from tests.unit.timeline.spans import a_call


@pytest.fixture
def agent() -> Iterator[Service]:
    with running_service() as service:
        service.answers(body=[a_call()])
        yield service


def show(agent: str, conversation: str = CONVERSATION, *options: str, **environ: str) -> Result:
    return CliRunner(env=environ).invoke(main, ["trace", "show", conversation, "--from-agent", agent, *options])


def test_a_call_is_shown_as_the_agent_received_it(agent: Service) -> None:
    result = show(agent.url + "/")
    assert result.exit_code == 0
    assert agent.last.path == "/test/session/traces"
    assert "genesys.queue" in result.output
    assert "callspan.milestone billing asked" in result.output


@pytest.mark.parametrize("width", [80, 100, 140])
def test_it_is_as_wide_as_the_terminal_says(agent: Service, width: int) -> None:
    lines = show(agent.url, COLUMNS=str(width)).output.splitlines()
    assert width - 8 <= max(map(cell_len, lines)) <= width or width == 140


@pytest.mark.parametrize(
    "pasted",
    [
        CONVERSATION.upper(),
        TRACE_ID,
        f'"{CONVERSATION}"',
        f"  {TRACE_ID.upper()},\n",
        f"\u201c{CONVERSATION}\u201d",
        f"({CONVERSATION}).",
        TRACEPARENT,
        f"https://app.datadoghq.com/apm/trace/{TRACE_ID}?graphType=flamegraph",
    ],
)
def test_an_id_is_read_as_it_was_pasted(agent: Service, pasted: str) -> None:
    result = show(agent.url, pasted)
    assert result.exit_code == 0
    assert CONVERSATION in result.output
    assert TRACEPARENT in result.output


def test_json_holds_what_the_text_shows(agent: Service) -> None:
    call = json.loads(show(agent.url, CONVERSATION, "--format", "json").output)
    assert (call["trace_id"], call["traceparent"], call["duration_ms"]) == (TRACE_ID, TRACEPARENT, 115_000)
    (queue,) = [each for each in call["spans"] if each["name"] == "genesys.queue"]
    assert (queue["offset_ms"], queue["duration_ms"], queue["copies"]) == (10_000, 40_000, 2)
    assert queue["outcomes"] == ["answered", "transfer"]


def test_a_call_without_spans_says_what_to_check(agent: Service) -> None:
    result = show(agent.url, "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d")
    assert result.exit_code == 1
    assert "holds 8 spans, but none of conversation 0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d" in result.output
    assert "DD_TRACE_AGENT_URL" in result.output
    agent.answers(body=[])
    assert "no spans at all" in show(agent.url).output


def test_an_agent_that_is_not_there_is_named() -> None:
    (port,) = free_ports(1)
    result = show(f"http://127.0.0.1:{port}")
    assert result.exit_code == 2
    assert f"no agent can be reached at http://127.0.0.1:{port}" in result.output


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"not found"), (200, b"<html>"), (200, {"no": "list"}), (200, [[{"name": "x"}]]), (200, [1]), (200, None)],
    ids=str,
)
def test_something_else_than_the_test_agent_is_told_apart(agent: Service, status: int, body: object) -> None:
    agent.answers(status, body)
    result = show(agent.url)
    assert result.exit_code == 2
    assert f"is not Datadog's test agent, ddapm-test-agent (status {status})" in result.output


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:8126", "ftp://127.0.0.1", "http://", "http://a:b"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    result = show(address)
    assert result.exit_code == 2
    assert "no agent" in result.output


def test_an_id_that_is_none_is_refused_and_not_repeated() -> None:
    result = show("http://127.0.0.1:9", "+15551234567")
    assert result.exit_code == 2
    assert "such as 8f14e45f-ceea-467f-a34e-7d5c3b2a1908" in " ".join(result.output.split())
    assert "5551234567" not in result.output


def test_spans_without_the_high_half_take_it_from_their_trace(agent: Service) -> None:
    spans = a_call()
    for span in spans[1:]:
        span["meta"].pop("_dd.p.tid", None)
    agent.answers(body=[spans])
    assert len(json.loads(show(agent.url, CONVERSATION, "--format", "json").output)["spans"]) == 7


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colour_is_for_terminals_that_want_it(agent: Service, no_color: str, coloured: bool) -> None:
    arguments = ("trace", "show", CONVERSATION, "--from-agent", agent.url)
    text = on_a_terminal("stdout", *arguments, NO_COLOR=no_color)
    assert "genesys.queue" in text
    assert ("\x1b[" in text) is coloured
    assert "\x1b[" not in show(agent.url).output
