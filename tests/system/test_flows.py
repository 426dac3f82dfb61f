"""The shipped flows against the running service, and against one that is no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from architect.emulator.engine import Engine
from architect.emulator.export import DataAction
from architect.runner import Flow, Reply, Scenario, Transcript, load_flow, run_flow
from architect.sandbox import Agent, Credentials, Service, callspan
from tests.system.conftest import new_conversation

FLOWS = Path(__file__).parents[2] / "architect" / "flows"
SUBSTITUTIONS = {"callspan_integration": "Callspan", "datadog_url": "https://app.datadoghq.com", "queue_name": "Sales"}
STARTING = ("inbound-call.yaml", "inbound-call-with-module.yaml", "inbound-message.yaml")
OTHER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def exports(service: Service, tmp_path: Path) -> Path:
    callspan("export", "--base-url", service.url, "--out", str(tmp_path))
    return tmp_path


@pytest.fixture
def engine(exports: Path, credentials: Credentials) -> Iterator[Engine]:
    auth = DataAction.load(exports / "callspan-auth.customAuth.json")
    organization = new_conversation()
    with Engine(auth=auth, credentials=credentials.for_genesys(), organization_id=organization) as engine:
        yield engine


def take(
    name: str, conversation: str, exports: Path, engine: Engine, found: dict[str, str] | None = None
) -> Transcript:
    flow: Flow = load_flow(FLOWS / name, SUBSTITUTIONS)
    scenario = Scenario(
        conversation_id=conversation,
        participant_data=found or {},
        substitutions=SUBSTITUTIONS,
        replies={"*": (Reply("http"),)},
        actions=exports,
        modules=FLOWS,
    )
    course = run_flow(flow, scenario, engine=engine)
    assert course.in_order, course
    return course


@pytest.mark.parametrize("name", STARTING)
def test_the_service_tags_the_call_and_its_span_is_in_the_calls_trace(
    name: str, agent: Agent, exports: Path, engine: Engine
) -> None:
    conversation = new_conversation()
    tags = take(name, conversation, exports, engine).stored
    assert tags["callspan_source"] == "service"
    assert tags["dd_trace_id"] == conversation.replace("-", "")
    spans = agent.wait_for_spans(lambda spans: any(s["meta"]["conversation.id"] == conversation for s in spans))
    entry = next(s for s in spans if s["meta"]["conversation.id"] == conversation and s["name"] == "callspan.start")
    assert f"{entry['meta']['_dd.p.tid']}{entry['trace_id']:016x}" == tags["dd_trace_id"]
    assert (entry["meta"]["call.priority"], entry["meta"]["call.line"]) == ("normal", "sales")
    assert entry["meta"]["queue.name"] == "Sales"


@pytest.mark.parametrize("name", STARTING)
def test_a_call_that_brings_a_context_stays_in_its_trace(name: str, exports: Path, engine: Engine) -> None:
    tags = take(name, new_conversation(), exports, engine, {"traceparent": OTHER}).stored
    assert (tags["traceparent"], tags["callspan_source"]) == (OTHER, "service")


def test_the_milestone_of_the_queue_is_in_the_trace_of_the_inbound_flow(
    agent: Agent, exports: Path, engine: Engine
) -> None:
    conversation = new_conversation()
    inbound = take("inbound-call.yaml", conversation, exports, engine)
    queued = take("in-queue-call.yaml", conversation, exports, engine, inbound.stored)
    assert queued.variables["Flow.MilestoneOutcome"] == "recorded"
    assert queued.stored == inbound.stored
    spans = agent.wait_for_spans(lambda spans: any(s["name"] == "callspan.milestone" for s in spans))
    milestone = next(s for s in spans if s["name"] == "callspan.milestone")
    assert f"{milestone['meta']['_dd.p.tid']}{milestone['trace_id']:016x}" == inbound.stored["dd_trace_id"]


def kill(service: Service) -> None:
    """End the service as a crash of its host would: all of its processes at once, none of them asked."""
    master = psutil.Process(service.process.pid)
    for process in (master, *master.children(recursive=True)):
        process.kill()
    service.process.wait()


@pytest.mark.parametrize("name", STARTING)
def test_the_same_call_gets_the_same_trace_when_the_service_is_killed(
    name: str, agent: Agent, credentials: Credentials, tmp_path: Path
) -> None:
    service = Service(agent.url, credentials).start()
    callspan("export", "--base-url", service.url, "--out", str(tmp_path))
    auth = DataAction.load(tmp_path / "callspan-auth.customAuth.json")
    conversation = new_conversation()
    with Engine(auth=auth, credentials=credentials.for_genesys(), organization_id=conversation) as engine:
        up = take(name, conversation, tmp_path, engine)
        kill(service)
        down = take(name, conversation, tmp_path, engine)
    assert (up.paths("Start Call Trace"), down.paths("Start Call Trace")) == (["success"], ["failure"])
    assert (up.stored["callspan_source"], down.stored["callspan_source"]) == ("service", "flow")
    assert {**up.stored, "callspan_source": ""} == {**down.stored, "callspan_source": ""}
