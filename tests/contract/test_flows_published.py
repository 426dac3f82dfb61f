"""The shipped flows agree with the contracts, with the service's identity rule, and with one another."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.identity import InvalidTraceparentError, conversation_trace, parse_traceparent
from architect.emulator.failure import FAILURE_OUTPUTS
from architect.expressions import Expression
from architect.linter.text_output import findings_text
from architect.runner import Flow, load_flow
from architect.runner.back_end import exports_in
from architect.runner.examples import EXAMPLES
from architect.runner.flow import Action
from architect.runner.lint.linting import lint_flow
from architect.runner.source import Record
from architect.runner.steps_data import data_action
from schemas import CONTRACTS, Contract
from schemas.conversation_attributes import TRACE_ATTRIBUTES
from tests.conftest import CONVERSATION, OTHER_TRACEPARENT, TRACEPARENT

ROOT = Path(__file__).parents[2]
FLOWS = sorted((ROOT / "architect" / "flows").glob("*.yaml"))
ACTIONS = ROOT / "architect" / "actions"
SUBSTITUTIONS = {"callspan_integration": "Callspan", "datadog_url": "https://app.datadoghq.com", "queue_name": "Sales"}
CONVERSATION_ID = re.compile(
    r"Call\.ConversationId|Message\.ConversationId|Common\.ConversationId|Flow\.conversationId"
)
HEX = "0123456789abcdef"

every_flow = pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)


@cache
def shipped(path: Path) -> Flow:
    return load_flow(path, SUBSTITUTIONS)


def data_actions(flow: Flow) -> Iterator[tuple[Action, str, str, Record]]:
    for action in flow.actions:
        if action.kind == "callData":
            yield (action, *data_action(action))


def contract(name: str) -> Contract:
    return next(each for each in CONTRACTS if each.name == name)


def test_there_are_six() -> None:
    assert [path.name for path in FLOWS] == [
        "conversation-ended.workflow.yaml",
        "ensure-call-trace.module.yaml",
        "in-queue-call.yaml",
        "inbound-call-with-module.yaml",
        "inbound-call.yaml",
        "inbound-message.yaml",
    ]


@every_flow
def test_our_own_linter_finds_nothing(path: Path) -> None:
    found = lint_flow(path.read_bytes(), name=path.name, given=SUBSTITUTIONS, actions=exports_in(ACTIONS))
    assert not found, findings_text(found)


@every_flow
def test_plain_yaml_readers_read_the_flow_with_its_substitutions_in_place(path: Path) -> None:
    """As Terraform's `yamldecode` and editors do."""
    (flow_type,) = yaml.safe_load(path.read_text())
    assert flow_type == shipped(path).type


@every_flow
def test_inputs_and_outputs_are_those_of_the_contract_and_the_required_ones_are_given(path: Path) -> None:
    for _, _, name, call in data_actions(shipped(path)):
        found = contract(name)
        inputs, outputs = call.record("inputs"), call.record("successOutputs")
        assert inputs is not None
        assert outputs is not None
        assert inputs.items.keys() <= found.input_names().keys()
        assert {key for key, field in found.input_names().items() if field.required} <= inputs.items.keys()
        assert outputs.items.keys() <= found.outputs.fields.keys()
        assert {"status", "error_message"} <= outputs.items.keys()


@every_flow
def test_every_data_action_waits_three_seconds_and_has_all_its_paths(path: Path) -> None:
    for action, category, _, call in data_actions(shipped(path)):
        assert category == "Callspan"
        assert action.body.text("timeout", "lit", "seconds") == "3"
        assert all(action.output(name) for name in ("success", "failure", "timeout"))
        bound = call.record("failureOutputs")
        assert (bound is None) is shipped(path).is_voice
        assert bound is None or tuple(bound.items) == FAILURE_OUTPUTS


@every_flow
def test_every_variable_is_declared_once_and_used(path: Path) -> None:
    flow = shipped(path)
    names = [each.name for each in flow.declared]
    assert len(names) == len({name.lower() for name in names})
    text = path.read_text()
    # What a flow only receives, such as the reason of a failure, is there for its author and for the history.
    received = re.compile(r"(AnswerErrorMessage|Failure\w+|Tracestate|DdTraceUrl)$")
    assert [name for name in names if text.count(name) < 2 and not received.search(name)] == []


@every_flow
def test_a_service_never_changes_which_trace_a_call_is_in(path: Path) -> None:
    """The answer's traceparent is compared and never taken."""
    for action in shipped(path).actions:
        for statement in action.body.sequence("statements"):
            assert isinstance(statement, Record)
            variable, value = statement.text("string", "variable") or "", statement.text("string", "value", "exp") or ""
            assert not (variable.endswith(".Traceparent") and "Answer" in value)


def expressions_of(path: Path, start: str) -> list[str]:
    """Give a flow's expressions that begin like this, with its names for variables made the same as others'."""
    return [
        re.sub(r"\b(State|Common)\.", "Flow.", CONVERSATION_ID.sub("Flow.ConversationId", each))
        for each in re.findall(r"exp: '(.*)'", path.read_text())
        if each.startswith(start)
    ]


COMPUTING = [path for path in FLOWS if path.name != "inbound-call-with-module.yaml"]


