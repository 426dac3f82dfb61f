from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from schemas import CONTRACTS
from schemas.exports import AUTHORIZATIONS, exports

ACTIONS = Path(__file__).parents[2] / "architect" / "actions"
COMMITTED = sorted(ACTIONS.glob("*.json"))
EXPORTS = [
    pytest.param(export, id=f"{authorization} {name}")
    for authorization in AUTHORIZATIONS
    for name, export in exports(CONTRACTS, "https://callspan.example.com", authorization).items()
]

Export = dict[str, Any]


def test_the_committed_files_are_what_the_contracts_give() -> None:
    """`make generate` writes them again."""
    generated = exports(CONTRACTS, "https://callspan.example.com")
    assert {path.name: json.loads(path.read_text()) for path in COMMITTED} == generated


@pytest.mark.parametrize("export", EXPORTS)
def test_an_export_has_the_keys_that_genesys_writes_in_its_order(export: Export) -> None:
    assert list(export) == ["name", "integrationType", "actionType", "config", "contract", "secure"]
    assert list(export["config"]) == ["request", "response"]
    assert list(export["config"]["request"]) == ["requestUrlTemplate", "requestType", "headers", "requestTemplate"]
    assert list(export["config"]["response"]) == ["translationMap", "translationMapDefaults", "successTemplate"]
    assert list(export["contract"]["input"]) == ["inputSchema"]
    assert list(export["contract"]["output"]) == ["successSchema"]


@pytest.mark.parametrize("export", EXPORTS)
def test_an_export_keeps_the_rules_of_contracts(export: Export) -> None:
    schemas = (export["contract"]["input"]["inputSchema"], export["contract"]["output"]["successSchema"])
    for schema in schemas:
        Draft4Validator.check_schema(schema)
        for name, property_ in schema["properties"].items():
            assert re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_-]*", name)
            assert name not in ("orgId", "integrationId", "rawRequest")
            assert property_["type"] == "string"
            assert property_["description"]


@pytest.mark.parametrize("export", [e for e in EXPORTS if e.values[0]["actionType"] == "custom"])
def test_an_action_escapes_every_input_and_survives_a_missing_one(export: Export) -> None:
    template = export["config"]["request"]["requestTemplate"]
    for name in export["contract"]["input"]["inputSchema"]["properties"]:
        assert template.count("{input." + name + "}") == 1
        assert f'"{name}": "$esc.jsonEncode("$!{{input.{name}}}")"' in template
    assert "${input." not in template


@pytest.mark.parametrize("export", [e for e in EXPORTS if e.values[0]["actionType"] == "custom"])
def test_every_output_is_mapped_and_has_a_default_that_is_json(export: Export) -> None:
    response = export["config"]["response"]
    outputs = list(export["contract"]["output"]["successSchema"]["properties"])
    assert list(response["translationMap"]) == list(response["translationMapDefaults"]) == outputs
    defaults = {name: json.loads(text) for name, text in response["translationMapDefaults"].items()}
    assert all(isinstance(default, str) for default in defaults.values())
    assert defaults["status"] == "rejected"
    filled = response["successTemplate"]
    for name in outputs:
        filled = filled.replace("${" + name + "}", response["translationMapDefaults"][name])
    assert json.loads(filled) == defaults


@pytest.mark.parametrize("export", EXPORTS)
def test_an_export_sends_json_or_a_form_with_its_length(export: Export) -> None:
    headers = export["config"]["request"]["headers"]
    assert headers["Transfer-Encoding"] == "buffered"
    assert headers["Accept"] == "application/json"
    assert headers["Content-Type"] in ("application/json", "application/x-www-form-urlencoded")


def test_our_export_has_the_shape_of_real_ones(sample: Any) -> None:
    """Held to two real exports of the same kinds."""
    ours = exports(CONTRACTS, "https://callspan.example.com")
    pairs = (
        ("start-call-trace.custom.json", "data-actions/teams-Create-Teams-Meeting.custom.json"),
        ("callspan-auth.customAuth.json", "data-actions/teams-Office-365-Auth.customAuth.json"),
    )
    for name, real in pairs:
        theirs = json.loads(sample(real).read_text())
        assert list(ours[name]) == list(theirs)
        assert ours[name]["integrationType"] == theirs["integrationType"]
        assert ours[name]["actionType"] == theirs["actionType"]
        assert set(ours[name]["config"]["request"]) == set(theirs["config"]["request"])
        assert set(ours[name]["config"]["response"]) == set(theirs["config"]["response"])
