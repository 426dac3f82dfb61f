"""A clean data action, and ways to spoil it: the files that the linter's tests are made of."""

from __future__ import annotations

import copy
import json
from typing import Any

from architect.linter.finding import Finding
from architect.linter.linting import lint_bytes

CLEAN: dict[str, Any] = {
    "name": "Find customer",
    "integrationType": "custom-rest-actions",
    "actionType": "custom",
    "config": {
        "request": {
            "requestUrlTemplate": "https://service.example.com/customers",
            "requestType": "POST",
            "headers": {"Content-Type": "application/json", "Transfer-Encoding": "buffered"},
            "requestTemplate": '{"phone": "$esc.jsonEncode(${input.phone})"}',
        },
        "response": {
            "translationMap": {"customer": "$.customer.name"},
            "translationMapDefaults": {"customer": '""'},
            "successTemplate": '{"customer": ${customer}}',
        },
    },
    "contract": {
        "input": {
            "inputSchema": {"type": "object", "properties": {"phone": {"type": "string"}}, "required": ["phone"]}
        },
        "output": {"successSchema": {"type": "object", "properties": {"customer": {"type": "string"}}}},
    },
    "secure": False,
}

INPUTS = ("contract", "input", "inputSchema")
OUTPUTS = ("contract", "output", "successSchema")
GONE = object()


def action(*changes: tuple[tuple[str, ...], Any]) -> dict[str, Any]:
    """Give the clean action with values set, or taken out, under paths of keys."""
    document = copy.deepcopy(CLEAN)
    for path, value in changes:
        parent = document
        for key in path[:-1]:
            parent = parent[key]
        if value is GONE:
            del parent[path[-1]]
        else:
            parent[path[-1]] = copy.deepcopy(value)
    return document


def url(template: str) -> tuple[tuple[str, ...], Any]:
    return ("config", "request", "requestUrlTemplate"), template


def body(template: str) -> tuple[tuple[str, ...], Any]:
    return ("config", "request", "requestTemplate"), template


def method(name: str) -> tuple[tuple[str, ...], Any]:
    return ("config", "request", "requestType"), name


def header(name: str, value: Any) -> tuple[tuple[str, ...], Any]:
    return ("config", "request", "headers", name), value


def inputs(required: list[str] | None = None, /, **declared: Any) -> tuple[tuple[str, ...], Any]:
    schema: dict[str, Any] = {"type": "object", "properties": declared}
    return INPUTS, schema | ({"required": required} if required else {})


def outputs(**declared: Any) -> tuple[tuple[str, ...], Any]:
    return OUTPUTS, {"type": "object", "properties": declared}


def response(
    template: str, paths: dict[str, str], defaults: dict[str, str] | None = None
) -> tuple[tuple[str, ...], Any]:
    return ("config", "response"), {
        "translationMap": paths,
        "translationMapDefaults": defaults or {},
        "successTemplate": template,
    }


def text(document: Any) -> bytes:
    return json.dumps(document, indent=2).encode()


def lint(document: Any) -> list[Finding]:
    return lint_bytes(document if isinstance(document, bytes) else text(document), name="action.custom.json")


def rules(document: Any) -> set[str]:
    return {finding.rule.id for finding in lint(document)}
