"""The contract of Start Call Trace, the data action that a call flow begins with."""

from __future__ import annotations

from schemas.contract import CallInputs, Contract, Outputs, text_input, text_output


class StartCallTraceInputs(CallInputs):
    """What the flow tells of a call."""

    channel = text_input("channel", "voice, message, email, chat or callback.", "voice")
    direction = text_input("direction", "inbound or outbound.", "inbound")
    queue_name = text_input("queueName", "The queue the call is meant for, for the span.", "Sales")


class StartCallTraceOutputs(Outputs):
    """What the flow puts on the call and passes on."""

    trace_id = text_output("The trace's id, 32 hex digits: the conversation id without its dashes.")
    trace_id_decimal = text_output("The low 64 bits of the trace id in decimal, as older Datadog tools show it.")
    span_id = text_output("The id of the span to be parent of what follows, 16 hex digits.")
    span_id_decimal = text_output("The same in decimal.")
    traceparent = text_output("The W3C traceparent header to send to back ends.")
    tracestate = text_output("The W3C tracestate header to send beside it, so that Datadog keeps the trace.")
    trace_url = text_output("Where Datadog shows the trace.")
    origin = text_output("minted, or continued when the call was in another trace already.")
    accepted_tags = text_output("The tags that were kept, in the form Datadog shows.")
    rejected_tags = text_output("The tags that were not, each with the reason.")


START_CALL_TRACE = Contract(
    name="Start Call Trace",
    path="/v1/actions/start-call-trace",
    summary="Put a call in its Datadog trace and return the ids to store on it.",
    inputs=StartCallTraceInputs(),
    outputs=StartCallTraceOutputs(),
)
