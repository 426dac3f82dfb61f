"""The findings on templates show what the engine makes of the real template."""

from __future__ import annotations

import json
from string import ascii_lowercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from architect.emulator.choices import ChoiceLog
from architect.emulator.json_text import JsonTextError, loads
from architect.emulator.macros import macros
from architect.emulator.velocity import Template
from architect.linter.linting import lint_bytes
from tests.unit.linter.files import action, body, header, inputs, lint, response, url

TEXT = {"type": "string"}


def only(document, rule):
    (finding,) = [each for each in lint(document) if each.rule.id == rule]
    return finding


def test_a_missing_optional_input_is_shown_with_velocitys_own_error() -> None:
    finding = only(action(inputs(phone=TEXT), body('{"a": "${input.phone}"}')), "optional-input")
    assert finding.shown == (
        "Reference ${input.phone} evaluated to null when attempting to render at requestTemplate[line 1, column 8]"
    )


def test_an_unescaped_input_is_shown_with_the_broken_line() -> None:
    document = action(body('{\n  "a": "fixed",\n  "b": "${input.phone}"\n}'))
    finding = only(document, "unescaped-json")
    assert finding.trigger == '{"phone": "say \\"hi\\""}'
    assert finding.shown == 'line 3: "b": "say "hi""\nnot JSON: Expecting \',\' delimiter'


def test_a_long_body_is_shown_around_the_place() -> None:
    document = action(body('{"a": "' + "x" * 500 + '", "b": "${input.phone}", "c": "' + "y" * 500 + '"}'))
    shown = only(document, "unescaped-json").shown
    assert 'say "hi"' in shown
    assert len(shown) < 200


def test_a_misspelt_variable_is_shown_as_genesys_prints_it() -> None:
    finding = only(action(response('{"customer":\n ${Costumer}}', {"Customer": "$.name"})), "unmapped-variable")
    assert finding.shown == "Variable $Costumer has not been set at successTemplate[line 2, column 2]"
    assert "Did you mean `$Customer`?" in finding.problem


def test_a_misspelt_macro_gets_a_suggestion() -> None:
    document = action(
        response('{"customer": ${successTemplateUtils.firstfromarray("${customer}")}}', {"customer": "$.list[*]"})
    )
    finding = only(document, "unknown-macro")
    assert "firstfromarray" in finding.shown
    assert finding.remedy == "Write `firstFromArray`."


def test_a_finding_points_at_the_character_in_the_file() -> None:
    document = action(body('{"quoted": "x", "a": "${input.phone}"}'))
    finding = only(document, "unescaped-json")
    line = json.dumps(document, indent=2).splitlines()[finding.line - 1]
    assert line[finding.column - 1 :].startswith("${input.phone}")


def test_the_position_is_right_in_a_file_on_one_line_with_escaped_characters() -> None:
    document = action(body('{"emoji": "😀é",\n "a": "${input.phone}"}'))
    raw = json.dumps(document)
    (finding,) = [each for each in lint_bytes(raw.encode(), name="a.json") if each.rule.id == "unescaped-json"]
    assert finding.line == 1
    assert raw[finding.column - 1 :].startswith("${input.phone}")


def test_references_inside_strings_of_macros_are_placed_too() -> None:
    document = action(inputs(phone=TEXT), body('{"a": "$esc.jsonEncode("+${input.phone}")"}'))
    finding = only(document, "optional-input")
    line = json.dumps(document, indent=2).splitlines()[finding.line - 1]
    assert line[finding.column - 1 :].startswith("${input.phone}")


def test_a_secret_is_never_repeated() -> None:
    secret = "sk_live_51HxT9aBcDeF"
    document = action(
        header("Authorization", f"Bearer {secret}"),
        url(f"http://service.example.com/?api_key={secret}"),
        body('{"client_secret": "' + secret + '", "a": "${input.phone}"}'),
    )
    findings = lint(document)
    assert [each.rule.id for each in findings].count("literal-secret") == 3
    assert all(secret not in str(each.as_dict()) for each in findings)


@pytest.mark.parametrize(
    "template",
    [
        '{"a": "$esc.jsonEncode("$!{input.phone}")"}',
        '{"a": "$esc.jsonString("$!{input.phone}")"}',
        '{#if($input.phone)"a": "$esc.jsonEncode(${input.phone})"#end}',
        '{"a": #if("$!{input.phone}" != "")"$esc.jsonEncode(${input.phone})"#{else}null#end}',
        '#set($phone = $esc.jsonEncode("$!{input.phone}")){"a": "$phone"}',
    ],
)
def test_guarded_and_escaped_optional_inputs_are_left_alone(template) -> None:
    assert lint(action(inputs(phone=TEXT), body(template))) == []


@pytest.mark.parametrize(
    "declared",
    [
        {"type": "integer"},
        {"type": "boolean"},
        {"type": "string", "enum": ["a", "b"]},
        {"type": "string", "pattern": "^[0-9+]+$"},
        {"type": "string", "format": "uuid"},
    ],
)
def test_inputs_that_cannot_hold_a_quote_need_no_escape(declared) -> None:
    assert lint(action(inputs(["phone"], phone=declared), body('{"a": "${input.phone}"}'))) == []


def test_an_escape_by_hand_that_forgets_the_backslash_is_found() -> None:
    escaped = "{\"a\": \"${input.phone.replace('\"', '\\\"').replace('x', 'y')}\"}"
    finding = only(action(body(escaped)), "unescaped-json")
    assert "\\" in finding.trigger


PART = st.sampled_from(
    [
        '"{0}": "${{input.{0}}}"',
        '"{0}": "$!{{input.{0}}}"',
        '"{0}": "$esc.jsonEncode(${{input.{0}}})"',
        '"{0}": "$esc.jsonString("$!{{input.{0}}}")"',
        '"{0}": "before $input.{0} after"',
        '"{0}": ["${{input.{0}.trim()}}"]',
        '"{0}": {{"x": "$esc.jsonEncode(${{input.{0}}}) and ${{input.{0}}}"}}',
        '"{0}": "$esc.uriEncode(${{input.{0}}})"',
        '"{0}": #if(${{input.{0}}} == "")null#else"${{input.{0}}}"#end',
    ]
)


def executed(template, values):
    text = Template(template, name="requestTemplate").render({"input": values, **macros(ChoiceLog())})
    try:
        loads(text)
    except JsonTextError:
        return False
    return True


@settings(deadline=None, max_examples=60)
@given(
    parts=st.lists(PART, min_size=1, max_size=4),
    value=st.text(st.sampled_from('ab "\\\n\t{}:,é'), max_size=12),
)
def test_unescaped_is_said_exactly_where_execution_breaks(parts, value) -> None:
    names = [f"text_{letter}" for letter in ascii_lowercase[: len(parts)]]
    template = "{" + ", ".join(part.format(name) for part, name in zip(parts, names, strict=True)) + "}"
    document = action(inputs(names, **dict.fromkeys(names, TEXT)), body(template))
    blamed = {
        name for name in names for finding in lint(document)
        if finding.rule.id == "unescaped-json" and f"`{name}`" in finding.problem
    }  # fmt: skip
    ordinary = dict.fromkeys(names, "plain")
    for name in names:
        if name in blamed:
            assert not executed(template, ordinary | {name: 'a"b'})
        else:
            assert executed(template, ordinary | {name: value})
