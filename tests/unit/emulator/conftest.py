"""An engine, the service it calls, and actions for it to run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from architect.emulator.engine import Engine
from architect.emulator.export import DataAction

from .loopback import Service, running_service

ORGANIZATION = "5c1e2f7a-6d8b-4c7d-9f0e-2b3a4c5d6e7f"


@pytest.fixture
def service() -> Iterator[Service]:
    with running_service() as service:
        yield service


@pytest.fixture
def engine(service: Service) -> Iterator[Engine]:
    with Engine(organization_id=ORGANIZATION, base_url=service.url) as engine:
        yield engine


def export(**changes: Any) -> dict[str, Any]:
    """Return an export as Genesys writes it, which posts its inputs and passes the answer on.

    `changes` replace `method`, `url`, `headers`, `body`, `map`, `defaults`, `success`, `inputs`, `outputs`, `type`,
    `timeout`.
    """
    action: dict[str, Any] = {
        "name": "Example action",
        "integrationType": "custom-rest-actions",
        "actionType": changes.get("type", "custom"),
        "config": {
            "request": {
                "requestUrlTemplate": changes.get("url", "https://service.example.com/v1/thing"),
                "requestType": changes.get("method", "POST"),
                "headers": changes.get("headers", {}),
                "requestTemplate": changes.get("body", "${input.rawRequest}"),
            },
            "response": {
                "translationMap": changes.get("map", {}),
                "translationMapDefaults": changes.get("defaults", {}),
                "successTemplate": changes.get("success", "${rawResult}"),
            },
        },
        "contract": {
            "input": {"inputSchema": changes.get("inputs", {"type": "object", "properties": {}})},
            "output": {"successSchema": changes.get("outputs", {"type": "object", "properties": {}})},
        },
        "secure": False,
    }
    if "timeout" in changes:
        action["config"]["timeoutSeconds"] = changes["timeout"]
    return action


def action(**changes: Any) -> DataAction:
    """Return the data action of `export(**changes)`."""
    return DataAction.parse(json.dumps(export(**changes)))
