"""`callspan flow run` and `callspan flow lint`, and the scenarios they take."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from architect.flow_commands import flow
from architect.runner import Choice, OutsideWrite, Reply, Scenario, ScenarioError
from architect.runner.examples import EXAMPLES
from tests.unit.emulator.loopback import Answer, running_service

ROOT = Path(__file__).parents[3]
FLOWS = ROOT / "architect" / "flows"
INBOUND = str(FLOWS / "inbound-call.yaml")
ACTIONS = str(ROOT / "architect" / "actions")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(flow, arguments)


@pytest.mark.parametrize("scenario", [name for name in EXAMPLES if name != "http"])
@pytest.mark.parametrize(
    "name", ["inbound-call.yaml", "inbound-call-with-module.yaml", "inbound-message.yaml", "in-queue-call.yaml"]
)
def test_each_flow_runs_with_each_built_in_scenario(name: str, scenario: str) -> None:
    result = run("run", str(FLOWS / name), "--scenario", scenario)
    assert result.exit_code == 0, result.output
    source = "service" if scenario == "answered" and name != "in-queue-call.yaml" else "flow"
    assert f"callspan_source  {source}" in result.output


def test_a_run_can_be_told_as_json() -> None:
    result = run("run", INBOUND, "--scenario", "timeout", "--format", "json", "--conversation-id", "A" * 32)
    found = json.loads(result.output)
    assert found["inOrder"] is True
    assert found["participantData"]["dd_trace_id"] == "a" * 32


def test_the_command_line_changes_the_scenario() -> None:
    result = run(
        "run", INBOUND, "--scenario", "failure", "--participant-data", "line=old", "--substitute", "queue_name=Support"
    )
    assert "Ended: transferred to the queue Support" in result.output
    assert "line  old" in result.output, "what was on the call while the flow ran"


def test_a_flow_that_does_not_end_in_order_gives_exit_code_1(tmp_path: Path) -> None:
    broken = tmp_path / "flow.yaml"
    broken.write_text(Path(INBOUND).read_text().replace("If(IsNotSetOrEmpty(Flow.FoundTraceparent), ", "If(false, "))
    result = run("run", str(broken), "--scenario", "failure")
    assert result.exit_code == 1
    assert "(not in order)" in result.output
    assert "transferred to the queue Sales" in result.output


def test_a_file_that_cannot_be_run_gives_exit_code_1_and_its_place(tmp_path: Path) -> None:
    broken = tmp_path / "flow.yaml"
    broken.write_text("inboundCall:\n  name: X\n")
    result = run("run", str(broken), "--scenario", "failure")
    assert result.exit_code == 1
    assert f"{broken}:1:1: the flow has no `startUpRef`" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("--scenario", "no-such-scenario"),
        ("--scenario", "failure", "--credentials", "secret"),
        ("--scenario", "http"),
    ],
)
def test_a_wrong_command_line_gives_exit_code_2_and_repeats_no_secret(arguments: tuple[str, ...]) -> None:
    result = run("run", INBOUND, *arguments)
    assert result.exit_code == 2, result.output
    assert "secret" not in result.output


def test_a_hanging_service_does_not_hold_up_the_command() -> None:
    with running_service() as service:
        service.answer = lambda _: Answer(body=b"x" * 50, drip=service.arrived.__class__())
        result = run(
            *("run", INBOUND, "--scenario", "http", "--actions", ACTIONS, "--base-url", service.url),
            *("--credentials", "clientId=a", "--credentials", "clientSecret=bcdefgh", "--step-timeout", "0.1"),
        )
    assert result.exit_code == 0, result.output
    assert "callData 'Start Call Trace' -> timeout" in result.output
    assert "bcdefgh" not in result.output


def test_lint_finds_nothing_in_what_is_shipped() -> None:
    given = ("callspan_integration=a", "datadog_url=b", "queue_name=c")
    options = [option for each in given for option in ("--substitute", each)]
    result = run("lint", *map(str, sorted(FLOWS.glob("*.yaml"))), "--actions", ACTIONS, *options)
    assert (result.exit_code, result.output) == (0, "6 files: nothing found\n")


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_lint_reports_in_three_formats_and_exits_with_1(tmp_path: Path, form: str) -> None:
    broken = tmp_path / "flow.yaml"
    broken.write_text(Path(INBOUND).read_text().replace('"yes":', "yes:", 1))
    result = run("lint", str(broken), "--format", form)
    assert result.exit_code == 1
    assert "yes-no-unquoted" in result.output
    if form != "text":
        assert json.loads(result.output)
    assert run("lint", str(broken), "--min-severity", "error").exit_code == 0


def test_a_missing_library_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("architect.runner")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "yaml", None)
    result = run("lint", INBOUND)
    assert result.exit_code == 2
    assert "yaml is missing: pip install '.[emulator]'" in result.output


SCENARIO = """
conversation_id: 8f14e45f-ceea-467f-a34e-7d5c3b2a1908
participant_data: {line: claims}
substitutions: {queue_name: Sales}
variables: {Call.Ani: "+441234"}
replies:
  Start Call Trace: [failure, {outputs: {status: ok}}]
  "*": http
