"""The contract of `POST /v1/conversations/{conversationId}/attributes`, for systems outside a call's flow.

Unlike a data action's it is not flat: no flow calls it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

PATH = "/v1/conversations/{conversationId}/attributes"
SCOPE = "attributes"

TRACE_ATTRIBUTES = ("traceparent", "dd_trace_id", "dd_trace_url", "callspan_source")
"""What Callspan itself, and every flow it ships, puts on a call."""

MAX_ATTRIBUTES = 50
MAX_VALUE_LENGTH = 256
"""Both are the limits of bot flows (Genesys, "Get Participant Data action"); of voice flows none are documented."""

OUTCOMES = ("persisted", "overwritten", "missing", "kept")
DEFAULT_BUDGET_MS, LEAST_BUDGET_MS, GREATEST_BUDGET_MS = 10_000, 1_000, 20_000
"""Genesys recommends to read back for up to 10 seconds; beyond 25 a worker that is told to end would not wait."""

_NAME = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_. -]{0,98}[A-Za-z0-9_])?", re.ASCII)
_VALUE = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*")
_PARTICIPANT = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


def _at_most_so_many(attributes: Mapping[str, str]) -> None:
    if len(attributes) > MAX_ATTRIBUTES:
        raise ValidationError(f"must be at most {MAX_ATTRIBUTES}.")


def _matches(pattern: re.Pattern[str], message: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        if not pattern.fullmatch(text):
            raise ValidationError(message)

    return check


def _named(kind: str) -> dict[str, Any]:
    return {"invalid": f"must be {kind}.", "null": f"must be {kind}.", "invalid_utf8": "must be valid UTF-8."}


class WriteAttributes(Schema):
    """What is to be written."""

    class Meta:
        """Schema options."""

        unknown = RAISE

    error_messages = {  # noqa: RUF012  as marshmallow declares it
        "unknown": "is not known here; send attributes, force, participantId and budgetMs.",
        "type": "must be a JSON object.",
    }

    attributes = fields.Dict(
        keys=fields.String(
            validate=_matches(
                _NAME, "must be 1 to 100 letters, digits, blanks and _ . -, begin with a letter and end with no blank."
            )
        ),
        values=fields.String(
            validate=[
                _matches(_VALUE, "must be one line of text."),
                validate.Length(max=MAX_VALUE_LENGTH, error=f"must be at most {MAX_VALUE_LENGTH} characters."),
            ],
            error_messages=_named("a string; Genesys Cloud stores no other values"),
        ),
        load_default=dict,
        validate=_at_most_so_many,
        error_messages=_named("an object of strings"),
        metadata={
            "description": f"The attributes to set, by name: strings of at most {MAX_VALUE_LENGTH} characters. Others "
            "stay as they are.",
            "maxProperties": MAX_ATTRIBUTES,
        },
    )
    force = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        error_messages=_named("true or false"),
        metadata={"description": "Set also those names that Callspan gives values itself, which a flow may overwrite."},
    )
    participant_id = fields.String(
        data_key="participantId",
        load_default="",
        validate=_matches(_PARTICIPANT, "must be the id of a participant."),
        error_messages=_named("the id of a participant, as a string"),
        metadata={"description": "The participant to write on, where the conversation leaves it open which one."},
    )
    budget_ms = fields.Integer(
        data_key="budgetMs",
        strict=True,
        load_default=DEFAULT_BUDGET_MS,
        validate=validate.Range(
            LEAST_BUDGET_MS,
            GREATEST_BUDGET_MS,
            error=f"must be from {LEAST_BUDGET_MS} to {GREATEST_BUDGET_MS} milliseconds.",
        ),
        error_messages=_named("a whole number of milliseconds"),
        metadata={"description": "How long the answer may take, reading back included."},
    )

    @validates_schema
    def leaves_the_trace_alone(self, data: Mapping[str, Any], **_: object) -> None:
        """Refuse the names that Callspan gives values itself, unless they are forced."""
        if data["force"]:
            return
        message = "is set by Callspan and by its flows, which overwrite it; leave it out, or send force: true."
        taken = {name: {"value": [message]} for name in data["attributes"] if name in TRACE_ATTRIBUTES}
        if taken:
            raise ValidationError({"attributes": taken})


class PassedOverParticipant(Schema):
    """A participant that was not written on."""

    participant_id = fields.String(metadata={"description": "Its id."})
    purpose = fields.String(metadata={"description": "What it is in the conversation for."})
    reason = fields.String(metadata={"description": "Why it was not written on."})


class AttributeReport(Schema):
    """What became of it."""

    conversation_id = fields.String(metadata={"description": "The conversation."})
    participant_id = fields.String(metadata={"description": "The participant that was written on."})
    reason = fields.String(metadata={"description": "Why that one."})
    passed_over = fields.List(
        fields.Nested(PassedOverParticipant), metadata={"description": "The other participants, and why not those."}
    )
    attributes = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.OneOf(OUTCOMES)),
        metadata={
            "description": "What the last reading showed of each attribute: persisted, overwritten by another value, "
            "missing, or kept, when the call's trace was there already."
        },
    )
    complete = fields.Boolean(metadata={"description": "Whether all of them are persisted or kept."})
    attempts = fields.Integer(metadata={"description": "How often the conversation was read."})
    elapsed_ms = fields.Integer(metadata={"description": "How long it took."})
    trace_id = fields.String(metadata={"description": "The trace that the call is in, 32 hex digits."})
    traceparent = fields.String(metadata={"description": "The W3C traceparent header to send to back ends."})
    trace_url = fields.String(metadata={"description": "Where Datadog shows the trace."})
