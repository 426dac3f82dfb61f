"""What does not fit the provider is told before anything is applied: with Terraform, and without."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.terraform.genesyscloud import ARCHITECT, GENESYSCLOUD
from tests.terraform.hcl import problems
from tests.terraform.workspace import Terraform

REQUIRED_PROVIDER = """\
terraform {
  required_providers {
    genesyscloud = {
      source = "mypurecloud/genesyscloud"
    }
  }
}
"""

ACTION = """
resource "genesyscloud_integration_action" "it" {
  name                   = "Start Call Trace"
  category               = "Callspan"
  integration_id         = "8a0b5a7e-3c1f-4f0a-9a8c-0c6d2f1b7e55"
  contract_input         = jsonencode({ type = "object" })
  contract_output        = jsonencode({ type = "object" })
  config_timeout_seconds = 3

  config_request {
    request_url_template = "https://trace.example.net/v1/actions/start-call-trace"
    request_type         = "POST"
  }
}
"""

OF_THE_FORUMS = """
resource "genesyscloud_integration_action" "it" {
  name        = "Start Call Trace"
  enabled     = true
  action_type = "webservice"

  configuration {
    url    = "https://trace.example.net/v1/actions/start-call-trace"
    method = "POST"
  }
}
"""

CASES = [
    pytest.param('"POST"', '"post"', "expected one of GET, POST, PUT, PATCH, DELETE, got post", id="method"),
    pytest.param("seconds = 3", "seconds = 90", "expected at most 60, got 90", id="timeout"),
    pytest.param(
        'input         = jsonencode({ type = "object" })', 'input = "{type"', "not JSON: Expecting", id="JSON"
    ),
    pytest.param('"Callspan"', '""', "expected 1 to 256 characters, got 0", id="category"),
]

SCHEMA = json.loads(GENESYSCLOUD.schema.read_text())
RULES = json.loads(GENESYSCLOUD.rules.read_text())


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    folder = tmp_path_factory.mktemp("shapes")
    (folder / "module").mkdir()
    (folder / "module" / "main.tf").write_text(REQUIRED_PROVIDER + ACTION)
    terraform = Terraform(folder / "module", [GENESYSCLOUD], folder)
    terraform.init()
    return terraform


def test_the_right_shape_is_valid(terraform: Terraform) -> None:
    (terraform.module / "main.tf").write_text(REQUIRED_PROVIDER + ACTION)
    assert terraform.validate() == []
    assert problems(terraform.module, SCHEMA, RULES) == []


@pytest.mark.parametrize(("right", "wrong", "told"), CASES)
def test_terraform_tells_what_breaks_a_rule_and_where(terraform: Terraform, right: str, wrong: str, told: str) -> None:
    assert ACTION.count(right) == 1
    (terraform.module / "main.tf").write_text(REQUIRED_PROVIDER + ACTION.replace(right, wrong))
    (diagnostic,) = terraform.validate()
    assert told in diagnostic["summary"]
    assert wrong.rpartition(" ")[2] in diagnostic["snippet"]["code"]


@pytest.mark.parametrize(("right", "wrong", "told"), CASES)
def test_the_same_is_told_without_terraform(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    (tmp_path / "main.tf").write_text(ACTION.replace(right, wrong))
    (problem,) = problems(tmp_path, SCHEMA, RULES)
    assert told in problem


def test_terraform_refuses_the_shape_that_circulates_in_forums(terraform: Terraform) -> None:
    """`enabled`, `action_type` and `configuration` are no arguments of a data action."""
    (terraform.module / "main.tf").write_text(REQUIRED_PROVIDER + OF_THE_FORUMS)
    told = {(diagnostic["summary"], _quoted(diagnostic["detail"])) for diagnostic in terraform.validate()}
    assert told == {
        ("Missing required argument", "category"),
        ("Missing required argument", "integration_id"),
        ("Missing required argument", "contract_input"),
        ("Missing required argument", "contract_output"),
        ("Unsupported argument", "enabled"),
        ("Unsupported argument", "action_type"),
        ("Unsupported block type", "configuration"),
    }


def test_that_shape_is_refused_without_terraform(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(OF_THE_FORUMS)
    it = "genesyscloud_integration_action.it"
    assert set(problems(tmp_path, SCHEMA, RULES)) == {
        f"{it}.enabled: not an argument",
        f"{it}.action_type: not an argument",
        f"{it}.configuration: not an argument",
        f"{it}.category: required",
        f"{it}.integration_id: required",
        f"{it}.contract_input: required",
        f"{it}.contract_output: required",
    }


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("_integration_action", "_data_action", "genesyscloud_data_action.it: no such resource"),
        ('"Callspan"', "var.name", "var.name: not declared"),
        ("  name ", '  id = "1"\n  name ', "genesyscloud_integration_action.it.id: not an argument"),
        (
            "  config_request {",
            '  config_request {\n    request_type = "POST"\n  }\n  config_request {',
            "genesyscloud_integration_action.it.config_request: 2 blocks",
        ),
    ],
    ids=["resource", "variable", "computed", "blocks"],
)
def test_other_mistakes_are_told_without_terraform(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    (tmp_path / "main.tf").write_text(ACTION.replace(right, wrong))
    assert problems(tmp_path, SCHEMA, RULES) == [told]


@pytest.mark.parametrize("folder", ["terraform", "terraform/examples/complete"])
def test_our_module_fits_the_provider_as_far_as_is_seen_without_terraform(folder: str) -> None:
    assert problems(ARCHITECT / folder, SCHEMA, RULES) == []


def _quoted(detail: str) -> str:
    found = re.search(r'"(\w+)"', detail)
    assert found
    return found[1]
