from __future__ import annotations

from typing import Any

import pytest

from architect.emulator.export import DataAction
from architect.linter.difference import Difference, difference, difference_text, flat_types
from tests.unit.linter.files import INPUTS, OUTPUTS, action, body, header, inputs, outputs, text, url

TEXT = {"type": "string"}


def compare(new: dict[str, Any], published: dict[str, Any] | None = None) -> Difference:
    before = DataAction.parse(text(published or action()), source="old.json")
    after = DataAction.parse(text(new), source="new.json")
    return difference(before, after, text(new).decode())


def texts(found: Difference) -> list[str]:
    return [f"{each.weight} {each.part}: {each.text}" for each in found.changes]


def test_the_same_file_changes_nothing() -> None:
    found = compare(action())
    assert found.importable
    assert found.changes == ()
    assert difference_text(found, ("a", "b")).startswith("Both files are the same action.")


def test_a_change_of_configuration_can_be_imported() -> None:
    found = compare(action(url("https://new.example.com/c")))
    assert found.importable
    assert texts(found) == [
        "configuration requestUrlTemplate: https://service.example.com/customers becomes https://new.example.com/c"
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (inputs(["phone"], phone=TEXT, mail=TEXT), "refused input: `mail` (string) is new; flows may pass it"),
        (inputs(["phone"], phone={"type": "integer"}), "refused input: `phone` was string and is integer"),
        (inputs(phone=TEXT), "refused input: `phone` is optional now"),
        (outputs(customer=TEXT, mail=TEXT), "refused output: `mail` (string) is new"),
        (outputs(mail=TEXT), "refused output: `customer` (string) is gone; flows that use it break"),
        (
            outputs(customer={"type": "array", "items": TEXT}),
            "refused output: `customer` was string and is collection of string; flows bound to it break",
        ),
        ((("secure",), True), "refused secure: false becomes true"),
        ((("integrationType",), "purecloud-data-actions"), None),
    ],
)
def test_what_is_fixed_once_published_cannot_be_imported(change: Any, told: str | None) -> None:
    found = compare(action(change))
    assert not found.importable
    assert told is None or told in texts(found)


def test_an_input_newly_required_is_told() -> None:
    found = compare(action(), action(inputs(phone=TEXT)))
    assert "refused input: `phone` is required now; flows that leave it out fail" in texts(found)


def test_titles_and_descriptions_do_not_matter() -> None:
    described = {"type": "object", "title": "In", "properties": {"phone": {**TEXT, "description": "E.164"}}}
    found = compare(action((INPUTS, {**described, "required": ["phone"]})))
    assert found.importable
    assert texts(found) == ["words input: titles or descriptions differ"]


def test_a_property_called_title_matters() -> None:
    assert not compare(action(outputs(customer=TEXT, title=TEXT))).importable
    assert not compare(action(outputs(title={"type": "integer"})), action(outputs(title=TEXT))).importable


def test_the_order_of_required_does_not_matter() -> None:
    both = {"customer": TEXT, "mail": TEXT}
    one = action((OUTPUTS, {"type": "object", "properties": both, "required": ["customer", "mail"]}))
    other = action((OUTPUTS, {"type": "object", "properties": both, "required": ["mail", "customer"]}))
    assert compare(one, other).changes == ()


def test_a_new_configuration_that_needs_the_new_contract_is_tried_under_the_old_one() -> None:
    new = action(inputs(["phone", "mail"], phone=TEXT, mail=TEXT), body('{"m": "$esc.jsonEncode(${input.mail})"}'))
    told = [each for each in texts(compare(new)) if each.startswith("flows ")]
    assert len(told) == 1
    assert "`${input.mail}` is not an input of this action." in told[0]


def test_authorization_is_not_shown() -> None:
    found = compare(action(header("Authorization", "Bearer 9f8e7d6c5b4a39281706")))
    assert texts(found) == ["configuration header Authorization: differs"]


def test_outputs_are_compared_as_flows_see_them() -> None:
    people = {"type": "array", "items": {"type": "object", "properties": {"name": TEXT, "age": {"type": "integer"}}}}
    schema = {"type": "object", "properties": {"data": {"type": "object", "properties": {"people": people}}}}
    assert flat_types(schema) == {
        "data.people.name": "collection of string",
        "data.people.age": "collection of integer",
    }
