"""Real events: each is taken in, passed over or refused, for a stated reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from app.genesys.events import Event, read_events

# The ids in these files were replaced by words, so the stated reason for most is that the conversation id is none.
NO_CONVERSATION_ID = "conversationId is not a conversation id"


def verdict(payload: object) -> str:
    (found,) = read_events(payload)
    return found.kind if isinstance(found, Event) else "passed over" if found is None else str(found)


def test_every_sample_is_taken_in_or_refused_for_a_stated_reason(sample: Callable[[str], Path]) -> None:
    files = sorted(sample("events").glob("genesys-*.json")) + sorted(sample("events").glob("lakehouse__*.json"))
    verdicts = {file.name: verdict(json.loads(file.read_text())) for file in files}
    assert len(verdicts) == 13
    assert verdicts.pop("genesys-blog__trigger-test-body-customer.end.json").startswith("topic is required")
    for name in ("OAuthClientDelete", "UserPresenceChange", "aws-event-bridge-non-conversation-event"):
        assert verdicts.pop(f"genesys-blueprint__{name}.json") == "passed over"
    assert all(reason.startswith(NO_CONVERSATION_ID) or "." in reason for reason in verdicts.values()), verdicts


def test_a_real_event_with_a_real_conversation_id_is_taken_in(sample: Callable[[str], Path]) -> None:
    for file in sorted(sample("events").glob("lakehouse__*.json")):
        envelope = json.loads(file.read_text())
        envelope["detail"]["eventBody"]["conversationId"] = "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"
        (event,) = read_events(envelope)
        assert isinstance(event, Event)
        assert file.name == f"lakehouse__{event.kind}.json"
