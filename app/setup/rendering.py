"""What the files say, as functions of the answers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.resources import files

from app.setup.questions import Answers, datadog_url
from app.setup.secrets import Credentials, Environment
from schemas import CONTRACTS
from schemas.exports import exports, file_text

ENVIRONMENT, CREDENTIALS, TERRAFORM_SECRETS = "callspan.env", "credentials.json", "secrets.auto.tfvars"
SECRET_FILES = (ENVIRONMENT, CREDENTIALS, TERRAFORM_SECRETS)

IGNORED = (*SECRET_FILES, ".*.new", ".terraform/", "*.tfstate", "*.tfstate.*")


def read_environment(text: str) -> Environment:
    """Read `NAME=value` lines, whose values are literal: no quotes, no escapes, as in `docker run --env-file`."""
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {name.strip(): value for name, _, value in (line.partition("=") for line in lines)}


def environment_text(environment: Environment) -> str:
    """Return an environment in that form, without what is set to nothing."""
    return "".join(f"{name}={value}\n" for name, value in environment.items() if value)


def settings_of(answers: Answers) -> Environment:
    """Return the settings that follow from the answers; one that is not needed is set to nothing."""
    return {
        "CALLSPAN_ROOT_SPAN": "start" if answers["events"] == "none" else "events",
        "CALLSPAN_TRUSTED_PROXIES": answers["trusted_proxies"],
        "CALLSPAN_METRIC_TAGS": answers["metric_tags"],
        "CALLSPAN_DATADOG_URL": answers["datadog_url"],
        "DD_SITE": answers["datadog_site"],
        "GENESYSCLOUD_REGION": answers["region"],
    }


def actions(answers: Answers) -> Mapping[str, str]:
    """Return the data actions to import, by file name."""
    return {name: file_text(export) for name, export in exports(CONTRACTS, answers["base_url"]).items()}


def flows(answers: Answers) -> Mapping[str, str]:
    """Return the flows to publish, by file name, with their substitutions filled in."""
    substitutions = {
        "callspan_integration": answers["integration"],
        "queue_name": answers["queue"],
        "datadog_url": datadog_url(answers),
    }
    shipped = {
        flow.name: flow.read_text(encoding="utf-8")
        for flow in files("architect").joinpath("flows").iterdir()
        if flow.name.endswith(".yaml")
    }
    # All at once, so that a value is never taken for a substitution.
    return {
        name: re.sub(r"\{\{(\w+)\}\}", lambda found: substitutions[found[1]], shipped[name]) for name in sorted(shipped)
    }


def terraform_variables(answers: Answers) -> str:
    """Return the variables of the Terraform module, without those that are secret."""
    variables: dict[str, str | bool] = {
        "base_url": answers["base_url"],
        "integration_name": answers["integration"],
        "queue_name": answers["queue"],
        "datadog_url": datadog_url(answers),
        "create_trigger": answers["events"] == "trigger",
    }
    return _assignments(variables)


def terraform_secrets(answers: Answers, credentials: Credentials) -> str:
    """Return those that are."""
    return _assignments({"client_id": answers["client"], "client_secret": credentials[answers["client"]]})


def ignoring_secrets(present: str) -> str:
    """Return a .gitignore that has every line it had, and those that keep secrets out of a repository."""
    missing = [line for line in IGNORED if line not in present.splitlines()]
    separator = "\n" if present and not present.endswith("\n") else ""
    return present + separator + "".join(f"{line}\n" for line in missing)


def _assignments(values: Mapping[str, str | bool]) -> str:
    """Return a .tfvars file, laid out as `terraform fmt` does."""
    width = max(map(len, values))
    return "".join(f"{name:{width}} = {_literal(value)}\n" for name, value in values.items())


def _literal(value: str | bool) -> str:
    """Return a value as HCL writes it; a name may hold what would begin a template there."""
    return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
