from __future__ import annotations

import json

import pytest

from architect.emulator.json_text import Json, loads
from architect.emulator.schema import input_contract_problems, output_contract_problems, violations


def inputs(**properties: Json) -> dict[str, Json]:
    return {"type": "object", "properties": dict(properties)}


@pytest.mark.parametrize("kind", ["string", "integer", "number", "boolean", "null"])
def test_inputs_may_be_scalars(kind: str) -> None:
    assert input_contract_problems(inputs(a={"type": kind}, **{"A-1_b": {"description": "untyped"}})) == []


def test_an_object_among_the_inputs_gives_genesys_error() -> None:
    assert input_contract_problems(inputs(sendTextSms={"type": "object"})) == [
        (
            "Failed Validation of contract.input.inputSchema as a simple properties schema. Must be an Object with "
            "properties and no sub-objects. JSON failed schema validation for the following reasons: Schema: "
            "# @/properties/properties/patternProperties/^[a-zA-Z][a-zA-Z0-9_-]*$/properties/type. "
            'Error location: /properties/sendTextSms/type. instance value ("object") not found in enum '
            '(possible values: ["boolean","integer","null","number","string"])'
        )
    ]


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        (inputs(a={"type": "array"}), 'instance value ("array") not found in enum'),
        (inputs(a={"type": ["string", "null"]}), 'instance value (["string","null"]) not found in enum'),
        (inputs(**{"1a": {"type": "string"}}), 'properties which are not allowed by the schema: ["1a"]'),
        (inputs(**{"a.b": {"type": "string"}}), 'properties which are not allowed by the schema: ["a.b"]'),
        ({"type": "array"}, 'instance value ("array") not found in enum (possible values: ["object"])'),
        (inputs(orgId={"type": "string"}), "`orgId` is a reserved name"),
        (inputs(rawRequest={"type": "string"}), "`rawRequest` is a reserved name"),
        (inputs(integrationId={"type": "string"}), "`integrationId` is a reserved name"),
        (inputs(a={"$ref": "#/definitions/x"}), "inputSchema/properties/a: $ref is not supported"),
        (inputs(a={"type": "string", "minLength": "3"}), "inputSchema/properties/a/minLength: not a JSON Schema"),
    ],
)
def test_what_is_no_input_contract(schema: dict[str, Json], says: str) -> None:
    assert says in " ".join(input_contract_problems(schema))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": "string"}}}}},
        {"type": "array", "items": {"type": "object", "properties": {"b": {"type": "array", "items": {}}}}},
    ],
    ids=["nested objects", "an array of objects"],
)
def test_outputs_may_be_nested(schema: dict[str, Json]) -> None:
    assert output_contract_problems(schema) == []


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        (
            {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "array"}}}},
            "successSchema/properties/a: the output contract does not support nested arrays",
        ),
        ({"properties": {"a": {"$ref": "x"}}}, "$ref is not supported"),
        ({"type": "file"}, "successSchema/type: not a JSON Schema of draft-04"),
    ],
)
def test_what_is_no_output_contract(schema: dict[str, Json], says: str) -> None:
    assert says in " ".join(output_contract_problems(schema))


@pytest.mark.parametrize(
    ("schema", "value", "says"),
    [
        (
            {"properties": {"a": {"type": "string"}}},
            '{"a": null}',
            (
                "Schema: # @/properties/a. Error location: /a. "
                'instance type ("null") does not match any allowed primitive type (allowed: ["string"])'
            ),
        ),
        ({"type": "integer"}, "1.0", 'instance type ("number") does not match any allowed primitive type'),
        ({"type": "integer"}, "true", 'instance type ("boolean")'),
        ({"type": "number"}, '"1"', '(allowed: ["integer","number"])'),
        ({"type": "object", "required": ["x", "y"]}, '{"y": 1}', 'object has missing required properties (["x"])'),
        (
            {"additionalProperties": False, "properties": {"a": {}}, "patternProperties": {"^x": {}}},
            '{"a": 1, "c": 2, "b": 3, "x1": 4}',
            'object instance has properties which are not allowed by the schema: ["b","c"]',
        ),
        ({"enum": ["a"]}, '"b"', 'instance value ("b") not found in enum (possible values: ["a"])'),
        ({"maxLength": 1}, '"ab"', "too long"),
        ({"pattern": "^a$"}, '"b"', "does not match"),
        # Unlike in Python, `$` does not match before a line feed at the end.
        ({"pattern": "^a$"}, '"a\\n"', "does not match"),
    ],
)
def test_a_violation_is_worded_as_by_the_java_library(schema: dict[str, Json], value: str, says: str) -> None:
    found = violations(schema, loads(value))
    assert found.startswith("JSON failed schema validation for the following reasons: ")
    assert says in found


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, "18446744073709551615"),
        ({"type": "number"}, "1.10"),
        ({"type": "object", "properties": {"a": {}}}, '{"b": 1}'),
        ({"type": "number", "multipleOf": 0.01}, "1.10"),
        ({"pattern": "^a$"}, '"a"'),
        ({"pattern": "^[$]\\$$"}, '"$$"'),
        ({"pattern": "^a$"}, "1"),
        ({"type": "string", "format": "date-time"}, '"by choice, formats are not enforced"'),
    ],
)
def test_what_conforms_has_no_violations(schema: dict[str, Json], value: str) -> None:
    assert violations(loads(json.dumps(schema)), loads(value)) == ""  # type: ignore[arg-type]


def test_every_violation_is_told_in_one_line() -> None:
    schema: dict[str, Json] = {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    found = violations(schema, {"a": 1, "b": 2})
    assert found.count("Error location:") == 2
    assert "\n" not in found


def test_a_pattern_that_is_no_expression_is_an_error_of_its_own() -> None:
    with pytest.raises(ValueError, match="cannot be evaluated"):
        violations({"pattern": "["}, "a")
