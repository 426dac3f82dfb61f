"""What Heroku reads of the repository: app.json, the Procfile, and the version of Python."""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from app.config import REQUIRED, Settings
from app.credentials import clients_text, new_client

ROOT = Path(__file__).parents[2]
APP: dict[str, Any] = json.loads((ROOT / "app.json").read_text())
SCHEMA = json.loads((Path(__file__).parent / "heroku_app.schema.json").read_text())
ENV: dict[str, dict[str, Any]] = APP["env"]
OPTIONS = {field.metadata["name"]: field.metadata for field in dataclasses.fields(Settings)}


def schema_errors(document: object) -> list[str]:
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    return [error.message for error in validator.iter_errors(document)]


def test_it_is_what_herokus_documentation_describes() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert schema_errors(APP) == []


@pytest.mark.parametrize(
    "change",
    [
        {"env": {"A": {"value": 1}}},
        {"env": {"A": {"generator": "uuid"}}},
        {"env": {"A": {"default": "x"}}},
        {"buildpacks": ["heroku/python"]},
        {"formation": {"web": {"quantity": "1"}}},
        {"stack": "heroku-18"},
        {"environment": {}},
    ],
    ids=str,
)
def test_the_schema_refuses_what_heroku_does_not_know(change: dict[str, object]) -> None:
    assert schema_errors({**APP, **change}) != []


def test_datadogs_buildpack_comes_before_the_one_that_decides_the_process_types() -> None:
    first, last = (each["url"] for each in APP["buildpacks"])
    assert first.endswith("/heroku-buildpack-datadog.git")
    assert last == "heroku/python"


def test_everything_required_is_asked_for_or_generated_and_nothing_is_misspelt() -> None:
    assert {name for name, option in OPTIONS.items() if option["default"] is REQUIRED} <= ENV.keys()
    assert {name for name in ENV if name.startswith("CALLSPAN_")} <= OPTIONS.keys()
    assert all(each["description"] for each in ENV.values())


@pytest.mark.parametrize("chance", [secrets.token_hex(16), secrets.token_hex(32), secrets.token_urlsafe(48)], ids=len)
def test_the_service_starts_with_what_heroku_fills_in(chance: str) -> None:
    """Which characters the secret has, and how many, Heroku does not say; these are the likely ones."""
    client, _ = new_client("genesys", ["actions"])
    typed = {"CALLSPAN_CLIENTS": clients_text({"genesys": client}), "DD_API_KEY": "x"}
    filled = {name: each.get("value") or (chance if "generator" in each else typed[name]) for name, each in ENV.items()}
    settings = Settings.from_environ(filled)
    assert settings.jwt_keys[0].secret == chance.encode()
    assert settings.trusted_proxies == 1


def test_no_secret_has_a_value_in_the_repository() -> None:
    secret = {name for name, option in OPTIONS.items() if option["default"] is REQUIRED} | {"DD_API_KEY"}
    assert not [name for name in secret & ENV.keys() if "value" in ENV[name]]


def test_heroku_and_the_image_run_a_python_that_the_package_allows() -> None:
    required = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    version = (ROOT / ".python-version").read_text().strip()
    assert required == f">={version}"
    assert re.search(r"^FROM python:([\d.]+)-slim$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[1] == version  # type: ignore[index]
