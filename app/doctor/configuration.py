"""Whether the service would start with this environment, and whom it would let in."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from app.config import ConfigurationError, Settings
from app.doctor.check import Check
from app.oauth import InvalidTokenError, Tokens
from app.values import SCOPES

CONFIGURATION, TOKENS, CLIENTS = "configuration", "tokens", "clients"
_LIFETIME = 60


def is_given(environ: Mapping[str, str]) -> bool:
    """Tell whether anything of what the service requires is there, so that it may be meant to run here."""
    return any(environ.get(name, "").strip() for name in ("CALLSPAN_CLIENTS", "CALLSPAN_JWT_KEYS"))


def configuration(environ: Mapping[str, str]) -> tuple[list[Check], Settings | None]:
    """Read all settings; every problem is a check of its own."""
    try:
        settings = Settings.from_environ(environ)
    except ConfigurationError as error:
        fix = "Correct it where the service gets its environment, and start the service again."
        return [Check(CONFIGURATION, "failed", problem, fix) for problem in error.problems], None
    names = [field.metadata["name"] for field in dataclasses.fields(Settings)]
    given = sum(bool(environ.get(name, "").strip()) for name in names)
    return [
        Check(CONFIGURATION, "ok", f"the service starts with it: {given} of {len(names)} settings are set")
    ], settings


def tokens(settings: Settings) -> Check:
    """Sign a token with each key in turn, and verify it as the service does."""
    service = Tokens(settings.clients, settings.jwt_keys)
    client = next(iter(settings.clients.values()))
    for key in settings.jwt_keys:
        token = Tokens(settings.clients, (key,)).issue(client, client.scopes, _LIFETIME)
        try:
            service.verify(token)
        except InvalidTokenError as error:
            return Check(
                TOKENS,
                "failed",
                f'a token signed with the key "{key.kid}" is refused: {error}',
                f'Replace "{key.kid}" in CALLSPAN_JWT_KEYS by what `callspan key new` prints.',
            )
    signing, *others = (f'"{key.kid}"' for key in settings.jwt_keys)
    too = f"; {', '.join(others)} verifies tokens issued earlier" if others else ""
    return Check(TOKENS, "ok", f"issued with the key {signing} and verified{too}")


def clients(settings: Settings) -> Check:
    """List who may call what, and see that somebody may call the actions."""
    listed = "; ".join(f"{client.id}: {', '.join(sorted(client.scopes))}" for client in settings.clients.values())
    if not any("actions" in client.scopes for client in settings.clients.values()):
        return Check(
            CLIENTS,
            "warning",
            f"nobody has the scope actions, so every data action is refused ({listed})",
            "Make a client for Genesys Cloud: `callspan client new genesys --scope actions`.",
        )
    unused = [scope for scope in SCOPES if not any(scope in client.scopes for client in settings.clients.values())]
    note = f"; nobody has {', '.join(unused)}" if unused else ""
    return Check(CLIENTS, "ok", listed + note)
