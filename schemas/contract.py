"""What every data action's contract has in common.

Genesys Cloud flattens contracts, drops null inputs, takes no null outputs and shows voice flows nothing of a failed
call. So a contract is a flat object of strings: inputs may be left out, outputs are always there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validates_schema


class Inputs(Schema):
    """What a data action sends: unknown fields are ignored, and null counts as left out, as Genesys treats it."""

    class Meta:
        """Schema options."""

        unknown = EXCLUDE

    @pre_load
    def drop_nulls(self, data: Mapping[str, Any], **_: object) -> dict[str, Any]:
        """Leave out what is null."""
        return {name: value for name, value in data.items() if value is not None}

    @validates_schema
    def required_is_not_blank(self, data: Mapping[str, str], **_: object) -> None:
        """Take a blank text for a required input as missing: Architect sends one for a variable that is not set."""
        for name, field in self.fields.items():
            if field.required and not data.get(name, "").strip():
                raise ValidationError(field.error_messages["required"], str(field.data_key))


class Outputs(Schema):
    """What a data action gets: every field, always, each a string."""

    status = fields.String(
        metadata={"description": "ok, or rejected when an input has to be put right, which error_message then names."}
    )
    error_code = fields.String(
        dump_default="",
        metadata={"description": "Why the call was rejected, as one of a few fixed words; empty when ok."},
    )
    error_message = fields.String(
        dump_default="",
        metadata={"description": "The same for a person: the input, what is wrong, what would be right."},
    )


def text_input(name: str, description: str, example: str, *, required: bool = False) -> fields.String:
    """Declare an input, by the name it has in Architect. An optional one that is left out is the empty string."""
    messages: dict[str, str | list[Any] | dict[Any, Any]] = {
        "required": f"is required. {description}",
        "invalid": f"must be a string, such as {example}.",
        "invalid_utf8": "must be valid UTF-8.",
    }
    metadata = {"description": description, "example": example}
    if required:
        return fields.String(data_key=name, required=True, error_messages=messages, metadata=metadata)
    return fields.String(data_key=name, load_default="", error_messages=messages, metadata=metadata)


def text_output(description: str) -> fields.String:
    """Declare an output. It is the empty string in a rejection."""
    return fields.String(dump_default="", metadata={"description": description})


class CallInputs(Inputs):
    """What every action is told: which call, and the trace that it was found to be in."""

    conversation_id = text_input(
        "conversationId",
        "The conversation's id: Call.ConversationId, Message.ConversationId and so on.",
        "8f14e45f-ceea-467f-a34e-7d5c3b2a1908",
        required=True,
    )
    traceparent = text_input(
        "traceparent",
        "What Get Participant Data found under traceparent; the call then stays in that trace.",
        "00-8f14e45fceea467fa34e7d5c3b2a1908-8f14e45fceea467f-01",
    )
    flow_name = text_input("flowName", "The flow's name, for the span.", "Sales inbound")
    tags = text_input(
        "tags", "Up to 20 tags of your own, as key:value with commas between.", "priority:high,line:sales"
    )


class SpanInputs(CallInputs):
    """What is told of something that is over by now."""

    outcome = text_input("outcome", "ok or error; ok when left out. An error is marked on the span.", "ok")
    duration_ms = text_input(
        "durationMs", "How long it took until now, in whole milliseconds, at most 18 hours.", "1500"
    )


class SpanOutputs(Outputs):
    """What is told back of the span that was recorded."""

    trace_id = text_output("The id of the trace it is in, 32 hex digits.")
    span_id = text_output("Its own id, 16 hex digits.")
    accepted_tags = text_output("The tags that were kept, in the form Datadog shows.")
    rejected_tags = text_output("The tags that were not, each with the reason.")


@dataclass(frozen=True)
class Contract:
    """A data action: its name in Genesys Cloud, where it posts to with which scope, and the sides of its contract."""

    name: str
    path: str
    summary: str
    inputs: Inputs
    outputs: Outputs
    scope: str = "actions"

    def input_names(self) -> dict[str, fields.Field[Any]]:
        """Return the inputs by the names they have in Architect."""
        return {field.data_key or name: field for name, field in self.inputs.fields.items()}
