from __future__ import annotations

import json

import pytest

from architect.linter.fixing import repair
from tests.unit.linter.cases import CASES
from tests.unit.linter.files import GONE, action, body, header, inputs, method, response, text, url

TEXT = {"type": "string"}


def repaired(document):
    raw = document if isinstance(document, bytes) else text(document)
    return repair(raw, name="action.custom.json")


def template(document, kind="request", key="requestTemplate"):
    return json.loads(repaired(document).after)["config"][kind][key]


@pytest.mark.parametrize(
    ("given", "fixed"),
    [
        ('{"a": "${input.phone}"}', '{"a": "$esc.jsonEncode("$!{input.phone}")"}'),
        ('{"a": "$input.phone"}', '{"a": "$esc.jsonEncode("$!{input.phone}")"}'),
        ('{"a": "+${input.phone}.x"}', '{"a": "+${esc.jsonEncode("$!{input.phone}")}.x"}'),
        ('{"a": "$esc.jsonEncode(${input.phone})"}', '{"a": "$esc.jsonEncode("$!{input.phone}")"}'),
        ('{"a": "$esc.jsonEncode("+${input.phone}")"}', '{"a": "$esc.jsonEncode("+$!{input.phone}")"}'),
        ('{"a": "$esc.jsonEncode(${input.PHONE})"}', '{"a": "$esc.jsonEncode("$!{input.phone}")"}'),
        ('{"a": "$esc.jsonEncode($Input.phone)"}', '{"a": "$esc.jsonEncode("$!{input.phone}")"}'),
    ],
)
def test_an_optional_input_is_made_quiet_and_escaped(given, fixed) -> None:
    assert template(action(inputs(phone=TEXT), body(given))) == fixed


def test_a_required_input_stays_strict() -> None:
    assert template(action(body('{"a": "${input.phone}"}'))) == '{"a": "$esc.jsonEncode(${input.phone})"}'


def test_form_values_are_encoded() -> None:
    document = action(header("Content-Type", "application/x-www-form-urlencoded"), body("a=${input.phone}&b=1"))
    assert template(document) == "a=$esc.uriEncode(${input.phone})&b=1"


def test_a_query_value_is_encoded_and_a_path_is_not() -> None:
    query = action(method("GET"), url("https://service.example.com/x?n=${input.phone}"))
    path = action(method("GET"), url("https://service.example.com/${input.phone}"))
    assert template(query, key="requestUrlTemplate").endswith("?n=$esc.uriEncode(${input.phone})")
    assert not repaired(path).changed


@pytest.mark.parametrize("value", ['{"n": ${input.n}}', '{"a": ${input.phone}}'])
def test_what_has_several_answers_is_left_alone(value) -> None:
    assert not repaired(action(inputs(n={"type": "integer"}, phone=TEXT), body(value))).changed


def test_a_default_becomes_json_text() -> None:
    document = action(response('{"customer": ${customer}}', {"customer": "$.name"}, {"customer": "UNKNOWN"}))
    after = json.loads(repaired(document).after)
    assert after["config"]["response"]["translationMapDefaults"] == {"customer": '"UNKNOWN"'}


def test_missing_keys_are_added_in_their_places() -> None:
    document = action((("actionType",), GONE), (("secure",), GONE))
    after = json.loads(repaired(document).after)
    assert list(after) == ["name", "integrationType", "actionType", "config", "contract", "secure"]
    assert after["secure"] is False


def test_nothing_but_the_repaired_place_changes() -> None:
    raw = (
        b'\xef\xbb\xbf{ "name" : "caf\\u00e9",\r\n\t"integrationType":"custom-rest-actions", "actionType":"custom",\r\n'
        b'"config":{"request":{"requestUrlTemplate":"https://s.example.com","requestType":"POST","headers":{},'
        b'"requestTemplate":"{\\u0022a\\u0022: \\"${input.phone}\\"}"},"response":{}},\r\n'
        b'"contract":{"input":{"inputSchema":{"type":"object","properties":{"phone":{"type":"string"}},'
        b'"required":["phone"]}},"output":{"successSchema":{"type":"object","properties":{}}}},"secure":false}\r\n'
    )
    after = repaired(raw).after
    expected = raw.removeprefix(b"\xef\xbb\xbf").replace(b"${input.phone}", b"$esc.jsonEncode(${input.phone})")
    assert after == expected


@pytest.mark.parametrize("rule", CASES)
def test_repairing_twice_changes_nothing_more(rule) -> None:
    once = repaired(CASES[rule][0])
    assert repaired(once.after).after == once.after


@pytest.mark.parametrize("rule", CASES)
def test_what_is_said_to_be_repairable_is_repaired(rule) -> None:
    once = repaired(CASES[rule][0])
    assert not [each for each in once.left if each.edits]
    assert once.changed is any(each.edits for each in once.found)


def test_the_diff_masks_secrets() -> None:
    secret = "9f8e7d6c5b4a39281706"
    diff = repaired(action(header("Authorization", f"Bearer {secret}"), header("Accept", "*/*"))).diff()
    assert '+        "Accept": "application/json"' in diff
    assert secret not in diff


def test_the_mended_findings_are_told() -> None:
    mended = {each.rule.id for each in repaired(action(body('{"a": "${input.phone}"}'))).mended}
    assert mended == {"unescaped-json"}
