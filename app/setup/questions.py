"""What `callspan init` asks: each question is an option of the command, a prompt, and a rule for its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.config import ui_address
from app.genesys.regions import DOMAINS
from app.values import one_of, parse_metric_tags, parse_site, whole_number

Answers = Mapping[str, str]
"""The answer to every question, by its name; "" where there is none."""

EVENTS = ("none", "trigger", "eventbridge")
"""How the events of a conversation reach Callspan."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to know. Without a default it must be answered; one whose default is "" may stay open."""

    name: str
    text: str
    parse: Callable[[str], str]
    default: str | None = None

    @property
    def option(self) -> str:
        """Return the option that answers it."""
        return "--" + self.name.replace("_", "-")

    def answer(self, text: str) -> str:
        """Return the answer as it is kept.

        Raises:
            ValueError: with the end of a sentence that begins with the question's name.

        """
        text = text.strip()
        return self.parse(text) if text or self.default != "" else ""


def _address(text: str) -> str:
    """Read the service's address, to the same rule as the Terraform module: Genesys Cloud calls nothing but https."""
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*/?", text):
        raise ValueError(f'must be an https address such as https://callspan.example.com, not "{text}"')
    return text.rstrip("/")


def _datadog(text: str) -> str:
    """Read where Datadog is opened; the flows and the Terraform module take no path."""
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+/?", text):
        raise ValueError(f'must be an https address without a path, such as https://acme.datadoghq.com, not "{text}"')
    return text.rstrip("/")


def _name(text: str) -> str:
    """Read the name of something in Genesys Cloud, which stands between quotes in a flow."""
    if not 1 <= len(text) <= 256 or not text.isprintable() or '"' in text or "\\" in text or "{{" in text:
        raise ValueError('must have 1 to 256 characters, and no ", \\ or {{ among them')
    return text


def _client(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", text):
        raise ValueError("must be letters, digits, - and _ only")
    return text


def _tag_keys(text: str) -> str:
    return ",".join(parse_metric_tags(text))


def _count(text: str) -> str:
    return str(whole_number(0, 5)(text))


QUESTIONS = (
    Question("region", "AWS region of your Genesys Cloud organisation, such as eu-central-1", one_of(*DOMAINS)),
    Question("base_url", "Address at which Genesys Cloud will reach Callspan", _address),
    Question("queue", "Queue that the flows transfer to; it has to exist", _name),
    Question("integration", "Name of the data actions' integration", _name, "Callspan"),
    Question("client", "Client id of that integration at Callspan", _client, "genesys"),
    Question("events", f"How conversation events arrive: {', '.join(EVENTS)}", one_of(*EVENTS), "none"),
    Question("datadog_site", "Datadog site (DD_SITE)", parse_site, "datadoghq.com"),
    Question("datadog_url", "Own subdomain where Datadog is opened, if any", _datadog, ""),
    Question("metric_tags", "Keys of tags that go on metrics too, such as priority,line, if any", _tag_keys, ""),
    Question("trusted_proxies", "Proxies in front of the service, 1 on Heroku", _count, "1"),
)


def datadog_url(answers: Answers) -> str:
    """Return where people open Datadog."""
    return answers["datadog_url"] or ui_address(answers["datadog_site"])
