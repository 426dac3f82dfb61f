"""Rules on the two contracts."""

from __future__ import annotations

from architect.linter.rule import Rule

_CONTRACTS = 'Genesys, "Add contracts to custom actions"'

CONTRACT_RULES = (
    Rule(
        "input-not-simple",
        "error",
        "an input is not a scalar",
        "the input contract is an object of strings, integers, numbers and booleans; anything else cannot be saved",
        _CONTRACTS,
    ),
    Rule(
        "input-name",
        "error",
        "an input's name has characters it may not have",
        "names are letters, digits, _ and -, beginning with a letter; anything else cannot be saved",
        _CONTRACTS,
    ),
    Rule(
        "input-name-reserved",
        "error",
        "an input has a reserved name",
        "it overwrites what Genesys supplies under that name, and the action fails",
        _CONTRACTS,
    ),
    Rule("contract-ref", "error", "a contract uses $ref", "contracts cannot refer to other schemas", _CONTRACTS),
    Rule(
        "contract-not-draft-04",
        "error",
        "a contract is not a JSON Schema of draft-04",
        "the contract cannot be saved, or does not check what it seems to",
        "JSON Schema draft-04, which every export that names a dialect names",
    ),
    Rule(
        "required-undeclared",
        "error",
        "a required input is not declared",
        "a flow cannot pass it, so every execution fails the input contract",
        "JSON Schema draft-04",
    ),
    Rule(
        "output-nested-array",
        "error",
        "an array directly inside an array",
        "the output contract does not support nested arrays",
        _CONTRACTS,
    ),
    Rule(
        "output-dotted-name",
        "error",
        "an output is declared under a dotted name",
        "flows see nested objects as dotted names; a key with a dot in it is never filled",
        'Genesys, "Guidelines for actions used with outbound rules"',
    ),
    Rule(
        "integer-beyond-architect",
        "warning",
        "an integer output may have more than 15 digits",
        "Architect's integers end at 999,999,999,999,999; ids of 64 bits belong in a string",
        "Architect scripting SDK",
    ),
)
