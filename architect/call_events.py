"""Conversation detail events as Genesys Cloud sends them to EventBridge, for a made-up call."""

from __future__ import annotations

from typing import Any


def envelope(kind: str, *, conversation: str, organization: str, time_ms: int, **body: Any) -> dict[str, Any]:
    """Return the envelope of an event of this kind; what personal data real events carry is in it too."""
    return {
        "version": "0",
        "id": "0e8b4b0e-6f0a-4f5b-8d7c-1a2b3c4d5e6f",
        "detail-type": f"v2.detail.events.conversation.{{id}}.{kind}",
        "source": f"aws.partner/genesys.com/cloud/{organization}/callspan",
        "account": "123456789012",
        "time": "2026-11-22T17:21:08Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {
            "topicName": f"v2.detail.events.conversation.{conversation}.{kind}",
            "version": "2",
            "eventBody": {
                "eventTime": time_ms,
                "conversationId": conversation,
                "participantId": "5d6e7f80-9192-4a3b-8c4d-5e6f70819203",
                "sessionId": "9a8b7c6d-5e4f-4a3b-9c2d-1e0f9a8b7c6d",
                "mediaType": "VOICE",
                "direction": "INBOUND",
                "provider": "Edge",
                "ani": "tel:+15551234567",
                "dnis": "tel:+15557654321",
                "addressFrom": "ann@example.com",
                "callbackUserName": "Ann Example",
                "subject": "About my bill",
                **body,
            },
            "metadata": {"CorrelationId": "any string"},
            "timestamp": "2026-11-22T17:21:08.431Z",
        },
    }


CALL_SECONDS = 130
"""How long the call is, with the work after it."""


def call(conversation: str, organization: str, end_ms: int) -> list[dict[str, Any]]:
    """Return all events of a call that waited, was answered, held, and wrapped up, the last at `end_ms`."""
    trace_id = conversation.replace("-", "")

    def at(kind: str, seconds_before_end: float, **body: Any) -> dict[str, Any]:
        time_ms = end_ms - int(seconds_before_end * 1000)
        return envelope(kind, conversation=conversation, organization=organization, time_ms=time_ms, **body)

    return [
        at("customer.start", CALL_SECONDS),
        at("flow.start", CALL_SECONDS, sessionId="flow-1", flowType="INBOUNDCALL"),
        at(
            "flow.end", 120, sessionId="flow-1", flowType="INBOUNDCALL", flowId="f-1", connectedDurationMs=10_000,
            exitReason="TRANSFER", transferType="ACD", disconnectType="TRANSFER",
        ),
        at("flow.outcome", 120, sessionId="flow-1", flowOutcomeId="o-1", flowOutcomeValue="SUCCESS"),
        at("acd.start", 120, sessionId="acd-1", queueId="q-1"),
        at(
            "acd.end", 80, sessionId="acd-1", queueId="q-1", acdOutcome="ANSWERED", usedRouting="STANDARD",
            connectedDurationMs=40_000, disconnectType="TRANSFER",
        ),
        at("user.start", 80, sessionId="user-1", userId="u-1"),
        at(
            "user.end", 15, sessionId="user-1", userId="u-1", queueId="q-1", disconnectType="PEER",
            alertingDurationMs=5_000, interactingDurationMs=50_000, heldDurationMs=10_000,
        ),
        at("customer.end", 15, sessionId="customer-1", disconnectType="ENDPOINT", interactingDurationMs=115_000),
        at(
            "acw", 0, sessionId="user-1", userId="u-1", wrapupCode="w-1", wrapupDurationMs=15_000,
            wrapupNotes="Ann is ill",
        ),
        at(
            "attributes", 0,
            attributes={
                "traceparent": f"00-{trace_id}-{trace_id[:16]}-01", "dd_trace_id": trace_id,
                "callspan_source": "service", "ANI": "+15551234567",
            },
        ),
    ]  # fmt: skip
