"""The variables that `callspan init` writes, taken by the real Terraform and our module."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import main
from tests.terraform.genesyscloud import ARCHITECT, GENESYSCLOUD
from tests.terraform.workspace import Terraform

QUEUE = "Bob's ${line}, %{größer}: #1"
ANSWERS = ("--region", "eu-central-1", "--base-url", "https://calls.example.org", "--queue", QUEUE)


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    terraform = Terraform(ARCHITECT, [GENESYSCLOUD], tmp_path_factory.mktemp("terraform"), "terraform")
    terraform.init()
    return terraform


def files(folder: Path, *more: str) -> list[str]:
    """Return the options that the checklist names, for a folder with these answers."""
    result = CliRunner().invoke(main, ["init", "--yes", "--out", str(folder), *ANSWERS, *more])
    assert result.exit_code == 0, result.output
    (line,) = (line for line in result.output.splitlines() if "terraform apply" in line)
    return line.partition("terraform apply ")[2].split()


def test_the_plan_has_the_answers(terraform: Terraform, tmp_path: Path) -> None:
    plan = terraform.plan({}, *files(tmp_path, "--integration", "Tracing", "--events", "trigger"))
    found: dict[str, dict[str, Any]] = {
        each["address"]: each["values"] for each in plan["planned_values"]["root_module"]["resources"]
    }
    secret = json.loads((tmp_path / "credentials.json").read_text())["genesys"]
    assert found["genesyscloud_integration_credential.callspan"]["fields"] == secret
    assert found["genesyscloud_integration.callspan"]["config"][0]["name"] == "Tracing"
    flow = found['genesyscloud_flow.callspan["inbound-call-with-module"]']
    assert flow["substitutions"]["queue_name"] == QUEUE
    assert "genesyscloud_processautomation_trigger.conversation_ended[0]" in found
    urls = {each["config_request"][0]["request_url_template"] for each in found.values() if "config_request" in each}
    assert {url.partition("/v1/")[0] for url in urls} == {
        "https://calls.example.org",
        "https://calls.example.org/oauth/token",
    }


def test_without_a_trigger_none_is_made(terraform: Terraform, tmp_path: Path) -> None:
    addresses = terraform.changes({}, *files(tmp_path))
    assert not [address for address in addresses if "trigger" in address]


def test_the_files_are_laid_out_as_terraform_would(terraform: Terraform, tmp_path: Path) -> None:
    files(tmp_path)
    done = terraform.run("fmt", "-check", "-diff", str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "")
