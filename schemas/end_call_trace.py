"""The contract of End Call Trace, the data action of a flow that ends the call by itself."""

from __future__ import annotations

from schemas.contract import Contract, SpanInputs, SpanOutputs


class EndCallTraceInputs(SpanInputs):
    """What the flow tells of the end."""


class EndCallTraceOutputs(SpanOutputs):
    """What is told back."""


END_CALL_TRACE = Contract(
    name="End Call Trace",
    path="/v1/actions/end-call-trace",
    summary="Add a span to a call's trace for its end inside the flow.",
    inputs=EndCallTraceInputs(),
    outputs=EndCallTraceOutputs(),
)
