"""The rules of a data action's two contracts, and validation against them.

The input contract is a "simple" schema: an object whose properties are scalars (Genesys, "Add contracts to custom
actions"). Both contracts are JSON Schema draft-04. Genesys' messages show the Java library json-schema-validator at
work; the wordings known from it are used, and the `jsonschema` library's own for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft4Validator, validators
from jsonschema.exceptions import SchemaError, ValidationError

from architect.emulator.json_position import pointer
from architect.emulator.json_text import Json, dumps, type_name

RESERVED_NAMES = frozenset({"orgId", "integrationId", "rawRequest"})
"""Inputs that would overwrite what the platform supplies (Genesys, "Add contracts to custom actions")."""

_ENDS = re.compile(r"(\\.|\[(?:\\.|[^\]\\])*\])|\$", re.DOTALL)


def _ecma(pattern: str) -> str:
    """Return a pattern as JSON Schema means it: in ECMA 262 `$` is the end alone, not also before a last line feed."""
    return _ENDS.sub(lambda match: match[1] or r"\Z", pattern)


def _matches(_validator: Any, pattern: str, value: object, _schema: object) -> Iterator[ValidationError]:
    if isinstance(value, str) and not re.search(_ecma(pattern), value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


_Draft4 = validators.extend(Draft4Validator, {"pattern": _matches})  # type: ignore[no-untyped-call]
_NAME = "^[a-zA-Z][a-zA-Z0-9_-]*$"
_SIMPLE = Draft4Validator(
    {
        "type": "object",
        "properties": {
            "type": {"enum": ["object"]},
            "properties": {
                "type": "object",
                "patternProperties": {
                    _NAME: {
                        "type": "object",
                        "properties": {"type": {"enum": ["boolean", "integer", "null", "number", "string"]}},
                    }
                },
                "additionalProperties": False,
            },
        },
    }
)


def input_contract_problems(schema: Mapping[str, Json]) -> list[str]:
    """Say what keeps `schema` from being an input contract, in Genesys' words where they are known."""
    reasons = _reasons(_SIMPLE, dict(schema))
    if reasons:
        return [
            (
                "Failed Validation of contract.input.inputSchema as a simple properties schema. "
                f"Must be an Object with properties and no sub-objects. {reasons}"
            )
        ]
    properties = schema.get("properties")
    reserved = sorted(RESERVED_NAMES & set(properties if isinstance(properties, dict) else ()))
    problems = [f"contract.input.inputSchema: `{name}` is a reserved name; choose another" for name in reserved]
    return problems + _general_problems("contract.input.inputSchema", schema)


def output_contract_problems(schema: Mapping[str, Json]) -> list[str]:
    """Say what keeps `schema` from being an output contract: draft-04, no `$ref`, no arrays directly in arrays."""
    where = "contract.output.successSchema"
    problems = _general_problems(where, schema)
    problems += [
        f"{where}{pointer(parts)}: the output contract does not support nested arrays"
        for parts, node in _nodes(dict(schema), ())
        if _is_array(node) and isinstance(items := node.get("items"), dict) and _is_array(items)
    ]
    return problems


def violations(schema: Mapping[str, Json], value: Json) -> str:
    """Validate `value`; "" when it conforms, else every reason in one line. Raises ValueError for a bad `pattern`."""
    try:
        return _reasons(_Draft4(dict(schema)), value)
    except (re.error, ArithmeticError) as error:
        raise ValueError(f"the schema cannot be evaluated: {error}") from None


def uses_formats(schema: Mapping[str, Json]) -> bool:
    """Tell whether a contract relies on `format`, which is not enforced (choice `contract-formats`)."""
    return any(isinstance(node.get("format"), str) for _, node in _nodes(dict(schema), ()))


def _general_problems(where: str, schema: Mapping[str, Json]) -> list[str]:
    problems = [
        f"{where}{pointer(parts)}: $ref is not supported" for parts, node in _nodes(dict(schema), ()) if "$ref" in node
    ]
    try:
        Draft4Validator.check_schema(dict(schema))
    except SchemaError as error:
        place = pointer(tuple(error.absolute_path))
        problems.append(f"{where}{place}: not a JSON Schema of draft-04: {error.message}")
    return problems


def _nodes(node: Json, parts: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], dict[str, Json]]]:
    if isinstance(node, dict):
        yield parts, node
        for key, item in node.items():
            yield from _nodes(item, (*parts, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _nodes(item, (*parts, index))


def _is_array(node: Mapping[str, Json]) -> bool:
    return node.get("type") == "array"


def _reasons(validator: Draft4Validator, value: Json) -> str:
    reasons: list[str] = []
    for error in validator.iter_errors(value):
        schema_place = pointer(tuple(error.absolute_schema_path)[:-1])
        place = pointer(tuple(error.absolute_path))
        reason = f"Schema: # @{schema_place}. Error location: {place}. {_worded(error)}"
        if reason not in reasons:
            reasons.append(reason)
    return "JSON failed schema validation for the following reasons: " + " ".join(reasons) if reasons else ""


def _worded(error: ValidationError) -> str:
    value: Any = error.instance
    wanted: Any = error.validator_value
    match error.validator:
        case "type":
            allowed = [wanted] if isinstance(wanted, str) else list(wanted)
            if "number" in allowed:
                allowed.append("integer")
            return (
                f'instance type ("{type_name(value)}") does not match any allowed primitive type '
                f"(allowed: {_listed(sorted(set(allowed)))})"
            )
        case "enum":
            return f"instance value ({dumps(value)}) not found in enum (possible values: {_listed(wanted)})"
        case "required":
            missing = [name for name in wanted if name not in value]
            return f"object has missing required properties ({_listed(missing)})"
        case "additionalProperties":
            schema: Any = error.schema
            patterns = schema.get("patternProperties", {})
            extra = [
                name
                for name in value
                if name not in schema.get("properties", {})
                and not any(re.search(pattern, name) for pattern in patterns)
            ]
            return f"object instance has properties which are not allowed by the schema: {_listed(sorted(extra))}"
    return error.message


def _listed(values: Sequence[Any]) -> str:
    return dumps(list(values))
