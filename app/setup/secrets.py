"""What is made once and never again: the signing key, and the clients with their secrets.

The service's environment has a client's hash, from which the secret cannot be had back; so secrets are kept in a file
of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from werkzeug.security import generate_password_hash

from app.credentials import clients_text, new_client, new_key
from app.setup.questions import Answers
from app.values import Client, parse_clients

Environment = Mapping[str, str]
Credentials = Mapping[str, str]
"""A client's secret by its id."""

EVENTBRIDGE = "eventbridge"


class LostSecretError(Exception):
    """A client whose secret is not in the file of secrets any more."""


def clients_of(answers: Answers) -> dict[str, frozenset[str]]:
    """Return the scopes of each client that the answers ask for."""
    actions = {"actions", "events"} if answers["events"] == "trigger" else {"actions"}
    wanted = {answers["client"]: frozenset(actions)}
    if answers["events"] == EVENTBRIDGE:
        wanted[EVENTBRIDGE] = frozenset({"events"}) | wanted.get(EVENTBRIDGE, frozenset())
    return wanted


def with_secrets(
    answers: Answers, environment: Environment, credentials: Credentials
) -> tuple[Environment, Credentials]:
    """Return both with what is missing made, and what is there kept.

    A client that was there gets the scopes of the answers; one that the answers do not name stays as it is, so that it
    can sign in until somebody takes it out.

    Raises:
        LostSecretError: for a client whose hash is known and whose secret is not.
        ValueError, TypeError: when CALLSPAN_CLIENTS cannot be read.

    """
    present = environment.get("CALLSPAN_CLIENTS", "")
    clients = dict(parse_clients(present)) if present else {}
    kept = dict(credentials)
    for name, scopes in clients_of(answers).items():
        if name in clients and name not in kept:
            raise LostSecretError(name)
        if name in clients:
            clients[name] = Client(name, clients[name].secret_hash, scopes)
        elif name in kept:
            clients[name] = Client(name, generate_password_hash(kept[name]), scopes)
        else:
            clients[name], kept[name] = new_client(name, scopes)
    made = {
        "CALLSPAN_CLIENTS": clients_text(clients),
        "CALLSPAN_JWT_KEYS": environment.get("CALLSPAN_JWT_KEYS") or new_key(),
    }
    return {**environment, **made}, kept


def read_credentials(text: str) -> Credentials:
    """Read `{"genesys": {"clientId": "genesys", "clientSecret": "..."}}`. Raises ValueError, KeyError, TypeError."""
    return {name: str(fields["clientSecret"]) for name, fields in json.loads(text).items()}


def credentials_text(credentials: Credentials) -> str:
    """Return the same, with the fields named as in the credential of Genesys Cloud."""
    fields = {name: {"clientId": name, "clientSecret": secret} for name, secret in credentials.items()}
    return json.dumps(fields, indent=2) + "\n"
