"""Conversation detail events of the tests' conversation and organisation."""

from __future__ import annotations

from typing import Any

from architect import call_events
from tests.conftest import CONVERSATION

ORGANIZATION = "11111111-2222-4333-8444-555555555555"
NOW_MS = 1_795_368_068_000


def envelope(kind: str, *, conversation: str = CONVERSATION, time_ms: int = NOW_MS, **body: Any) -> dict[str, Any]:
    return call_events.envelope(kind, conversation=conversation, organization=ORGANIZATION, time_ms=time_ms, **body)


def call(conversation: str, end_ms: int) -> list[dict[str, Any]]:
    return call_events.call(conversation, ORGANIZATION, end_ms)
