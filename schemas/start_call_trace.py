"""The contract of Start Call Trace, the data action that a call flow begins with."""

from __future__ import annotations

from schemas.contract import Contract, Inputs, Outputs, text_input, text_output


class StartCallTraceInputs(Inputs):
    """What the flow tells of a call."""

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
    channel = text_input("channel", "voice, message, email, chat or callback.", "voice")
    direction = text_input("direction", "inbound or outbound.", "inbound")
    queue_name = text_input("queueName", "The queue the call is meant for, for the span.", "Sales")
    tags = text_input(
        "tags", "Up to 20 tags of your own, as key:value with commas between.", "priority:high,line:sales"
    )


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
