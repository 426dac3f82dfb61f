"""monitoring/terraform, evaluated by the real Terraform."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from monitoring.bodies import MONITORS, Body, Choices, bodies
from tests.contract.monitoring import AS_SHIPPED, CHOSEN
from tests.terraform import hcl
from tests.terraform.datadog import DATADOG, MONITORING
from tests.terraform.workspace import Terraform


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    terraform = Terraform(MONITORING, [DATADOG], tmp_path_factory.mktemp("terraform"), "terraform")
    terraform.init()
    return terraform


def planned(terraform: Terraform, variables: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what the module would make, by address."""
    resources = terraform.plan(variables)["planned_values"]["root_module"]["resources"]
    return {resource["address"]: resource["values"] for resource in resources}


def as_bodies(resources: Mapping[str, Mapping[str, Any]]) -> dict[str, Body]:
    """Return the bodies that the provider would send, by the paths of the files they come from."""
    return dict(_as_body(address, values) for address, values in resources.items())


def _as_body(address: str, values: Mapping[str, Any]) -> tuple[str, Body]:
    kind, name = re.findall(r'^datadog_(\w+)\.\w+\["?([^"]+)"?\]$', address)[0]
    if kind == "dashboard_json":
        return "dashboard.json", json.loads(values["dashboard"])
    if kind == "monitor_json":
        return f"monitors/{name}.json", json.loads(values["monitor"])
    if kind == "apm_retention_filter":
        attributes = {**values, "rate": float(values["rate"])}
        return f"retention-filters/{name}.json", {"data": {"type": "apm_retention_filter", "attributes": attributes}}
    if kind == "spans_metric":
        attributes = {key: values[key] for key in ("compute", "filter", "group_by")}
        attributes["compute"] = {key: value for key, value in values["compute"].items() if value is not None}
        data = {"type": "spans_metrics", "id": values["name"], "attributes": attributes}
        return f"spans-metrics/{name}.json", {"data": data}
    assert kind == "metric_tag_configuration"
    attributes = {key: values[key] for key in ("metric_type", "include_percentiles", "tags")}
    return f"metric-tags/{name}.json", {
        "data": {"type": "manage_tags", "id": values["metric_name"], "attributes": attributes}
    }


def sorted_tags(made: Mapping[str, Body]) -> dict[str, Body]:
    """Return bodies with the tags of metrics in order: the provider's are a set."""
    made = json.loads(json.dumps(made))
    for path, body in made.items():
        if path.startswith("metric-tags/"):
            body["data"]["attributes"]["tags"].sort()
    return dict(made)


def test_the_module_and_its_example_are_formatted(terraform: Terraform) -> None:
    done = terraform.run("fmt", "-check", "-diff", "-recursive")
    assert (done.returncode, done.stdout) == (0, "")


def test_the_module_is_valid(terraform: Terraform) -> None:
    assert terraform.validate() == []


def test_the_example_makes_what_is_shared_once(tmp_path: Path) -> None:
    example = Terraform(MONITORING, [DATADOG], tmp_path, "terraform/examples/two-environments")
    example.init()
    assert example.validate() == []
    modules = example.plan({})["planned_values"]["root_module"]["child_modules"]
    made = {module["address"]: {resource["type"] for resource in module["resources"]} for module in modules}
    assert made["module.staging"] == {"datadog_monitor_json", "datadog_apm_retention_filter"}
    assert made["module.production"] > made["module.staging"]


@pytest.mark.parametrize("choices", [AS_SHIPPED, CHOSEN], ids=["shipped", "chosen"])
def test_terraform_makes_what_the_files_say(terraform: Terraform, choices: Choices) -> None:
    """The HCL and the Python make the same of the same choices."""
    made = as_bodies(planned(terraform, asdict(choices)))
    assert made.keys() == bodies(choices).keys()
    assert sorted_tags(made) == sorted_tags(bodies(choices))


@pytest.mark.parametrize(
    ("wrong", "sentences"),
    [
        (
            {"env": "Production", "metric_tags": ["flow"], "notify": ["slack-calls"], "no_calls_minutes": 1.5},
            [
                "It must be the value of DD_ENV",
                "Each must be a key that CALLSPAN_METRIC_TAGS may name",
                "Each must be a handle",
                "It must be a whole number from 5 to 1440.",
            ],
        ),
        (
            {"thresholds": {"calls": -1}, "metric_tags": ["a-b", "a_b"]},
            [
                f"The names must be those of monitors: {', '.join(MONITORS)}.",
                "Each must be a number from 0",
                "They must differ",
            ],
        ),
    ],
    ids=["one by one", "together"],
)
def test_a_wrong_variable_is_refused_with_what_would_be_right(
    terraform: Terraform, wrong: dict[str, Any], sentences: list[str]
) -> None:
    done = terraform.run("plan", "-no-color", variables=wrong)
    said = " ".join(re.sub("[│╵╷]", " ", done.stderr).split())
    assert done.returncode == 1
    assert [name for name in wrong if f'variable "{name}"' not in said] == []
    assert [sentence for sentence in sentences if sentence not in said] == []


def test_every_variable_can_be_chosen_without_terraform_but_the_one_about_sharing() -> None:
    variables = hcl.named(hcl.read(MONITORING / "terraform")["variable"])
    assert set(variables) == {*asdict(AS_SHIPPED), "shared"}


def test_a_misspelt_argument_is_found(tmp_path: Path) -> None:
    """Shown on a copy, so that a valid module means something."""
    terraform = Terraform(MONITORING, [DATADOG], tmp_path, "terraform")
    main = terraform.module / "main.tf"
    main.write_text(main.read_text().replace("filter_type ", "filtertype "))
    terraform.init()
    assert {diagnostic["summary"] for diagnostic in terraform.validate()} == {
        "Unsupported argument",
        "Missing required argument",
    }
