"""What the text of a setting may be: one parser for each kind.

A parser raises ValueError or TypeError with the end of a sentence that begins with the variable's name. Those of
secrets do not repeat the text.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from limits import parse_many

from app.metrics import TAG_NAMES
from app.tags import RESERVED_KEYS, RESERVED_PREFIXES, normalize

SCOPES = ("actions", "events", "attributes")
"""What a client may be allowed to call; each group of routes asks for one."""

_MAKE_CLIENT = "make one with `callspan client new NAME --scope actions`"
_MAKE_KEY = "make one with `callspan key new`"


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
    """Read `kid:secret,secret`: the first signs, all verify.

    A platform that fills a variable with chance knows no kid, so a secret may stand alone. Its kid is then the start of
    its SHA-256, the same in every process, and says no more about the secret than a token that it signed does.
    """
    keys = []
    for number, item in enumerate(filter(None, (part.strip() for part in text.split(","))), 1):
        kid, colon, secret = item.partition(":") if ":" in item else ("", "", item)
        if colon and not (kid and secret):
            raise ValueError(f"must be a list of kid:secret, or of secrets alone; {_MAKE_KEY}")
        size = len(secret.encode())
        if size < 32:
            # Its kid is not repeated: whoever swapped the two wrote the secret there.
            raise ValueError(f"key {number} is {size} bytes; HS256 needs at least 32; {_MAKE_KEY}")
        keys.append(SigningKey(kid or hashlib.sha256(secret.encode()).hexdigest()[:12], secret.encode()))
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
    """Read an http or https address without its trailing slash; people are shown it, so it holds no password."""
    if "@" in text:
        raise ValueError("must be an address without a name and a password in it, such as https://acme.datadoghq.com")
    if not text.startswith(("https://", "http://")) or any(c.isspace() for c in text):
        raise ValueError(f'must be an address such as https://acme.datadoghq.com, not "{text}"')
    return text.rstrip("/")


_ORIGIN = re.compile(
    r"https://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?", re.ASCII
)


def parse_origins(text: str) -> str:
    """Read the origins of pages, blanks or commas between them, as a source list of a Content-Security-Policy."""
    origins = text.lower().replace(",", " ").split()
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(
                "must be a list of origins such as https://acme.lightning.force.com or https://*.example.com, without "
                f'a path and with https, not "{origin}"'
            )
    return " ".join(origins)


def parse_service_url(text: str) -> str:
    """Read the address of a service that is sent secrets: https, or http on this machine itself."""
    message = "must be an https:// address, or an http:// address on the loopback interface"
    try:
        url = urlsplit(text)
    except ValueError:
        raise ValueError(message) from None
    safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in ("localhost", "127.0.0.1", "::1"))
    if not safe or not url.hostname or url.username or url.query or url.fragment:
        raise ValueError(message)
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


def parse_secret(text: str) -> str:
    """Read a shared secret. The value is not repeated."""
    if len(text.encode()) < 32:
        raise ValueError(
            f"is {len(text.encode())} bytes; HMAC-SHA256 needs at least 32; {_MAKE_KEY} and use its secret"
        )
    return text


def parse_metric_tags(text: str) -> tuple[str, ...]:
    """Read `priority,line`: keys of a user's tags."""
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    for key in keys:
        if key != normalize(key) or not key[0].isalpha() or ":" in key:
            raise ValueError(f'must be keys of tags such as priority,line in lower case; "{key}" is none')
        if key in TAG_NAMES or key in RESERVED_KEYS or key.startswith(RESERVED_PREFIXES):
            raise ValueError(f'names "{key}", which Datadog or Callspan uses itself; choose another key')
    if len(set(keys)) > 20:
        raise ValueError(f"names {len(set(keys))} keys; 20 are the most, for each adds billable metrics")
    return tuple(dict.fromkeys(keys))


def parse_credential(text: str) -> str:
    """Read the id or the secret of a client. The value is not repeated."""
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError("must be letters, digits and signs without blanks, as Genesys Cloud shows it")
    return text


def parse_folder(text: str) -> Path:
    """Read the path of a folder that can be written to."""
    folder = Path(text)
    try:
        usable = folder.is_dir() and os.access(folder, os.W_OK)
    except OSError:  # such as a name that is too long
        usable = False
    if not usable:
        raise ValueError(f'must be a folder that exists and can be written to, not "{text}"')
    return folder


def parse_header(text: str) -> str:
    """Read the name of an HTTP header."""
    if not re.fullmatch(r"[A-Za-z0-9-]+", text):
        raise ValueError(f'must be the name of a header, not "{text}"')
    return text


def parse_rate(text: str) -> str:
    """Read a rate such as `30 per minute`, in the notation of Flask-Limiter."""
    try:
        parse_many(text)
    except ValueError:
        raise ValueError(f'must be a rate such as "30 per minute", not "{text}"') from None
    return text
