"""What is left to do once the files are written."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from app.genesys.regions import apps_url
from app.setup.questions import Answers
from app.setup.rendering import CREDENTIALS, ENVIRONMENT, TERRAFORM_SECRETS
from app.setup.secrets import EVENTBRIDGE


def checklist(answers: Answers, folder: Path) -> str:
    """Return the steps as text for a terminal."""
    tags = f" --metric-tags {answers['metric_tags']}" if answers["metric_tags"] else ""
    steps = [
        _service(folder),
        f"Open {answers['base_url']}/readyz: `agent_reachable` is true once spans can leave.",
        _integration(answers, folder),
        (
            f"Publish the flows you want of {folder / 'flows'}, the common module first (docs/import.md). The queue\n"
            f'"{answers["queue"]}" has to exist. If you used Terraform, two of them are published.'
        ),
        _EVENTS[answers["events"]].format(base_url=answers["base_url"], folder=folder),
        (
            "Give Datadog its dashboard, monitors and retention filters (docs/monitoring.md). Without a filter, the\n"
            "link on most calls leads nowhere after 15 minutes.\n"
            f"  callspan monitoring{tags} --out {quote(str(folder / 'monitoring'))}"
        ),
    ]
    return "Left to do:\n" + "\n".join(_item(step) for step in steps if step)


_EVENTS = {
    "none": "",
    "trigger": (
        "Publish {folder}/flows/conversation-ended.workflow.yaml, and add a trigger for it on\n"
        "v2.detail.events.conversation.{{id}}.customer.end. If you used Terraform, both are there."
    ),
    EVENTBRIDGE: (
        "In AWS make an API destination for {base_url}/v1/events/genesys, whose connection\n"
        "is OAuth client credentials at {base_url}/oauth/token with the fields of\n"
        f'"{EVENTBRIDGE}" in {{folder}}/{CREDENTIALS}; in Genesys Cloud, the Amazon EventBridge Source integration.'
    ),
}


def _item(step: str) -> str:
    first, *others = step.splitlines()
    return "\n".join([f"  [ ] {first}", *(f"      {line}" for line in others)])


def _service(folder: Path) -> str:
    return (
        f"Deploy the service with the environment in {folder / ENVIRONMENT} (docs/deploy.md). On Heroku:\n"
        f"  tr '\\n' '\\0' < {quote(str(folder / ENVIRONMENT))} | xargs -0 heroku config:set > /dev/null"
    )


def _integration(answers: Answers, folder: Path) -> str:
    files = [(folder / name).resolve() for name in ("terraform.tfvars", TERRAFORM_SECRETS)]
    variables = " ".join(f"-var-file={quote(str(file))}" for file in files)
    return (
        f'Make the integration "{answers["integration"]}" in {apps_url(answers["region"])}. With Terraform, in\n'
        f"architect/terraform, with GENESYSCLOUD_REGION={answers['region']} and an OAuth client of its own:\n"
        f"  terraform init && terraform apply {variables}\n"
        f'Or by hand: a credential of type User Defined (OAuth) with the fields of "{answers["client"]}" in\n'
        f"{folder / CREDENTIALS}, and the actions in {folder / 'actions'} imported."
    )
