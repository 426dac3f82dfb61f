"""Everything that can be configured: one frozen dataclass, read from the environment once, at start-up.

A problem is never met one at a time: all of them are reported together, in words, and the process does not start.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from limits import parse_many

SCOPES = ("actions", "events", "attributes")
"""What a client may be allowed to call; each group of routes asks for one."""

_MAKE_CLIENT = "make one with `callspan client new NAME --scope actions`"
_MAKE_KEY = "make one with `callspan key new`"


class ConfigurationError(Exception):
    """The environment does not describe a service that can start; `problems` says why, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Callspan cannot start:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who may ask for a token."""

    id: str
    secret_hash: str = dataclasses.field(repr=False)
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs or verifies our tokens; `kid` names it in the token's header."""

    kid: str
    secret: bytes = dataclasses.field(repr=False)


def parse_clients(text: str) -> Mapping[str, Client]:
    """Read `{"genesys": {"secret_hash": "scrypt:...", "scopes": ["actions"]}}`."""
    try:
        entries = json.loads(text)
    except ValueError:
        raise ValueError(f"is not JSON; {_MAKE_CLIENT} and use what it prints") from None
    if not isinstance(entries, dict) or not entries:
        raise ValueError(f"must be a JSON object with at least one client; {_MAKE_CLIENT}")
    return {client_id: _parse_client(client_id, entry) for client_id, entry in entries.items()}


def _parse_client(client_id: str, entry: object) -> Client:
    if not isinstance(entry, dict) or not isinstance(entry.get("secret_hash"), str):
        raise TypeError(f'client "{client_id}" needs a "secret_hash"; {_MAKE_CLIENT}')
    method, _, rest = entry["secret_hash"].partition("$")
    if method.partition(":")[0] not in ("scrypt", "pbkdf2") or rest.count("$") != 1:
        raise ValueError(f'client "{client_id}": "secret_hash" is not a hash made by Callspan; {_MAKE_CLIENT}')
    scopes = entry.get("scopes")
    if not isinstance(scopes, list) or not scopes or not set(map(str, scopes)) <= set(SCOPES):
        raise ValueError(f'client "{client_id}": "scopes" must be a list of some of {", ".join(SCOPES)}')
    return Client(client_id, entry["secret_hash"], frozenset(scopes))


def parse_keys(text: str) -> tuple[SigningKey, ...]:
    """Read `kid:secret,kid:secret`: the first signs, all verify."""
    keys = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        kid, _, secret = item.partition(":")
        if not kid or not secret:
            raise ValueError(f"must be a list of kid:secret; {_MAKE_KEY}")
        if len(secret.encode()) < 32:
            raise ValueError(f'key "{kid}" is {len(secret.encode())} bytes; HS256 needs at least 32; {_MAKE_KEY}')
        keys.append(SigningKey(kid, secret.encode()))
    if not keys:
        raise ValueError(f"has no key; {_MAKE_KEY}")
    if len({key.kid for key in keys}) < len(keys):
        raise ValueError("names two keys alike; give each its own kid")
    return tuple(keys)


def parse_flag(text: str) -> bool:
    """Read `true` or `false`, also as 1/0, yes/no, on/off."""
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    if text.lower() not in words:
        raise ValueError(f'must be true or false, not "{text}"')
    return words[text.lower()]


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Return a parser of whole numbers within bounds, both included."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
            raise ValueError(f'must be a whole number from {low} to {high}, not "{text}"')
        return int(text)

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    """Return a parser of one word out of a few."""

    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f'must be one of {", ".join(words)}, not "{text}"')
        return text.lower()

    return parse


def parse_url(text: str) -> str:
    """Read an http or https address without its trailing slash."""
    if not text.startswith(("https://", "http://")) or any(c.isspace() for c in text):
        raise ValueError(f'must be an address such as https://acme.datadoghq.com, not "{text}"')
    return text.rstrip("/")


def parse_site(text: str) -> str:
    """Read a Datadog site, such as `datadoghq.eu`."""
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", text):
        raise ValueError(f'must be a host name such as datadoghq.eu, not "{text}"')
    return text


def parse_storage(text: str) -> str:
    """Read where rate limits are counted. The value is not repeated: it may hold a password."""
    if text != "memory://" and not text.startswith(("redis://", "rediss://")):
        raise ValueError("must be memory:// or a redis:// URL")
    return text


def parse_rate(text: str) -> str:
    """Read a rate such as `30 per minute`, in the notation of Flask-Limiter."""
    try:
        parse_many(text)
    except ValueError:
        raise ValueError(f'must be a rate such as "30 per minute", not "{text}"') from None
    return text


REQUIRED = object()


def option(name: str, parse: Callable[[str], Any], default: object, doc: str, *, secret: bool = False) -> Any:
    """Declare a setting: its environment variable, its parser, its default as text or REQUIRED, and what it means."""
    metadata = {"name": name, "parse": parse, "default": default, "doc": doc}
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
        "Keys for our tokens, `kid:secret,...`: the first signs, all verify. `callspan key new` prints one.",
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

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read all settings; a variable that is set to nothing counts as not set.

        Raises:
            ConfigurationError: with every problem there is.

        """
        values: dict[str, object] = {}
        problems: list[str] = []
        for field in dataclasses.fields(cls):
            name, default = field.metadata["name"], field.metadata["default"]
            text = environ.get(name, "").strip()
            if not text and default is REQUIRED:
                problems.append(f"{name} is not set. {field.metadata['doc']}")
                continue
            try:
                values[field.name] = field.metadata["parse"](text or default) if text or default else ""
            except (ValueError, TypeError) as error:
                problems.append(f"{name} {error}")
        if problems:
            raise ConfigurationError(problems)
        return cls(**values)  # type: ignore[arg-type]

    def trace_url(self, trace_id: str) -> str:
        """Return the address at which Datadog shows a trace (32 hex digits)."""
        return f"{self.datadog_url or ui_address(self.datadog_site)}/apm/trace/{trace_id}"


def ui_address(site: str) -> str:
    """Return where people open Datadog for a `DD_SITE` (Datadog, "Getting started with Datadog sites").

    >>> ui_address("datadoghq.eu"), ui_address("us5.datadoghq.com")
    ('https://app.datadoghq.eu', 'https://us5.datadoghq.com')
    """
    return f"https://app.{site}" if site.count(".") == 1 else f"https://{site}"
