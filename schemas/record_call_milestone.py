"""The contract of Record Call Milestone, the data action for whatever is worth seeing on the way."""

from __future__ import annotations

from schemas.contract import Contract, SpanInputs, SpanOutputs, text_input


class RecordCallMilestoneInputs(SpanInputs):
    """What the flow tells of a milestone."""

    milestone = text_input(
        "milestone",
        "What happened, in a few fixed words: the span's resource.",
        "caller identified",
        required=True,
    )


class RecordCallMilestoneOutputs(SpanOutputs):
    """What is told back."""


RECORD_CALL_MILESTONE = Contract(
    name="Record Call Milestone",
    path="/v1/actions/record-milestone",
    summary="Add a span to a call's trace for something that just happened.",
    inputs=RecordCallMilestoneInputs(),
    outputs=RecordCallMilestoneOutputs(),
)
