"""Data actions as files for the Import button of Genesys Cloud, derived from the contracts.

Three rules keep them from breaking in production. Every input is written `$!{...}` inside a JSON escape, because a
flow may leave any of them out and Genesys escapes nothing by itself. Bodies are sent with their length
(`Transfer-Encoding: buffered`). And answers go through a translation map with defaults, which are JSON text, so that
a field more or less in an answer never breaks the output contract.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.contract import Contract

DRAFT_04 = "http://json-schema.org/draft-04/schema#"
INTEGRATION_TYPE = "custom-rest-actions"

AUTHORIZATIONS = {
    "oauth": "Bearer ${authResponse.access_token}",
    "token": "Bearer ${credentials.token}",
}
"""How an action signs in: with what the auth action fetched, or with a long-lived token kept in the credentials."""

AUTH_ACTION_NAME = "Callspan Auth"

Export = dict[str, Any]


def data_action(contract: Contract, base_url: str, authorization: str = "oauth") -> Export:
    """Return the export of a contract's data action, for a service at `base_url`."""
    inputs = {name: _text(field.metadata["description"]) for name, field in contract.input_names().items()}
    required = [name for name, field in contract.input_names().items() if field.required]
    outputs = {name: _text(field.metadata["description"]) for name, field in contract.outputs.fields.items()}
    headers = {
        "Authorization": AUTHORIZATIONS[authorization],
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Transfer-Encoding": "buffered",
    }
    return {
        "name": contract.name,
        "integrationType": INTEGRATION_TYPE,
        "actionType": "custom",
        "config": {
            "request": _request(base_url + contract.path, headers, _object(inputs, _escaped_input)),
            "response": {
                "translationMap": {name: f"$.{name}" for name in outputs},
                # An answer without a status is not ours, so it is not ok.
                "translationMapDefaults": {name: '"rejected"' if name == "status" else '""' for name in outputs},
                "successTemplate": _object(outputs, lambda name: "${" + name + "}"),
            },
        },
        "contract": {
            "input": {
                "inputSchema": {
                    "$schema": DRAFT_04,
                    "title": f"{contract.name} inputs",
                    "type": "object",
                    "properties": inputs,
                    "required": required,
                    "additionalProperties": True,
                }
            },
            "output": {
                "successSchema": {
                    "$schema": DRAFT_04,
                    "title": f"{contract.name} outputs",
                    "type": "object",
                    "properties": outputs,
                    "required": list(outputs),
                    "additionalProperties": True,
                }
            },
        },
        "secure": False,
    }


def auth_action(base_url: str) -> Export:
    """Return the configuration of the integration's custom auth action, which Genesys creates by itself.

    Its contract is fixed by Genesys; it is part of the file because the Import button expects one.
    """
    headers = {
        "Authorization": 'Basic $encoding.base64("${credentials.clientId}:${credentials.clientSecret}")',
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
        "Transfer-Encoding": "buffered",
    }
    return {
        "name": AUTH_ACTION_NAME,
        "integrationType": INTEGRATION_TYPE,
        "actionType": "customAuth",
        "config": {
            "request": _request(base_url + "/oauth/token", headers, "grant_type=client_credentials"),
            "response": {
                "translationMap": {},
                "translationMapDefaults": {},
                "successTemplate": "${rawResult}",
            },
        },
        "contract": {
            "input": {
                "inputSchema": {
                    "$schema": DRAFT_04,
                    "title": "Auth Input",
                    "type": "object",
                    "properties": {},
                },
            },
            "output": {
                "successSchema": {
                    "$schema": DRAFT_04,
                    "type": "object",
                    "properties": {},
                    "additionalProperties": True,
                },
            },
        },
        "secure": False,
    }


def exports(contracts: tuple[Contract, ...], base_url: str, authorization: str = "oauth") -> Mapping[str, Export]:
    """Return every file to import, by its name; with a long-lived token there is no auth action."""
    files = {f"{_slug(c.name)}.custom.json": data_action(c, base_url, authorization) for c in contracts}
    if authorization == "oauth":
        files[f"{_slug(AUTH_ACTION_NAME)}.customAuth.json"] = auth_action(base_url)
    return files


def file_text(export: Export) -> str:
    """Return what the file of an export says."""
    return json.dumps(export, indent=2) + "\n"


def write(files: Mapping[str, Export], folder: Path) -> list[Path]:
    """Write the files into a folder, which is made when missing, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, export in files.items():
        (folder / name).write_text(file_text(export))
    return [folder / name for name in files]


def _request(url: str, headers: Mapping[str, str], template: str) -> Export:
    return {
        "requestUrlTemplate": url,
        "requestType": "POST",
        "headers": dict(headers),
        "requestTemplate": template,
    }


def _text(description: str) -> Export:
    return {"type": "string", "description": description}


def _escaped_input(name: str) -> str:
    return '"$esc.jsonEncode("$!{input.' + name + '}")"'


def _object(names: Mapping[str, object], value: Any) -> str:
    """Return the template of a JSON object: a line for each name, its value written by a function of the name."""
    return "{\n" + ",\n".join(f'  "{name}": {value(name)}' for name in names) + "\n}"


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")
