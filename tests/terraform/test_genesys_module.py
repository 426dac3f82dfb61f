"""architect/terraform, evaluated by the real Terraform."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.genesys.story import _TELLERS
from architect.emulator.export import DataAction
from architect.runner.lint.linting import lint_flow
from schemas import CONTRACTS
from schemas.exports import INTEGRATION_TYPE, exports
from tests.terraform.genesyscloud import ARCHITECT, GENESYSCLOUD
from tests.terraform.workspace import Terraform

ADDRESS = "https://trace.example.net"
SECRET = "kept-to-ourselves"
FLOWS = ["ensure-call-trace.module", "in-queue-call", "inbound-call", "inbound-call-with-module", "inbound-message"]
VARIABLES = {
    "base_url": ADDRESS,
    "client_id": "genesys",
    "client_secret": SECRET,
    "integration_name": "Tracing",
    "datadog_url": "https://app.datadoghq.eu",
    "flows": FLOWS,
    "queue_name": "Claims",
    "create_trigger": True,
    "eventbridge": {"aws_account_id": "123456789012", "aws_account_region": "eu-central-1"},
}
INBOUND = 'genesyscloud_flow.callspan["inbound-call-with-module"]'


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    terraform = Terraform(ARCHITECT, [GENESYSCLOUD], tmp_path_factory.mktemp("terraform"), "terraform")
    terraform.init()
    return terraform


@pytest.fixture(scope="module")
def resources(terraform: Terraform) -> dict[str, Any]:
    """Return what the module would make, by address."""
    planned = terraform.plan(VARIABLES)["planned_values"]["root_module"]["resources"]
    return {resource["address"]: resource["values"] for resource in planned}


@pytest.fixture(scope="module")
def applied(terraform: Terraform, resources: dict[str, Any]) -> Iterator[Terraform]:
    terraform.apply(VARIABLES)
    return terraform


def test_the_module_and_its_examples_are_formatted(terraform: Terraform) -> None:
    done = terraform.run("fmt", "-check", "-diff", "-recursive")
    assert (done.returncode, done.stdout) == (0, "")


def test_the_module_is_valid(terraform: Terraform) -> None:
    assert terraform.validate() == []


def test_the_complete_example_is_valid(tmp_path: Path) -> None:
    example = Terraform(ARCHITECT, [GENESYSCLOUD], tmp_path, "terraform/examples/complete")
    example.init()
    assert example.validate() == []


def test_its_own_tests_pass_with_a_mock_of_the_provider(terraform: Terraform) -> None:
    done = terraform.test()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failed" in done.stdout
    assert done.stdout.count("... pass") > 5


def test_every_data_action_is_the_exported_one_field_by_field(resources: dict[str, Any]) -> None:
    """Held to the export for the same address, which is what one imports by hand."""
    actions = _by_name(resources, "genesyscloud_integration_action")
    assert set(actions) == {contract.name for contract in CONTRACTS}
    for name, export in exports(CONTRACTS, ADDRESS).items():
        if name.endswith(".custom.json"):
            action = dict(actions[export["name"]])
            contracts = [json.loads(action.pop(f"contract_{side}")) for side in ("input", "output")]
            assert contracts == [
                export["contract"]["input"]["inputSchema"],
                export["contract"]["output"]["successSchema"],
            ]
            assert action == {
                "name": export["name"],
                "category": "Tracing",
                "secure": export["secure"],
                "config_timeout_seconds": 3,
                "function_config": [],
                **_configuration(export),
            }


def test_the_auth_action_is_the_exported_one_field_by_field(resources: dict[str, Any]) -> None:
    export = exports(CONTRACTS, ADDRESS)["callspan-auth.customAuth.json"]
    action = resources["genesyscloud_integration_custom_auth_action.callspan"]
    assert action == {"name": export["name"], **_configuration(export)}


def test_the_integration_is_enabled_and_signs_in_by_the_auth_action(resources: dict[str, Any]) -> None:
    integration = resources["genesyscloud_integration.callspan"]
    assert integration["integration_type"] == INTEGRATION_TYPE
    assert integration["intended_state"] == "ENABLED"
    credential = resources["genesyscloud_integration_credential.callspan"]
    assert credential["credential_type_name"] == "userDefinedOAuth"
    assert credential["fields"] == {"clientId": "genesys", "clientSecret": SECRET}


def test_every_flow_is_complete_and_fits_the_actions(terraform: Terraform, resources: dict[str, Any]) -> None:
    """The flow linter finds nothing, given what Terraform would substitute and the actions it would make."""
    actions = {
        export["name"]: DataAction.parse(json.dumps(export), source=name)
        for name, export in exports(CONTRACTS, ADDRESS).items()
    }
    flows = {name: values for name, values in resources.items() if name.startswith("genesyscloud_flow.")}
    published = {Path(flow["filepath"]).stem for flow in flows.values()}
    assert published == {path.stem for path in (ARCHITECT / "flows").glob("*.yaml")}
    for flow in flows.values():
        raw = (terraform.module / flow["filepath"]).read_bytes()
        assert lint_flow(raw, name=flow["filepath"], given=flow["substitutions"], actions=actions) == []
        for key, value in flow["substitutions"].items():
            raw = raw.replace(b"{{" + key.encode() + b"}}", value.encode())
        assert b"{{" not in raw


def test_the_trigger_is_the_one_that_the_workflow_is_written_for(resources: dict[str, Any]) -> None:
    trigger = resources["genesyscloud_processautomation_trigger.conversation_ended[0]"]
    data_format = trigger["target"][0]["workflow_target_settings"][0]["data_format"]
    raw = (ARCHITECT / "flows" / "conversation-ended.workflow.yaml").read_text()
    head = " ".join(line.removeprefix("#").strip() for line in raw.splitlines() if line.startswith("#"))
    assert f"trigger on {trigger['topic_name']}, data format {data_format}:" in head


def test_eventbridge_gets_the_events_that_the_service_reads(resources: dict[str, Any]) -> None:
    """Those that become spans, and `attributes`. Both wrapup and acw tell of the work after a call: one is enough."""
    properties = json.loads(resources["genesyscloud_integration.eventbridge[0]"]["config"][0]["properties"])
    events = {topic.removeprefix("v2.detail.events.conversation.{id}.") for topic in properties["eventFilter"]}
    assert events == set(_TELLERS) - {"wrapup"} | {"attributes"}
    assert properties["awsAccountId"] == "123456789012"


def test_without_options_there_are_no_events_and_two_flows(terraform: Terraform) -> None:
    required = {"base_url": ADDRESS, "client_id": "genesys", "client_secret": SECRET, "queue_name": "Claims"}
    planned = terraform.plan(required)["planned_values"]["root_module"]["resources"]
    assert sorted(resource["address"] for resource in planned) == [
        INBOUND,
        "genesyscloud_flow.module[0]",
        "genesyscloud_integration.callspan",
        'genesyscloud_integration_action.callspan["end-call-trace"]',
        'genesyscloud_integration_action.callspan["record-call-milestone"]',
        'genesyscloud_integration_action.callspan["start-call-trace"]',
        "genesyscloud_integration_credential.callspan",
        "genesyscloud_integration_custom_auth_action.callspan",
    ]


def test_a_plan_shows_no_secret(terraform: Terraform) -> None:
    shown = terraform.run("plan", "-no-color", variables=VARIABLES).stdout
    assert re.search(r"fields += \(sensitive value\)", shown)
    assert SECRET not in shown


def test_an_applied_module_has_nothing_left_to_do(applied: Terraform) -> None:
    assert applied.changes(VARIABLES) == {}


def test_another_queue_publishes_again_only_the_flows_that_name_one(applied: Terraform) -> None:
    changes = applied.changes(VARIABLES | {"queue_name": "Sales"})
    named = [name for name in FLOWS if name != "ensure-call-trace.module"]
    assert changes == {f'genesyscloud_flow.callspan["{name}"]': ["update"] for name in named}


def test_an_edited_module_publishes_the_flow_that_copied_it(applied: Terraform) -> None:
    path = applied.module.parent / "flows" / "ensure-call-trace.module.yaml"
    text = path.read_text()
    path.write_text(text + "# edited\n")
    changes = applied.changes(VARIABLES)
    path.write_text(text)
    assert changes["genesyscloud_flow.module[0]"] == changes[INBOUND] == ["update"]
    assert "genesyscloud_flow.workflow[0]" not in changes


def test_a_replaced_action_publishes_the_flows_that_hold_its_id(applied: Terraform) -> None:
    address = 'genesyscloud_integration_action.callspan["start-call-trace"]'
    changes = applied.changes(VARIABLES, f"-replace={address}")
    assert changes[address] == ["delete", "create"]
    assert changes["genesyscloud_flow.module[0]"] == changes[INBOUND] == ["update"]


@pytest.mark.parametrize("name", ["base_url", "client_id", "client_secret"])
def test_a_variable_that_is_required_has_to_be_given(terraform: Terraform, name: str) -> None:
    done = terraform.run("plan", "-no-color", variables={key: v for key, v in VARIABLES.items() if key != name})
    assert done.returncode == 1
    assert f'The root module input variable "{name}" is not set' in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("base_url", "http://trace.example.net", "base_url must be an https address"),
        ("base_url", "https://trace.example.net/", "without a slash at the end"),
        ("base_url", "https://trace.example.net?x=1", "base_url must be an https address"),
        ("client_secret", "", "client_secret must not be empty"),
        ("datadog_url", "https://app.datadoghq.eu/apm", "without a path"),
        ("integration_name", 'Call"span', "integration_name must have 1 to 256 characters"),
        ("integration_name", "x" * 257, "integration_name must have 1 to 256 characters"),
        ("queue_name", 'Cla"ims', "queue_name must not be empty"),
        ("flows", ["inbound-fax"], "flows takes ensure-call-trace.module"),
        ("eventbridge", {"aws_account_id": "12", "aws_account_region": "eu-central-1"}, "must be 12 digits"),
        ("eventbridge", {"aws_account_id": "1" * 12, "aws_account_region": "Frankfurt"}, "name of an AWS region"),
    ],
)
def test_a_value_that_cannot_work_is_refused_by_name(terraform: Terraform, name: str, value: Any, told: str) -> None:
    done = terraform.run("plan", "-no-color", variables=VARIABLES | {name: value})
    assert done.returncode == 1
    assert told in " ".join(done.stderr.split())
    assert SECRET not in done.stdout + done.stderr


def _by_name(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    return {values["name"]: values for address, values in resources.items() if address.startswith(f"{kind}.")}


def _configuration(export: dict[str, Any]) -> dict[str, Any]:
    request, response = export["config"]["request"], export["config"]["response"]
    return {
        "config_request": [
            {
                "request_url_template": request["requestUrlTemplate"],
                "request_type": request["requestType"],
                "request_template": request["requestTemplate"],
                "headers": request["headers"],
            }
        ],
        "config_response": [
            {
                "translation_map": response["translationMap"],
                "translation_map_defaults": response["translationMapDefaults"],
                "success_template": response["successTemplate"],
            }
        ],
    }
