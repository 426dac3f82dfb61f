"""Findings as SARIF 2.1.0, which code hosts show beside the lines of a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from urllib.parse import quote

from architect.linter.finding import Finding
from architect.linter.rule import Rule
from architect.linter.rules import RULES

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(findings: Sequence[Finding], rules: Mapping[str, Rule] = RULES) -> dict[str, object]:
    """Give the log of one run. Every rule is in it, also those that found nothing."""
    index = {rule_id: number for number, rule_id in enumerate(rules)}
    described = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": f"{rule.title}: {rule.why}."},
            "help": {"text": f"Source: {rule.source}."},
            "defaultConfiguration": {"level": rule.severity},
        }
        for rule in rules.values()
    ]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "callspan", "rules": described}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, index[finding.rule.id]) for finding in findings],
            }
        ],
    }


def _result(finding: Finding, rule_index: int) -> dict[str, object]:
    lines = [finding.problem]
    for label, text in (("Given", finding.trigger), ("Gives", finding.shown), ("Fix", finding.remedy)):
        if text:
            lines.append(f"{label}: {text}")
    region = {"startLine": finding.line or 1, "startColumn": finding.column or 1}
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": rule_index,
        "level": finding.rule.severity,
        "message": {"text": "\n".join(lines)},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": _uri(finding.file)}, "region": region},
                "logicalLocations": [{"fullyQualifiedName": finding.pointer or "/", "kind": "value"}],
            }
        ],
    }


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