@pytest.mark.parametrize(
    "start", ['Append("00-"', "Replace(", 'Append("{{datadog_url}}', "If(IsNotSetOrEmpty(", "Substring("]
)
def test_all_flows_compute_with_the_same_expressions(start: str) -> None:
    first, *others = [set(expressions_of(path, start)[:1]) for path in COMPUTING]
    assert first
    assert all(other == first for other in others)


@pytest.mark.parametrize("path", COMPUTING, ids=lambda path: path.name)
def test_the_validity_check_is_the_same_in_all_flows(path: Path) -> None:
    def checks(each: Path) -> list[str]:
        lines = [line for line in re.findall(r"exp: '(.*)'", each.read_text()) if '"---"' in line]
        return [re.sub(r"\b(State|Common)\.", "Flow.", line) for line in lines]

    assert checks(path) == checks(COMPUTING[0])
    assert len(checks(path)) == 1


(COMPUTE,) = {text for path in COMPUTING for text in expressions_of(path, 'Append("00-"')}
(STRIP,) = {text for path in COMPUTING for text in expressions_of(path, "Replace(")}
VALID = next(line for line in re.findall(r"exp: '(.*)'", COMPUTING[-1].read_text()) if '"---"' in line)
compute, strip, valid = map(Expression.parse, (COMPUTE, STRIP, re.sub(r"\bState\.", "Flow.", VALID)))


def computed(conversation: str) -> object:
    return compute.evaluate({"Flow.ConversationId": conversation})


def accepted(text: str) -> bool:
    shape = strip.evaluate({"Flow.FoundTraceparent": text})
    found = valid.evaluate({"Flow.FoundTraceparent": text, "Flow.FoundShape": shape})
    assert isinstance(found, bool)
    return found


@settings(max_examples=10_000, deadline=None)
@given(st.uuids(), st.randoms(use_true_random=False))
def test_the_flow_and_the_service_compute_the_same_traceparent(conversation: uuid.UUID, random: object) -> None:
    halves = f"{conversation.hex[:16]} {conversation.hex[16:]}"
    if "0" * 16 in halves.split():
        return
    text = "".join(random.choice((each.upper(), each)) for each in str(conversation))  # type: ignore[attr-defined]
    expected = conversation_trace(text).traceparent
    assert computed(text) == expected
    assert re.fullmatch(r"00-([0-9a-f]{16})[0-9a-f]{16}-\1-01", expected)


def kept_unchanged(text: str) -> bool:
    """Tell whether the service keeps a context exactly as it is."""
    try:
        return parse_traceparent(text).traceparent == text
    except InvalidTraceparentError:
        return False


NEARLY = st.tuples(
    st.sampled_from(["00", "01", "ff", "0"]),
    st.text(HEX, min_size=31, max_size=33) | st.just("0" * 32) | st.just("a" * 16 + "0" * 16),
    st.text(HEX, min_size=15, max_size=17) | st.just("0" * 16),
    st.text(HEX, min_size=1, max_size=3),
    st.sampled_from(["", "-", "-x", " ", "\n"]),
).map(lambda parts: "-".join(parts[:4]) + parts[4])


@settings(max_examples=2_000, deadline=None)
@given(NEARLY | st.text(HEX + "-", min_size=50, max_size=60) | st.text(max_size=60))
def test_a_context_that_the_flow_keeps_is_one_that_the_service_keeps_too(text: str) -> None:
    assert accepted(text) == kept_unchanged(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        TRACEPARENT.upper(),
        TRACEPARENT[:-1],
        TRACEPARENT + "0",
        f" {TRACEPARENT}"[:55],
        TRACEPARENT.replace("-", "_"),
        "01" + TRACEPARENT[2:],
        f"00-{'0' * 32}-{'a' * 16}-01",
        f"00-{'a' * 32}-{'0' * 16}-01",
        f"00-{'a' * 33}-{'a' * 15}-01",
        f"00-{'a' * 16}{'0' * 16}-{'a' * 16}-01",
        "00-" + "٣" * 32 + "-" + "a" * 16 + "-01",
        "-" * 55,
    ],
)
def test_a_malformed_context_is_not_kept(text: str) -> None:
    assert not accepted(text)
    assert not kept_unchanged(text)


@pytest.mark.parametrize("text", [TRACEPARENT, OTHER_TRACEPARENT, OTHER_TRACEPARENT[:-1] + "0"])
def test_a_valid_context_is_kept(text: str) -> None:
    assert accepted(text)
    assert kept_unchanged(text)


def test_the_example_answer_is_what_the_service_would_say() -> None:
    (reply,) = EXAMPLES["answered"].replies["*"]
    assert reply.outputs["traceparent"] == conversation_trace(CONVERSATION).traceparent == TRACEPARENT
    assert reply.outputs.keys() <= contract("Start Call Trace").outputs.fields.keys()


@every_flow
def test_names_on_the_call_can_be_read_by_scripts(path: Path) -> None:
    for action in shipped(path).actions:
        if action.kind not in {"setParticipantData", "setConversationData"}:
            continue
        records = [each for each in action.body.sequence("attributes") if isinstance(each, Record)]
        names = [each.text("attribute", "name", "lit") for each in records]
        assert names[:4] == list(TRACE_ATTRIBUTES)
        assert names[4:] in (["priority", "line"], [])
