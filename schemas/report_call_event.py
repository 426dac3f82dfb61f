"""The contract of Report Call Event, the data action of a trigger's workflow.

Its body is a bare conversation detail event, with all values as text. The same route takes the envelopes that
EventBridge delivers.
"""

from __future__ import annotations

from schemas.contract import Contract, Inputs, Outputs, text_input, text_output


class ReportCallEventInputs(Inputs):
    """What the workflow tells of an event; names are those of the event."""

    conversation_id = text_input(
        "conversationId",
        "The event's conversationId.",
        "8f14e45f-ceea-467f-a34e-7d5c3b2a1908",
        required=True,
    )
    topic = text_input("topic", "The end of the event's topic, such as customer.end.", "customer.end", required=True)
    event_time = text_input(
        "eventTime", "The event's eventTime, in milliseconds since 1970.", "1795368068000", required=True
    )
    participant_id = text_input("participantId", "The event's participantId.", "2f1d6f0e-5c0e-4f0a-9a8c-0c6d2f1b7e55")
    session_id = text_input("sessionId", "The event's sessionId.", "7a0f4c5e-1d2b-4c3a-8e9f-6b5a4d3c2b1a")
    media_type = text_input("mediaType", "The event's mediaType.", "VOICE")
    direction = text_input("direction", "The event's direction.", "INBOUND")
    disconnect_type = text_input("disconnectType", "The event's disconnectType.", "ENDPOINT")
    interacting_duration_ms = text_input("interactingDurationMs", "The event's interactingDurationMs.", "61000")


class ReportCallEventOutputs(Outputs):
    """What is told back."""

    spans = text_output("How many spans the event became.")
    ignored = text_output("Why it became none, when it did.")


REPORT_CALL_EVENT = Contract(
    name="Report Call Event",
    path="/v1/events/genesys",
    summary="Take in a conversation detail event: bare, as an EventBridge envelope, or a list of envelopes.",
    inputs=ReportCallEventInputs(),
    outputs=ReportCallEventOutputs(),
    scope="events",
)
