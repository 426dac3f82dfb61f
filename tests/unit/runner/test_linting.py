"""What the linter of flows finds, and that it finds nothing where all is well."""

from __future__ import annotations

from pathlib import Path

import pytest

from architect.emulator.failure import FAILURE_OUTPUTS
from architect.linter.finding import Finding
from architect.linter.sarif import sarif
from architect.linter.text_output import findings_text
from architect.runner.back_end import exports_in
from architect.runner.lint.linting import lint_flow
from architect.runner.lint.rules import FLOW_RULES

ROOT = Path(__file__).parents[3]
ACTIONS = exports_in(ROOT / "architect" / "actions")
GIVEN = {"callspan_integration": "Callspan", "datadog_url": "https://app.datadoghq.com", "queue_name": "Sales"}
VOICE = (ROOT / "architect" / "flows" / "inbound-call.yaml").read_text()
MESSAGE = (ROOT / "architect" / "flows" / "inbound-message.yaml").read_text()


def lint(text: str) -> list[Finding]:
    return lint_flow(text.encode(), name="flow.yaml", given=GIVEN, actions=ACTIONS)


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def without_path(text: str, path: str) -> str:
    """Leave out an output path of the data action."""
    before, success, paths = text.partition("# Success is any answer")
    return before + success + without(paths, path)


def without(text: str, key: str) -> str:
    """Leave out a key with everything under it, the first time it stands on a line of its own."""
    lines = text.splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.strip() == f"{key}:")
    depth = len(lines[start]) - len(lines[start].lstrip())
    end = next(
        number
        for number, line in enumerate(lines)
        if number > start and line.strip() and len(line) - len(line.lstrip()) <= depth
    )
    return "".join(lines[:start] + lines[end:])


BROKEN = {
    "failure-path-missing": without_path(VOICE, "failure"),
    "timeout-path-missing": without_path(MESSAGE, "timeout"),
    "failure-outputs-in-voice-flow": changed(
        VOICE,
        "                      successOutputs:\n",
        "                      failureOutputs:\n                        status:\n"
        "                          noValue: true\n                      successOutputs:\n",
    ),
    "failure-outputs-incomplete": without(MESSAGE, "failureOutputs"),
    "failure-output-unknown": changed(
        MESSAGE, "failureOutputs:\n", f"failureOutputs:\n{' ' * 24}userText:\n{' ' * 26}noValue: true\n"
    ),
    "variable-undeclared": changed(VOICE, "exp: Flow.DdTraceUrl\n", "exp: Flow.DdTracUrl\n"),
    "target-undeclared": changed(VOICE, "var: Flow.AnswerErrorMessage", "var: Flow.AnswerErrorMesage"),
    "yes-no-unquoted": changed(VOICE, '"yes":', "yes:"),
    "expression-invalid": changed(VOICE, 'Append("priority:", Flow.Priority', 'Append("priority:", 5'),
    "expression-type": changed(VOICE, "exp: Flow.Line\n", "exp: Length(Flow.Line)\n"),
    "data-action-unknown": changed(VOICE, "Start Call Trace:\n", "Start Call Trac:\n"),
    "input-unknown": changed(VOICE, "                        flowName:\n", "                        flow_name:\n"),
    "input-missing": changed(
        VOICE,
        "                        conversationId:\n                          exp: Call.ConversationId\n",
        "",
    ),
    "output-unknown": changed(VOICE, "                        trace_url:\n", "                        traceUrl:\n"),
    "participant-data-name-dotted": changed(VOICE, "lit: dd_trace_id", "lit: dd.trace_id"),
    "participant-data-too-long": changed(VOICE, "exp: Flow.Priority\n", f"lit: {'x' * 257}\n"),
    "substitution-missing": changed(VOICE, '"{{queue_name}}"', '"{{queue}}"'),
    "substitution-unquoted": changed(VOICE, '"{{queue_name}}"', "{{queue_name}}"),
    "name-too-long": changed(VOICE, "name: Tag the call", f"name: {'x' * 201}"),
    "flow-name-invalid": changed(VOICE, "name: Callspan inbound call", "name: Callspan inbound/call"),
    "action-not-runnable": changed(VOICE, "transferToAcd:", "transferToUser:"),
    "flow-unreadable": changed(VOICE, "startUpRef:", "startupRef:"),
}


@pytest.mark.parametrize("rule", FLOW_RULES)
def test_each_rule_finds_what_it_is_for_and_nothing_else_does(rule: str) -> None:
    found = lint(BROKEN[rule])
    assert [finding.rule.id for finding in found] == [rule], findings_text(found)
    (finding,) = found
    assert finding.line is not None
    assert 1 <= finding.line <= len(BROKEN[rule].splitlines())
    assert finding.problem.endswith(".")
    assert finding.remedy


@pytest.mark.parametrize("text", [VOICE, MESSAGE], ids=["voice", "message"])
def test_nothing_is_found_where_all_is_well(text: str) -> None:
    assert lint(text) == []


def test_an_expression_error_is_at_its_column() -> None:
    text = BROKEN["expression-invalid"]
    (finding,) = lint(text)
    assert finding.line is not None
    assert finding.column is not None
    assert text.splitlines()[finding.line - 1][finding.column - 1 :].startswith("5, ")
    assert "Integer" in finding.shown


def test_a_type_that_an_input_does_not_take_is_found() -> None:
    indented = "\n                        flowName"
    (finding,) = lint(changed(VOICE, f"exp: Flow.Traceparent{indented}", f"exp: 1 + 1{indented}"))
    assert finding.rule.id == "expression-type"
    assert "the input `traceparent` is String" in finding.problem


def test_substitutions_are_not_compared_when_none_are_given() -> None:
    assert lint_flow(VOICE.encode(), name="flow.yaml") == []


def test_a_file_in_another_encoding_is_unreadable() -> None:
    (finding,) = lint_flow("inboundCall: é".encode("latin-1"), name="flow.yaml")
    assert finding.rule.id == "flow-unreadable"


def test_all_problems_of_an_unreadable_flow_are_found() -> None:
    assert len(lint("inboundCall:\n  description: x\n")) == 2


def test_failure_outputs_have_all_thirteen_names() -> None:
    (finding,) = lint(BROKEN["failure-outputs-incomplete"])
    assert all(name in finding.problem for name in FAILURE_OUTPUTS)


def test_sarif_has_every_rule_and_points_to_the_one_that_was_broken() -> None:
    log = sarif(lint(BROKEN["yes-no-unquoted"]), FLOW_RULES)
    (run,) = log["runs"]  # type: ignore[misc]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(FLOW_RULES)  # type: ignore[index]
    (result,) = run["results"]  # type: ignore[index]
    assert list(FLOW_RULES)[result["ruleIndex"]] == result["ruleId"] == "yes-no-unquoted"
    assert log["version"] == "2.1.0"
