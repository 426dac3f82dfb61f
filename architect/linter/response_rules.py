"""Rules on the way from the service's answer to the action's outputs."""

from __future__ import annotations

from architect.linter.rule import Rule

_RESPONSE = 'Genesys, "Response configuration"'
_JAYWAY = "observed in Jayway JsonPath 2"
_STRICT = "observed in Apache Velocity 1.7 strict mode"
_CONTRACTS = 'Genesys, "Add contracts to custom actions"'

RESPONSE_RULES = (
    Rule("jsonpath-syntax", "error", "a path is not a JSONPath", "every execution fails", _JAYWAY),
    Rule(
        "dotted-path",
        "warning",
        "a path looks for nested keys where the answer may have one dotted key",
        "$.a.b does not find the key `a.b`; $['a.b'] does",
        _JAYWAY,
    ),
    Rule(
        "unmapped-variable",
        "error",
        "the success template uses a variable the translation map does not set",
        "every execution fails",
        _STRICT,
    ),
    Rule(
        "input-in-success-template",
        "warning",
        "the success template uses inputs or credentials",
        "only the answer is documented to be visible there; elsewhere the action fails",
        _RESPONSE,
    ),
    Rule(
        "unused-map-entry",
        "note",
        "the success template does not use a name of the translation map",
        "the value is looked up and thrown away",
        _RESPONSE,
    ),
    Rule(
        "default-without-entry",
        "note",
        "a default has no entry in the translation map",
        "it is never used",
        _RESPONSE,
    ),
    Rule(
        "default-not-json",
        "error",
        "a default is not JSON text",
        "it is inserted as it is; when the answer lacks the field, the result is not JSON and the action fails",
        _RESPONSE,
    ),
    Rule(
        "default-breaks-contract",
        "error",
        "a default does not fit the output contract",
        "when the answer lacks the field, the action fails",
        _CONTRACTS,
    ),
    Rule(
        "missing-default",
        "note",
        "a field has no default",
        "when the answer lacks it, the whole action fails",
        _RESPONSE,
    ),
    Rule(
        "default-never-used",
        "warning",
        "a default can never apply",
        "a path with a filter, wildcard or .. that finds nothing gives an empty array, not the default",
        _JAYWAY,
    ),
    Rule(
        "default-not-for-no-match",
        "note",
        "a default does not apply when nothing matches",
        "a path with a filter, wildcard or .. that matches nothing gives an empty array; the default is only for an "
        "answer that lacks what comes before",
        _JAYWAY,
    ),
    Rule(
        "no-match-breaks",
        "warning",
        "an answer in which nothing matches breaks the action",
        "the path then gives an empty array, and the action fails",
        _JAYWAY,
    ),
    Rule(
        "quoted-variable",
        "warning",
        "the success template puts quotes around a variable",
        "values are inserted as JSON text, so text gets its quotes twice and the action fails",
        _RESPONSE,
    ),
    Rule(
        "result-not-json",
        "error",
        "the success template does not give JSON",
        "every execution fails",
        _RESPONSE,
    ),
    Rule(
        "result-breaks-contract",
        "error",
        "the success template's result does not fit the output contract",
        "every execution fails",
        _CONTRACTS,
    ),
    Rule(
        "output-never-set",
        "warning",
        "a declared output is never set",
        "the success template does not write it; flows find it empty",
        _CONTRACTS,
    ),
    Rule(
        "output-undeclared",
        "note",
        "the success template writes something the contract does not have",
        "flows cannot see it",
        _CONTRACTS,
    ),
)
