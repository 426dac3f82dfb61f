"""Everything that can be configured: one frozen dataclass, read from the environment once, at start-up.

A problem is never met one at a time: all of them are reported together, in words, and the process does not start.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.genesys.regions import DOMAINS, apps_url
from app.values import (
    Client,
    SigningKey,
    one_of,
    parse_clients,
    parse_credential,
    parse_flag,
    parse_folder,
    parse_header,
    parse_keys,
    parse_metric_tags,
    parse_origins,
    parse_rate,
    parse_secret,
    parse_service_url,
    parse_site,
    parse_storage,
    parse_url,
    whole_number,
)


class ConfigurationError(Exception):
    """The environment does not describe a service that can start; `problems` says why, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Callspan cannot start:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems


REQUIRED = object()


def option(
    name: str, parse: Callable[[str], Any], default: object, doc: str, *, secret: bool = False, empty: object = ""
) -> Any:
    """Declare a setting: its environment variable, its parser, its default as text or REQUIRED, and what it means.

    One that is not set and has "" as its default has the value `empty`.
    """
    metadata = {"name": name, "parse": parse, "default": default, "doc": doc, "empty": empty}
    return dataclasses.field(metadata=metadata, repr=not secret)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process. Build them with `Settings.from_environ`."""

    clients: Mapping[str, Client] = option(
        "CALLSPAN_CLIENTS",
        parse_clients,
        REQUIRED,
        "Who may call, as JSON: client id to the hash of its secret and its scopes. `callspan client new` prints it.",
        secret=True,
    )
    jwt_keys: tuple[SigningKey, ...] = option(
        "CALLSPAN_JWT_KEYS",
        parse_keys,
        REQUIRED,
        "Keys for our tokens, `kid:secret,...`, or 32 random bytes or more without a kid: the first signs, all verify. "
        "`callspan key new` prints one.",
        secret=True,
    )
    token_lifetime: int = option(
        "CALLSPAN_TOKEN_LIFETIME",
        whole_number(60, 31_536_000),
        "86400",
        "Seconds for which a token from `/oauth/token` is good.",
    )
    token_rate_limit: str = option(
        "CALLSPAN_TOKEN_RATE_LIMIT",
        parse_rate,
        "30 per minute",
        "How often one client at one address may ask for a token; one address may do so four times as often in all.",
    )
    rate_limit_storage: str = option(
        "CALLSPAN_RATE_LIMIT_STORAGE",
        parse_storage,
        "memory://",
        "Where those counts are kept: `memory://` for each process on its own, or the `redis://` URL they share.",
        secret=True,
    )
    trusted_proxies: int = option(
        "CALLSPAN_TRUSTED_PROXIES",
        whole_number(0, 5),
        "0",
        "How many proxies in front add to `X-Forwarded-For`; 1 on Heroku.",
    )
    root_span: str = option(
        "CALLSPAN_ROOT_SPAN",
        one_of("start", "events"),
        "start",
        "Who emits a call's root span: `start`, when the call starts; `events`, when its end is reported by an event.",
    )
    refuse_personal_data: bool = option(
        "CALLSPAN_REFUSE_PERSONAL_DATA",
        parse_flag,
        "true",
        "Refuse tags that look like phone numbers, e-mail addresses or payment cards.",
    )
    signature_secret: str = option(
        "CALLSPAN_SIGNATURE_SECRET",
        parse_secret,
        "",
        "A secret shared with a relay that signs events; without it every delivery needs a token.",
        secret=True,
    )
    signature_header: str = option(
        "CALLSPAN_SIGNATURE_HEADER",
        parse_header,
        "X-Hub-Signature-256",
        "The header in which such a relay sends the HMAC-SHA256 of the body, in base64 or hex.",
    )
    signature_timestamp_header: str = option(
        "CALLSPAN_SIGNATURE_TIMESTAMP_HEADER",
        parse_header,
        "",
        "The header in which it sends the time, when it signs that too; what is over 5 minutes old is then refused.",
    )
    metric_tags: tuple[str, ...] = option(
        "CALLSPAN_METRIC_TAGS",
        parse_metric_tags,
        "",
        "Keys of tags that may go on metrics too, `priority,line`. Each adds billable custom metrics; spans have all.",
        empty=(),
    )
    metric_tag_values: int = option(
        "CALLSPAN_METRIC_TAG_VALUES",
        whole_number(1, 1000),
        "100",
        "How many values of a tag are kept apart on metrics; the rest become `other`.",
    )
    journal: Path | None = option(  # noqa: RUF009  ruff knows `option` as a field but for this type
        "CALLSPAN_JOURNAL_DIR",
        parse_folder,
        "",
        "A folder where spans wait until the agent has them, to outlive the service; a temporary one when not set.",
        empty=None,
    )
    log_level: str = option(
        "CALLSPAN_LOG_LEVEL",
        one_of("debug", "info", "warning", "error"),
        "info",
        "The least level that is logged. A line for each request is `info`.",
    )
    datadog_url: str = option(
        "CALLSPAN_DATADOG_URL",
        parse_url,
        "",
        "Where people open Datadog, when it is not the usual address of DD_SITE (an own subdomain).",
    )
    datadog_site: str = option(
        "DD_SITE",
        parse_site,
        "datadoghq.com",
        "The Datadog site, from which links to traces are made.",
    )
    genesys_region: str = option(
        "GENESYSCLOUD_REGION",
        one_of(*DOMAINS),
        "",
        "The region of your Genesys Cloud organisation, such as `eu-central-1`, for links to interactions and writes.",
    )
    frame_ancestors: str = option(
        "CALLSPAN_FRAME_ANCESTORS",
        parse_origins,
        "",
        "Who may frame the widget beside Genesys Cloud's own hosts, such as `https://acme.lightning.force.com`.",
    )
    genesys_client_id: str = option(
        "GENESYSCLOUD_OAUTHCLIENT_ID",
        parse_credential,
        "",
        "The OAuth client that writes attributes there; its role needs `conversation:communication:view`.",
    )
    genesys_client_secret: str = option(
        "GENESYSCLOUD_OAUTHCLIENT_SECRET",
        parse_credential,
        "",
        "The secret of that client.",
        secret=True,
    )
    genesys_url: str = option(
        "CALLSPAN_GENESYS_URL",
        parse_service_url,
        "",
        "Where that region's API and login are reached instead, for a proxy or a test: https, or http on loopback.",
    )
    genesys_rate_limit: int = option(
        "CALLSPAN_GENESYS_RATE_LIMIT",
        whole_number(60, 100_000),
        "280",
        "Requests a minute to Genesys Cloud of all workers here together; it allows an OAuth client 300.",
    )
    workers: int = option(
        "WEB_CONCURRENCY",
        whole_number(1, 512),
        "2",
        "Worker processes of gunicorn, each of which takes its share of that rate.",
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read all settings; a variable that is set to nothing counts as not set.

        Raises:
            ConfigurationError: with every problem there is.

        """
        return cls(**read_settings(environ, [field.name for field in dataclasses.fields(cls)]))

    def trace_url(self, trace_id: str) -> str:
        """Return the address at which Datadog shows a trace (32 hex digits)."""
        return f"{self._datadog}/apm/trace/{trace_id}"

    def search_url(self, conversation_id: str) -> str:
        """Return the address at which Datadog lists the spans of a conversation, of its own trace and of others."""
        return f"{self._datadog}/apm/traces?query={quote(f'@conversation.id:{conversation_id}', safe='')}"

    def interaction_url(self, conversation_id: str) -> str:
        """Return the address at which Genesys Cloud shows a conversation, or "" where the region is not set."""
        if not self.genesys_region:
            return ""
        return f"{apps_url(self.genesys_region)}/directory/#/engage/admin/interactions/{conversation_id}"

    @property
    def _datadog(self) -> str:
        return self.datadog_url or ui_address(self.datadog_site)


