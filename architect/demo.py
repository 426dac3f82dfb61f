"""`make demo`: some calls, from the flow's data action to the trace, with nothing simulated but Genesys Cloud itself.

The service runs by its Procfile and sends to Datadog's own test agent. The exported data actions are executed by the
emulator over HTTP. Everything shown is then compared with what it should be; a difference ends the demo with exit
code 1.
"""

from __future__ import annotations

import sys
import tempfile
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from architect.emulator.engine import Engine, Execution
from architect.emulator.export import DataAction
from architect.emulator.participant import ParticipantData
from architect.sandbox import Agent, Credentials, Service, Span, callspan

FIRST_CALL = "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"
ORGANIZATION = "d6f2b1c4-0a4e-4c55-9a0e-3c1b7f5e2a90"
STEP_TIMEOUT_SECONDS = 3


@dataclass
class Flow:
    """What an inbound call flow does with a call: Call Data Action, then Set Participant Data."""

    engine: Engine
    action: DataAction
    executions: list[Execution] = field(default_factory=list)

    def take(self, conversation: str, inputs: Mapping[str, str], call: ParticipantData) -> Execution:
        """Start the call's trace and put the ids on the call, whatever comes of it.

        On the Success path with status ok they are the service's. On any other the flow computes the same ids by
        itself, from the conversation id.
        """
        execution = self.engine.execute(
            self.action, inputs, flow_type="inboundCall", timeout_seconds=STEP_TIMEOUT_SECONDS
        )
        answer = {name: str(value) for name, value in execution.outputs.items()}
        if execution.path == "success" and answer["status"] == "ok":
            call.set("traceparent", answer["traceparent"])
            call.set("dd_trace_id", answer["trace_id"])
            call.set("dd_trace_url", answer["trace_url"])
            call.set("callspan_source", "service")
            for tag in filter(None, answer["accepted_tags"].split(",")):
                key, _, value = tag.partition(":")
                call.set(key, value)
        else:
            trace_id = conversation.replace("-", "")
            call.set("traceparent", f"00-{trace_id}-{trace_id[:16]}-01")
            call.set("dd_trace_id", trace_id)
            call.set("callspan_source", "flow")
        call.end_flow()
        self.executions.append(execution)
        return execution


class Checks:
    """Compares what happened with what was to happen, and remembers whether it ever differed."""

    def __init__(self) -> None:
        self.failed = 0

    def equal(self, claim: str, actual: object, expected: object) -> None:
        """Print the claim, and both values when they differ."""
        if actual == expected:
            print(f"  ok    {claim}")
        else:
            self.failed += 1
            print(f"  WRONG {claim}\n        expected {expected!r}\n        but got  {actual!r}")


def main() -> int:
    """Run the demo and return its exit code."""
    with ExitStack() as stack:
        print("Starting Datadog's test agent and Callspan (gunicorn, by its Procfile) on loopback ports")
        agent = Agent().start()
        stack.callback(agent.stop)
        credentials = Credentials.new()
        service = Service(agent.url, credentials).start()
        stack.callback(service.stop)
        print(f"  agent    {agent.url}\n  callspan {service.url}")

        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        print(f"Exporting the data actions: callspan export --base-url {service.url} --out ...")
        callspan("export", "--base-url", service.url, "--out", str(folder))
        auth = DataAction.load(folder / "callspan-auth.customAuth.json")
        action = DataAction.load(folder / "start-call-trace.custom.json")
        engine = stack.enter_context(
            Engine(auth=auth, credentials=credentials.for_genesys(), organization_id=ORGANIZATION)
        )
        checks = Checks()
        first = take_calls(Flow(engine, action), agent, checks)
    if checks.failed:
        print(f"{checks.failed} of the claims above are wrong")
        return 1
    print("\nEverything above is as it should be. The first call:")
    print(f"conversation {FIRST_CALL}\ntraceparent {first['traceparent']}\ndd_trace_id {first['dd_trace_id']}")
    return 0


def take_calls(flow: Flow, agent: Agent, checks: Checks) -> Mapping[str, str]:
    """Take the calls of the demo, one after the other, check each, and return the first one's participant data."""
    first = a_call_with_tags(flow, checks)
    a_retry(flow, checks, first)
    concurrent_duplicates(flow, checks)
    moved = a_continued_call(flow, checks, first)
    a_rejected_call(flow, checks)

    title("The traces, read back from the agent")
    spans = agent.wait_for_spans(lambda spans: {FIRST_CALL, moved} <= conversations(spans) and len(spans) == 21)
    checks.equal("no payload broke the agent's own checks", agent.failures(), "")
    trace = [span for span in spans if full_trace_id(span) == FIRST_CALL.replace("-", "")]
    tree = {span["span_id"]: span for span in trace}
    print_tree(list(tree.values()))
    root = [span for span in tree.values() if not span.get("parent_id")]
    checks.equal("one root, whose id is the first half", [hex(s["span_id"]) for s in root], ["0x8f14e45fceea467f"])
    checks.equal("the retry repeated its spans' ids: 5 spans, 3 ids", (len(trace), len(tree)), (5, 3))
    checks.equal("each span is kept", {s["metrics"]["_sampling_priority_v1"] for s in trace}, {2})
    tags = {(s["meta"]["call.priority"], s["meta"]["call.line"]) for s in trace if "call.priority" in s["meta"]}
    checks.equal("the call's tags are on its spans", tags, {("high", "sales")})
    names = [s["name"] for s in trace if s["meta"]["conversation.id"] == moved]
    checks.equal("the continued call's span is in this trace", names, ["callspan.start"])
    checks.equal("the rejected call made no span", len(conversations(spans)), 3)
    return first.stored


