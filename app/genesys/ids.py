"""Ids that Genesys Cloud gives: of organisations, queues, sessions and the like. Pure."""

from __future__ import annotations

import re

_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


def identifier(value: object) -> str:
    """Return an id as it came, or "" for what has not the form of one; only ids are passed on unread."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""
