"""Files and templates are read or refused with the errors that are documented, whatever is in them, and in no time."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from architect.emulator.choices import ChoiceLog
from architect.emulator.export import DataAction, ExportError
from architect.emulator.json_text import JsonTextError, dumps, loads
from architect.emulator.jsonpath import JsonPath, JsonPathError, PathNotFoundError
from architect.emulator.macros import macros
from architect.emulator.velocity import Template, TemplateError
from architect.expressions import CheckError, EvaluationError, Expression, ExpressionError
from architect.runner.errors import FlowError, ScenarioError
from architect.runner.flow import Flow
from architect.runner.loading import require_runnable
from architect.runner.scenario import Scenario
from tests.fuzz.effort import bounded, damaged, fuzz, pieces

ARCHITECT = Path(__file__).parents[2] / "architect"
FLOWS = [path.read_text() for path in sorted((ARCHITECT / "flows").glob("*.yaml"))]
EXPORTS = [path.read_text() for path in sorted((ARCHITECT / "actions").glob("*.json"))]
EXPRESSIONS = sorted({line.partition("exp: ")[2] for flow in FLOWS for line in flow.splitlines() if "exp: " in line})
TEMPLATES = [json.loads(export)["config"]["request"]["requestTemplate"] for export in EXPORTS]
DOCUMENT = loads('{"a": {"b": [1, 2.50, {"c": null, "d": "x"}], "big": 18446744073709551615}, "s": "text", "l": [[]]}')
INPUT = {"a": "x", "n": 7, "d": loads("1.10"), "none": None, "yes": True, "o": {"b": ["c"]}, "list": [1, "two"]}


VELOCITY = [
    "$", "${", "$!{", "}", "input", ".a", ".n", ".list", ".o.b", "[0]", "[-1]", "#if(", "#elseif(", "#else", "#end",
    "#set(", "$x", " = ", "==", "&&", "||", "!", ")", "(", '"', "'", "#[[", "]]#", "##", "#*", "*#", "\\", "#foreach(",
    ".size()", ".substring(0, 1)", ".length()", ".toString()", ".get(0)", ".contains(", "$esc.jsonEncode(",
    "$math.add(", "$encoding.base64(", ", ", "1", "-", "*", "/", "%", "0", "true", "null", "#{else}", "$input.a",
    "${input.n}", "\n",
]  # fmt: skip


@fuzz
@given(st.one_of(pieces(VELOCITY, most=25), damaged(TEMPLATES)))
def test_a_template_is_filled_in_or_refused(text: str) -> None:
    with bounded(), suppress(TemplateError):
        Template(text, name="requestTemplate").render({"input": INPUT, **macros(ChoiceLog())})


JSONPATH = [
    "$", "@", ".", "..", "[", "]", "*", "a", "b", "'a'", '"b"', "[0]", "[-1]", "[0:2]", "[0,1]", "[?(", ")]", "(", ")",
    "==", "!=", "<", ">=", "=~", "/x/i", "&&", "||", "!", "1", "2.5", "null", "true", "'x'", ".length()", ".sum()",
    ".first()", " in ", "['a','b']", "?(@.c)", "empty", "contains", ",", ":", " ",
]  # fmt: skip


@fuzz
@given(st.one_of(pieces(JSONPATH, most=20), damaged(["$.a.b[?(@.d == 'x')].c", "$..b[0:2]", "$.a['b','big']"])))
def test_a_path_leads_somewhere_or_is_refused(text: str) -> None:
    with bounded(), suppress(JsonPathError, PathNotFoundError):
        dumps(JsonPath(text).read(DOCUMENT))


EXPRESSION = [
    "Call.ConversationId", "Flow.s", "Flow.i", "Flow.l", "Append(", "Replace(", "Left(", "If(", "Substring(", ")", "(",
    ",", '"', '"a"', "1", "0", "2.5", "-", "+", "*", "/", "%", "^", "==", "!=", "<", ">", "and", "or", "!", "?", ":",
    "[0]", "[", "]", ".", "NOT_SET", "true", " ", "ToString(", "ToInt(", "MakeList(", "ToDateTime(", "Repeat(",
    "999999", "999999999999999", "Split(", "FindString(", "ToPhoneNumber(", "MakeDuration(", "AddYears(",
    "GetJSONObjectProperty(",
]  # fmt: skip


@fuzz
@given(st.one_of(pieces(EXPRESSION, most=25), damaged(EXPRESSIONS)))
def test_an_expression_is_evaluated_or_refused(text: str) -> None:
    variables = {
        "Call.ConversationId": "8f14e45f-ceea-467f-a34e-7d5c3b2a1908",
        "Flow.s": "s",
        "Flow.i": 7,
        "Flow.l": ["a"],
    }
    types = {"Call.ConversationId": "String", "Flow.s": "String", "Flow.i": "Integer", "Flow.l": "StringCollection"}
    with bounded(3), suppress(ExpressionError):
        expression = Expression.parse(text)
        with suppress(CheckError):
            expression.check(types)
        with suppress(EvaluationError):
            expression.evaluate(variables, lambda: datetime(2026, 11, 22, tzinfo=UTC))


YAML = [
    "inboundCall:", "commonModule:", "workflow:", "\n", "  ", "    ", "- ", "name: x", "startUpRef: ./tasks/task[a]",
    "tasks:", "task:", "refId: a", "actions:", "callData:", "exp: ", "lit: ", "variables:", "stringVariable:", "{", "}",
    "[", "]", "&a", "*a", "!!python/object:os.system", "!x ", "|", ">", "%YAML 1.1", "---", "...", "? ", ": ", "#",
    "<<: ", "{{key}}", "{{ 9 }}", "startUpTaskActions:", "menus:", "menu:", "choices:", "dtmf: digit_1", "~",
    "2026-11-22", "0x1F", "1_000", "1:30", ".inf", "yes", "switch:", "evaluate:", "case:", "outputs:", "loop:",
]  # fmt: skip


@fuzz
@given(
    st.one_of(pieces(YAML, most=40), pieces(YAML, most=3), damaged(FLOWS)),
    st.dictionaries(st.sampled_from(["key", "9"]), st.text()),
)
def test_a_flow_is_read_or_every_problem_has_its_place(text: str, substitutions: dict[str, str]) -> None:
    with bounded(5), suppress(FlowError):
        flow = Flow.parse(text, name="flow.yaml", substitutions=substitutions)
        assert flow.name
        require_runnable(flow, substitutions)


@fuzz
@given(
    st.one_of(
        pieces(
            ["conversation: ", "replies:", "variables:", "digits: ", "\n", "  ", "- ", "{", "}", "[", "&a", "*a", "1"]
        ),
        damaged(["replies:\n  Start Call Trace: timeout\nvariables:\n  Call.Ani: x\ndigits: [1, 2]\n"]),
    )
)
def test_a_scenario_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("scenario") / "scenario.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with bounded(), suppress(ScenarioError):
        Scenario.load(path)


@fuzz
@given(st.one_of(damaged(EXPORTS), pieces(['{"name": ', "[", "]", "{", "}", '"config"', ":", ",", "1", "null", '"a"'])))
def test_an_export_is_read_or_refused(text: str) -> None:
    with bounded(), suppress(ExportError):
        DataAction.parse(text)


@fuzz
@given(
    pieces(
        ["{", "}", "[", "]", ",", ":", '"a"', "1", "-", "0", ".", "e9", "true", "null", " ", '"\\ud800"', '"\\u'],
        most=30,
    )
)
def test_json_text_is_read_or_refused_and_survives_a_round_trip(text: str) -> None:
    with bounded(), suppress(JsonTextError):
        value = loads(text)
        assert loads(dumps(value)) == value
