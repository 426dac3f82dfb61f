"""`make demo`: some calls, from the flow to the trace, with nothing simulated but Genesys Cloud itself.

The service runs by its Procfile and sends to Datadog's own test agent. `architect/flows/inbound-call.yaml` is run by
the emulator of Architect, its data action executed over HTTP from the exported file. Everything shown is then compared
with what it should be; a difference ends the demo with exit code 1.
"""

from __future__ import annotations

import sys
import tempfile
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from architect.emulator.engine import Engine, Execution
from architect.emulator.export import DataAction
from architect.runner import Reply, Scenario, Transcript, load_flow, run_flow
from architect.runner.examples import SUBSTITUTIONS
from architect.sandbox import Agent, Credentials, Service, Span, callspan

FLOW = Path(__file__).parent / "flows" / "inbound-call.yaml"
FIRST_CALL = "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"
ORGANIZATION = "d6f2b1c4-0a4e-4c55-9a0e-3c1b7f5e2a90"


class ListeningEngine(Engine):
    """An engine that keeps what it executed, so that it can be shown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.executions: list[Execution] = []

    def execute(self, *arguments: Any, **options: Any) -> Execution:
        """Execute an action, and keep what went over the wire."""
        execution = super().execute(*arguments, **options)
        self.executions.append(execution)
        return execution


class Organization:
    """A Genesys Cloud organisation that has imported our actions and our inbound call flow."""

    def __init__(self, engine: ListeningEngine, actions: Path) -> None:
        self.engine = engine
        self._actions = actions
        self._flow = load_flow(FLOW, SUBSTITUTIONS)

    def take(self, conversation: str, participant_data: Mapping[str, str] | None = None) -> Transcript:
        """Take a call: run the flow from its arrival to the queue."""
        scenario = Scenario(
            conversation_id=conversation,
            participant_data=participant_data or {},
            substitutions=SUBSTITUTIONS,
            replies={"*": (Reply("http"),)},
            actions=self._actions,
        )
        return run_flow(self._flow, scenario, engine=self.engine)

    def test(self, **inputs: str) -> Execution:
        """Run Start Call Trace alone, as Architect's test pane does."""
        action = DataAction.load(self._actions / "start-call-trace.custom.json")
        return self.engine.execute(action, inputs, flow_type="inboundCall")


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
        engine = ListeningEngine(auth=auth, credentials=credentials.for_genesys(), organization_id=ORGANIZATION)
        organization = Organization(stack.enter_context(engine), folder)
        checks = Checks()
        first = take_calls(organization, agent, service, checks)
    if checks.failed:
        print(f"{checks.failed} of the claims above are wrong")
        return 1
    print("\nEverything above is as it should be. The first call:")
    print(f"conversation {FIRST_CALL}\ntraceparent {first['traceparent']}\ndd_trace_id {first['dd_trace_id']}")
    return 0


def take_calls(organization: Organization, agent: Agent, service: Service, checks: Checks) -> Mapping[str, str]:
    """Take the calls of the demo, one after the other, check each, and return the first one's participant data."""
    first = a_call(organization, checks)
    a_retry(organization, checks, first)
    concurrent_duplicates(organization, checks)
    moved = a_continued_call(organization, checks, first)
    a_rejected_call(organization, checks)

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
    tags = {(s["meta"]["call.priority"], s["meta"]["call.line"]) for s in trace}
    checks.equal("the call's tags are on its spans", tags, {("normal", "sales")})
    names = [s["name"] for s in trace if s["meta"]["conversation.id"] == moved]
    checks.equal("the continued call's span is in this trace", names, ["callspan.start"])
    checks.equal("the rejected call made no span", len(conversations(spans)), 3)

    without_the_service(organization, checks, service, first)
    return first


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
    checks.equal("both tags were accepted", execution.outputs.get("accepted_tags"), "priority:normal,line:sales")
    return transcript.stored


def a_retry(organization: Organization, checks: Checks, first: Mapping[str, str]) -> None:
    """Take the same call again, as after a transfer back to the flow."""
    title("The same call, in the flow once more")
    checks.equal("the participant data is the same", organization.take(FIRST_CALL).stored, first)


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
    execution = organization.test(conversationId="Sales inbound")
    print(f"  error_message: {execution.outputs.get('error_message')}")
    checks.equal("the action still succeeds, so that a voice flow can read why", execution.path, "success")
    checks.equal("the answer says that it is rejected", execution.outputs.get("status"), "rejected")


def without_the_service(organization: Organization, checks: Checks, service: Service, first: Mapping[str, str]) -> None:
    """Take the first call again when the service is gone."""
    title("The first call once more, with the service stopped")
    service.stop()
    transcript = organization.take(FIRST_CALL)
    print(indented("Participant data", table(transcript.stored)))
    checks.equal("the action took its Failure path", transcript.paths("Start Call Trace"), ["failure"])
    checks.equal("the call went to its queue in order", transcript.in_order, True)
    checks.equal("the flow came to the same ids by itself", transcript.stored, {**first, "callspan_source": "flow"})


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


def table(values: Mapping[str, object]) -> str:
    """Return names and values, one a line."""
    return "\n".join(f"{name:17} {value}" for name, value in values.items())


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}")


def indented(heading: str, text: str) -> str:
    """Return a text under a heading, indented."""
    return f"  {heading}:\n" + "\n".join(f"    {line}" for line in text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