choices: {Transfer to the queue: {path: failure}}
digits: [1, 2]
outside_writes: [{after: Tag the call, name: traceparent, value: stale}]
step_timeout_seconds: 0.5
actions: exports
modules: .
base_url: http://127.0.0.1:1
credentials: {clientId: genesys}
organization_id: 8f14e45f-ceea-467f-a34e-7d5c3b2a1908
"""


def test_a_scenario_is_read_from_a_file_with_paths_relative_to_it(tmp_path: Path) -> None:
    path = tmp_path / "call.yaml"
    path.write_text(SCENARIO)
    found = Scenario.load(path)
    assert found.name == "call"
    assert found.replies == {
        "Start Call Trace": (Reply("failure"), Reply("answer", {"status": "ok"})),
        "*": (Reply("http"),),
    }
    assert found.choices == {"Transfer to the queue": Choice("failure")}
    assert found.outside_writes == (OutsideWrite("Tag the call", "traceparent", "stale"),)
    assert (found.actions, found.modules) == (tmp_path / "exports", tmp_path)
    assert found.digits == ("1", "2")
    assert "genesys" not in repr(found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "a scenario is a mapping"),
        ("a: [", "not YAML"),
        ("reply: {}", "`reply` is unknown; known are conversation_id"),
        ("replies: {A: maybe}", "`replies.A` should be one of http, rejected, failure, timeout"),
        ("replies: []", "`replies` should be a mapping"),
        ("participant_data: {a: []}", "`participant_data.a` should be text"),
        ("step_timeout_seconds: 0", "above 0"),
        ("step_timeout_seconds: yes", "above 0"),
        ("digits: 1", "`digits` should be a list"),
        ("outside_writes: {}", "`outside_writes` should be a list"),
        ("outside_writes: [{after: x}]", "has `after`, `name` and `value`"),
        ("choices: {A: {way: x}}", "may have `path` and `variables`"),
    ],
)
def test_a_scenario_that_makes_no_sense_is_refused_by_its_field(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "call.yaml"
    path.write_text(text)
    with pytest.raises(ScenarioError) as raised:
        Scenario.load(path)
    assert str(raised.value).startswith(str(path))
    assert told in str(raised.value)


def test_a_folder_with_two_auth_actions_or_a_broken_one_is_refused(tmp_path: Path) -> None:
    auth = (ROOT / "architect" / "actions" / "callspan-auth.customAuth.json").read_text()
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(auth)
    assert "2 custom auth actions" in run("run", INBOUND, "--scenario", "failure", "--actions", str(tmp_path)).output
    (tmp_path / "a.json").write_text("{")
    assert run("lint", INBOUND, "--actions", str(tmp_path)).exit_code == 2
