"""What is answered of a conversation that is looked up: the forms of its ids, and links to it."""

from __future__ import annotations

from marshmallow import Schema, fields


def text(description: str) -> fields.String:
    """Declare a field, which is always there."""
    return fields.String(required=True, metadata={"description": description})


class Conversation(Schema):
    """A conversation: every field, always, each a string."""

    conversation_id = text("The conversation id, with dashes, in lower case.")
    trace_id = text("Its trace's id, 32 hex digits.")
    trace_id_decimal = text("The low 64 bits of the trace id in decimal, as older Datadog tools show it.")
    span_id = text("The id of the trace's root span, 16 hex digits.")
    span_id_decimal = text("The same in decimal.")
    traceparent = text("The W3C header that makes a request part of the trace.")
    tracestate = text("The W3C header to send beside it.")
    x_datadog_trace_id = text("Datadog's header x-datadog-trace-id, for tracers that do not read the W3C's.")
    x_datadog_parent_id = text("Datadog's header x-datadog-parent-id.")
    x_datadog_sampling_priority = text("Datadog's header x-datadog-sampling-priority.")
    x_datadog_tags = text("Datadog's header x-datadog-tags, with the first half of the trace id.")
    trace_url = text("Where Datadog shows the trace.")
    search_url = text("Where Datadog lists all spans of the conversation.")
    interaction_url = text("Where Genesys Cloud shows the interaction; empty where GENESYSCLOUD_REGION is not set.")
    recognised_as = text("The form in which the id was given.")
    doubt = text("Why it may not be a conversation's id after all, or empty.")


CONVERSATION = Conversation()