def read_settings(environ: Mapping[str, str], wanted: Collection[str]) -> dict[str, Any]:
    """Read some of the settings, by the names of their fields.

    Raises:
        ConfigurationError: with every problem there is with these.

    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field in dataclasses.fields(Settings):
        if field.name not in wanted:
            continue
        name, default = field.metadata["name"], field.metadata["default"]
        text = environ.get(name, "").strip()
        if not text and default is REQUIRED:
            problems.append(f"{name} is not set. {field.metadata['doc']}")
            continue
        try:
            parse, empty = field.metadata["parse"], field.metadata["empty"]
            values[field.name] = parse(text or default) if text or default else empty
        except (ValueError, TypeError) as error:
            problems.append(f"{name} {error}")
    problems += _half_configured(environ)
    if problems:
        raise ConfigurationError(problems)
    return values


_GENESYS_CLIENT = ("GENESYSCLOUD_REGION", "GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET")


def _half_configured(environ: Mapping[str, str]) -> list[str]:
    """Return the problem of a client of Genesys Cloud that lacks a part; the region alone is for links."""
    parts = (*_GENESYS_CLIENT, "CALLSPAN_GENESYS_URL")
    given = [name for name in parts if environ.get(name, "").strip()]
    missing = [name for name in _GENESYS_CLIENT if name not in given]
    if not missing or given in ([], ["GENESYSCLOUD_REGION"]):
        return []
    together = ", ".join(_GENESYS_CLIENT)
    return [f"{', '.join(given)} is set and {', '.join(missing)} is not: set all of {together}, or no client"]


def ui_address(site: str) -> str:
    """Return where people open Datadog for a `DD_SITE` (Datadog, "Getting started with Datadog sites").

    >>> ui_address("datadoghq.eu"), ui_address("us5.datadoghq.com")
    ('https://app.datadoghq.eu', 'https://us5.datadoghq.com')
    """
    return f"https://app.{site}" if site.count(".") == 1 else f"https://{site}"
