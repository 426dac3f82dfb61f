from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from architect.linter.fixing import repair
from architect.linter.linting import lint_bytes
from architect.linter.text_output import findings_text
from tests.unit.linter.files import CLEAN, action, body, lint, text

RAW = text(CLEAN)


def test_a_truncated_file_is_placed_where_it_ends() -> None:
    cut = RAW[: RAW.index(b"requestType") + 5]
    (finding,) = lint(cut)
    assert finding.rule.id == "not-json"
    assert finding.line == cut.count(b"\n") + 1
    assert finding.pointer.startswith("/config/request")


def test_an_empty_file_says_so() -> None:
    (finding,) = lint(b"")
    assert finding.problem == "The file is empty."


def test_utf_16_is_recognised() -> None:
    (finding,) = lint(RAW.decode().encode("utf-16"))
    assert finding.rule.id == "not-utf8"
    assert "UTF-16" in finding.problem


def test_deep_nesting_is_placed_and_does_not_recurse() -> None:
    (finding,) = lint(b'{"a":' * 100_000)
    assert finding.rule.id == "nested-too-deep"
    assert finding.column == 5 * 50 + 1


def test_a_duplicate_key_is_placed_at_the_second() -> None:
    (finding, *_) = [each for each in lint(b'{\n "name": "a",\n "name": "b"\n}') if each.rule.id == "duplicate-key"]
    assert (finding.line, finding.column, finding.pointer) == (3, 2, "/name")


def test_everything_missing_is_reported_at_once() -> None:
    missing = {each.problem for each in lint(b"{}") if each.rule.id == "wrong-shape"}
    assert missing == {f"`{key}` is missing." for key in ("name", "integrationType", "config", "contract")}


@pytest.mark.parametrize("value", [None, 5, True, [], "text", 1.5])
@pytest.mark.parametrize(
    "path",
    [
        ("name",),
        ("config",),
        ("config", "request", "headers"),
        ("config", "request", "headers", "Content-Type"),
        ("config", "response", "translationMap", "customer"),
        ("contract", "input", "inputSchema"),
        ("secure",),
    ],
)
def test_wrong_types_are_found_where_they_stand(path, value) -> None:
    findings = lint(action((path, value)))
    wanted = {"name": str, "secure": bool, "Content-Type": str, "customer": str}.get(path[-1], dict)
    found = [each for each in findings if each.rule.id == "wrong-shape" and each.pointer == "/" + "/".join(path)]
    assert bool(found) is not isinstance(value, wanted)


def test_a_file_of_five_megabytes_is_linted() -> None:
    document = action(body('{"phone": "$esc.jsonEncode(${input.phone})", "x": "' + "y" * 4_990_000 + '"}'))
    assert {each.rule.id for each in lint(document)} == {"template-not-executed"}


def test_a_contract_of_thousands_of_bad_inputs_is_linted() -> None:
    properties = {f"bad name {index}": {"type": "object"} for index in range(2000)}
    document = action((("contract", "input", "inputSchema", "properties"), properties))
    assert len(lint(document)) > 4000


def test_a_ref_is_never_fetched() -> None:
    document = action(
        (("contract", "input", "inputSchema", "properties", "phone"), {"$ref": "http://127.0.0.1:9/schema"}),
        (("contract", "output", "successSchema", "properties", "customer"), {"$ref": "http://127.0.0.1:9/schema"}),
    )
    assert [each.rule.id for each in lint(document)].count("contract-ref") == 2


PARTS = st.sampled_from(
    ["${", "$!{input.", "phone}", '"', "#if(", ")", "#end", "$", "\\", "{", "}", ",", ":", "x", "\n"]
)


@settings(deadline=None, max_examples=100)
@given(request=st.lists(PARTS, max_size=12), response=st.lists(PARTS, max_size=12))
def test_no_template_makes_the_linter_crash(request, response) -> None:
    document = action(
        body("".join(request)), (("config", "response", "successTemplate"), "".join(response))
    )  # fmt: skip
    repaired = repair(text(document), name="a.json")
    assert repair(repaired.after, name="a.json").after == repaired.after


@settings(deadline=None, max_examples=100)
@given(at=st.integers(0, len(RAW)), byte=st.binary(max_size=3))
def test_no_damage_makes_the_linter_crash(at, byte) -> None:
    for finding in lint_bytes(RAW[:at] + byte + RAW[at + 1 :], name="a.json"):
        json.dumps(finding.as_dict())


def test_halves_of_surrogate_pairs_can_be_shown_and_written() -> None:
    document = action(
        (("contract", "input", "inputSchema", "properties", "a\ud800"), {"type": "string"}),
        (("config", "response", "translationMapDefaults", "customer"), "half \udc00"),
    )
    repaired = repair(json.dumps(document).encode(), name="a.json")
    assert b'\\"half \\udc00\\"' in repaired.after
    findings_text(repaired.found).encode()


def test_nothing_in_a_file_reaches_the_terminal_as_a_command() -> None:
    document = action((("config", "request", "headers", "\x1b[31m X"), "1"))
    assert "\x1b" not in findings_text(lint(document))
    assert "\\x1b[31m X" in findings_text(lint(document))
