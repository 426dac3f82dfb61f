"""Makes what callers sign in with: signing keys, clients' secrets, and the values of the settings that hold them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from werkzeug.security import generate_password_hash

from app.values import Client


def new_key() -> str:
    """Return a signing key as `kid:secret`; the kid is the day it was made, and two bytes of chance."""
    return f"k{datetime.now(UTC):%Y%m%d}{secrets.token_hex(2)}:{secrets.token_urlsafe(32)}"


def new_client_secret() -> tuple[str, str]:
    """Return a client secret of 256 random bits, URL-safe, and the hash to keep of it."""
    secret = secrets.token_urlsafe(32)
    return secret, generate_password_hash(secret)


def new_client(name: str, scopes: Collection[str]) -> tuple[Client, str]:
    """Return a client and its secret."""
    secret, secret_hash = new_client_secret()
    return Client(name, secret_hash, frozenset(scopes)), secret


def clients_text(clients: Mapping[str, Client]) -> str:
    """Return clients as the text of CALLSPAN_CLIENTS, on one line."""
    entries = {each.id: {"secret_hash": each.secret_hash, "scopes": sorted(each.scopes)} for each in clients.values()}
    return json.dumps(entries)
