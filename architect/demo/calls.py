"""The calls of the demo: each is taken, shown and checked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from architect.demo.checks import Checks, indented, table, title
from architect.demo.organization import EventBridge, Organization

FIRST_CALL = "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"
TAGS = "priority:normal,line:sales"
MILESTONES = (("caller identified", "20", "ok"), ("menu left", "", "ok"), ("billing asked", "6", "error"))
"""What the first call's flow records: the milestone, how many milliseconds it took, and how it went."""
TELLINGS = 2


def a_call(organization: Organization, checks: Checks) -> Mapping[str, str]:
    """Take a call, show what Architect sent and got, and return what the call carries in the end."""
    title("A call in the flow architect/flows/inbound-call.yaml")
    transcript = organization.take(FIRST_CALL)
    execution = organization.engine.executions[-1]
    if execution.request is not None:
        print(indented("Architect sent", execution.request.text()))
    print(indented("Architect got", table(execution.outputs)))
    print(indented("Participant data", table(transcript.stored)))
    trace_id = FIRST_CALL.replace("-", "")
    checks.equal("the action took its Success path", transcript.paths("Start Call Trace"), ["success"])
    checks.equal("the call went to its queue in order", transcript.in_order, True)
    checks.equal("the trace id is the conversation id", transcript.stored.get("dd_trace_id"), trace_id)
    own = f"00-{trace_id}-{trace_id[:16]}-01"
    checks.equal("traceparent is on the call", transcript.stored.get("traceparent"), own)
    checks.equal("it came from the service", transcript.stored.get("callspan_source"), "service")
    checks.equal("both tags were accepted", execution.outputs.get("accepted_tags"), TAGS)
    return transcript.stored


def milestones(organization: Organization, checks: Checks, first: Mapping[str, str]) -> None:
    """Record what the first call's flow comes past."""
    title("What happens in the flow: three times the data action Record Call Milestone")
    for milestone, duration_ms, outcome in MILESTONES:
        execution = organization.act(
            "record-call-milestone",
            conversationId=FIRST_CALL,
            traceparent=first["traceparent"],
            milestone=milestone,
            durationMs=duration_ms,
            outcome=outcome,
            tags=TAGS,
        )
        checks.equal(f"recorded: {milestone}, {outcome}", execution.outputs.get("status"), "ok")


def a_retry(organization: Organization, checks: Checks, first: Mapping[str, str]) -> None:
    """Take the same call again, as after a transfer back to the flow."""
    title("The same call, in the flow once more")
    checks.equal("the participant data is the same", organization.take(FIRST_CALL).stored, first)


def its_events(bridge: EventBridge, checks: Checks, began: float) -> None:
    """Deliver what Genesys Cloud tells of the first call, queue, agent, hold, wrap-up and end, mixed up and twice."""
    title("The rest of that call, as Genesys Cloud's events tell it: in mixed order, each twice")
    print("  Nobody waits here for the two minutes that it takes: the events' times are ahead of the clock.")
    statuses = bridge.deliver(FIRST_CALL, began, TELLINGS)
    checks.equal(f"all {len(statuses)} deliveries were taken", set(statuses), {200})


def concurrent_duplicates(organization: Organization, checks: Checks) -> None:
    """Take one call eight times at once."""
    title("Another call, started eight times at once")
    conversation = str(uuid.uuid4())
    with ThreadPoolExecutor(8) as threads:
        transcripts = list(threads.map(organization.take, [conversation] * 8))
    trace_id = conversation.replace("-", "")
    found = {(each.stored.get("traceparent"), each.stored.get("callspan_source")) for each in transcripts}
    checks.equal("all eight got the same traceparent", found, {(f"00-{trace_id}-{trace_id[:16]}-01", "service")})
    requests = [execution.request for execution in organization.engine.executions]
    tokens = {request.headers["Authorization"] for request in requests if request is not None}
    checks.equal("all calls so far used one token", len(tokens), 1)


def a_continued_call(organization: Organization, checks: Checks, first: Mapping[str, str]) -> str:
    """Take a call whose participant came from the first call and brought its traceparent along."""
    title("A call whose participant brought the first call's traceparent along")
    conversation = str(uuid.uuid4())
    transcript = organization.take(conversation, {"traceparent": first["traceparent"]})
    origin = organization.engine.executions[-1].outputs.get("origin")
    checks.equal("it is continued", origin, "continued")
    checks.equal("it stays in the first call's trace", transcript.stored.get("traceparent"), first["traceparent"])
    return conversation


def a_rejected_call(organization: Organization, checks: Checks) -> None:
    """Make the mistake of sending something else as the conversation id."""
    title("The action alone, with the wrong variable as conversationId")
    execution = organization.act("start-call-trace", conversationId="Sales inbound")
    print(f"  error_message: {execution.outputs.get('error_message')}")
    checks.equal("the action still succeeds, so that a voice flow can read why", execution.path, "success")
    checks.equal("the answer says that it is rejected", execution.outputs.get("status"), "rejected")


def without_the_service(organization: Organization, checks: Checks, first: Mapping[str, str]) -> None:
    """Take the first call again when the service is gone."""
    title("The first call once more, with the service stopped")
    transcript = organization.take(FIRST_CALL)
    print(indented("Participant data", table(transcript.stored)))
    checks.equal("the action took its Failure path", transcript.paths("Start Call Trace"), ["failure"])
    checks.equal("the call went to its queue in order", transcript.in_order, True)
    checks.equal("the flow came to the same ids by itself", transcript.stored, {**first, "callspan_source": "flow"})