def a_call_with_tags(flow: Flow, checks: Checks) -> ParticipantData:
    """Take a call and show everything that Architect sent and got."""
    title("A call with two tags")
    call = ParticipantData()
    inputs = {
        "conversationId": FIRST_CALL,
        "flowName": 'Sales "inbound"',
        "channel": "voice",
        "direction": "inbound",
        "tags": "priority:high,line:sales,host:pbx7",
    }
    execution = flow.take(FIRST_CALL, inputs, call)
    if execution.request is not None:
        print(indented("Architect sent", execution.request.text()))
    print(indented("Architect got", "\n".join(f"{name:17} {value}" for name, value in execution.outputs.items())))
    print(indented("Participant data", "\n".join(f"{name:17} {value}" for name, value in call.stored.items())))
    trace_id = FIRST_CALL.replace("-", "")
    checks.equal("the flow took its Success path", execution.path, "success")
    checks.equal("the trace id is the conversation id", call.get("dd_trace_id"), trace_id)
    checks.equal("traceparent is on the call", call.get("traceparent"), f"00-{trace_id}-{trace_id[:16]}-01")
    checks.equal("two tags were accepted", execution.outputs.get("accepted_tags"), "priority:high,line:sales")
    checks.equal(
        "one was rejected, with its reason",
        execution.outputs.get("rejected_tags"),
        "tag 3 (host): is reserved for Datadog or Callspan, choose another key",
    )
    return call


def a_retry(flow: Flow, checks: Checks, first: ParticipantData) -> None:
    """Start the same call again, as a flow may after a timeout."""
    title("The same call, started once more")
    call = ParticipantData()
    inputs = {
        "conversationId": FIRST_CALL,
        "channel": "voice",
        "direction": "inbound",
        "tags": "priority:high,line:sales",
    }
    flow.take(FIRST_CALL, inputs, call)
    checks.equal("the participant data is the same", call.stored, first.stored)


def concurrent_duplicates(flow: Flow, checks: Checks) -> None:
    """Start one call eight times at once."""
    title("Another call, started eight times at once")
    conversation = str(uuid.uuid4())
    with ThreadPoolExecutor(8) as threads:
        executions = list(
            threads.map(
                lambda _: flow.take(conversation, {"conversationId": conversation}, ParticipantData()), range(8)
            )
        )
    answers = {execution.outputs.get("traceparent") for execution in executions}
    trace_id = conversation.replace("-", "")
    checks.equal("all eight got the same traceparent", answers, {f"00-{trace_id}-{trace_id[:16]}-01"})
    tokens = {execution.request.headers["Authorization"] for execution in flow.executions if execution.request}
    checks.equal("all calls so far used one token", len(tokens), 1)


def a_continued_call(flow: Flow, checks: Checks, first: ParticipantData) -> str:
    """Take a call whose participant came from the first call and brought its traceparent along."""
    title("A consult call that carries the first call's traceparent")
    conversation = str(uuid.uuid4())
    call = ParticipantData()
    execution = flow.take(
        conversation, {"conversationId": conversation, "traceparent": first.get("traceparent") or ""}, call
    )
    checks.equal("it is continued", execution.outputs.get("origin"), "continued")
    checks.equal("it stays in the first call's trace", call.get("traceparent"), first.get("traceparent"))
    return conversation


def a_rejected_call(flow: Flow, checks: Checks) -> None:
    """Make the mistake of sending something else as the conversation id."""
    title("A flow that sends the wrong variable as conversationId")
    conversation = str(uuid.uuid4())
    call = ParticipantData()
    execution = flow.take(conversation, {"conversationId": "Sales inbound"}, call)
    print(f"  error_message: {execution.outputs.get('error_message')}")
    trace_id = conversation.replace("-", "")
    checks.equal("the flow still took its Success path", execution.path, "success")
    checks.equal("the answer says that it is rejected", execution.outputs.get("status"), "rejected")
    checks.equal("the flow tagged the call by itself", call.get("traceparent"), f"00-{trace_id}-{trace_id[:16]}-01")
    checks.equal("and says so on the call", call.get("callspan_source"), "flow")


def conversations(spans: list[Span]) -> set[str]:
    """Return the ids of the conversations that the spans belong to."""
    return {span["meta"]["conversation.id"] for span in spans}


def full_trace_id(span: Span) -> str:
    """Return a span's 128-bit trace id, whose high half Datadog carries as a tag."""
    return f"{span['meta']['_dd.p.tid']}{span['trace_id']:016x}"


def print_tree(spans: list[Span], parent: int = 0, depth: int = 1) -> None:
    """Print the spans under a parent, each under its own."""
    for span in (span for span in spans if (span.get("parent_id") or 0) == parent):
        tags = " ".join(f"{k}={v}" for k, v in sorted(span["meta"].items()) if k.startswith("call."))
        conversation = span["meta"]["conversation.id"]
        name = "  " * depth + f"{span['name']} ({span['service']})"
        print(f"{name:38} span {span['span_id']:016x}  conversation {conversation}  {tags}")
        print_tree(spans, span["span_id"], depth + 1)


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}")


def indented(heading: str, text: str) -> str:
    """Return a text under a heading, indented."""
    return f"  {heading}:\n" + "\n".join(f"    {line}" for line in text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
