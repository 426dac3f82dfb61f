from __future__ import annotations

import json

from jsonschema import Draft7Validator

from architect.linter.rules import RULES
from architect.linter.sarif import sarif
from architect.linter.text_output import findings_text, summary
from tests.unit.linter.cases import CASES
from tests.unit.linter.files import action, body, lint

UNESCAPED = action(body('{"a": "${input.phone}"}'))

# The parts of SARIF 2.1.0 that are used, with what its specification requires of them.
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id"],
                                            "properties": {
                                                "shortDescription": TEXT,
                                                "fullDescription": TEXT,
                                                "help": TEXT,
                                                "defaultConfiguration": {"properties": {"level": LEVEL}},
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "items": {
                            "required": ["message", "ruleId", "level", "locations"],
                            "properties": {
                                "message": TEXT,
                                "level": LEVEL,
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "locations": {
                                    "minItems": 1,
                                    "items": {
                                        "required": ["physicalLocation", "logicalLocations"],
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation", "region"],
                                                "properties": {
                                                    "artifactLocation": {
                                                        "properties": {"uri": {"type": "string", "pattern": "^[^ ]+$"}}
                                                    },
                                                    "region": {
                                                        "required": ["startLine"],
                                                        "properties": {
                                                            "startLine": {"type": "integer", "minimum": 1},
                                                            "startColumn": {"type": "integer", "minimum": 1},
                                                        },
                                                    },
                                                },
                                            },
                                        },
                                    },
                                },
                            },
                        }
                    },
                },
            },
        },
    },
}


def test_sarif_is_as_its_specification_asks() -> None:
    findings = [finding for document, _ in CASES.values() for finding in lint(document)]
    log = json.loads(json.dumps(sarif(findings)))
    Draft7Validator(SARIF).validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    assert len(run["results"]) == len(findings)
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_a_sarif_result_has_the_line_and_the_json_pointer() -> None:
    (finding,) = lint(UNESCAPED)
    (result,) = sarif([finding])["runs"][0]["results"]  # type: ignore[index]
    (location,) = result["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": finding.line, "startColumn": finding.column}
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "/config/request/requestTemplate"


def test_json_has_every_part_of_a_finding() -> None:
    (finding,) = lint(UNESCAPED)
    assert finding.as_dict() == {
        "rule": "unescaped-json",
        "severity": "error",
        "file": "action.custom.json",
        "pointer": "/config/request/requestTemplate",
        "line": 13,
        "column": 37,
        "problem": "The text input `phone` goes into a JSON string without escaping.",
        "trigger": '{"phone": "say \\"hi\\""}',
        "shown": '{"a": "say "hi""}\nnot JSON: Expecting \',\' delimiter',
        "remedy": "Write $esc.jsonEncode(${input.phone}), inside the quotes.",
        "fixable": True,
    }


def test_text_names_place_input_proof_and_remedy() -> None:
    assert findings_text(lint(UNESCAPED)).splitlines() == [
        "action.custom.json:13:37: error unescaped-json",
        "  The text input `phone` goes into a JSON string without escaping.",
        "  at     /config/request/requestTemplate",
        '  given  {"phone": "say \\"hi\\""}',
        '  gives  {"a": "say "hi""}',
        "         not JSON: Expecting ',' delimiter",
        "  fix    Write $esc.jsonEncode(${input.phone}), inside the quotes.",
    ]


def test_the_summary_counts() -> None:
    assert summary(lint(UNESCAPED), 1) == "1 file: 1 error; --fix repairs 1 of them"
    assert summary([], 3) == "3 files: nothing found"
