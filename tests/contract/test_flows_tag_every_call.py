"""Every shipped flow, with every kind of back end, for every kind of call: in all of them the call ends tagged."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from app.identity import conversation_trace, parse_traceparent
from architect.emulator.engine import Engine
from architect.emulator.export import DataAction
from architect.runner import Flow, Reply, Scenario, Transcript, load_flow, run_flow
from architect.sandbox import free_ports
from tests.conftest import CONVERSATION, OTHER_TRACEPARENT, TRACE_ID, TRACEPARENT
from tests.unit.emulator.loopback import Answer, Received, Service, running_service

ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "architect" / "flows"
ACTIONS = ROOT / "architect" / "actions"
SUBSTITUTIONS = {
    "callspan_integration": "Callspan",
    "datadog_url": "https://app.datadoghq.com",
    "queue_name": "Sales",
}
EVENT = {
    "Flow.conversationId": CONVERSATION,
    "Flow.eventTime": 1763835600123,
    "Flow.participantId": "3f9c2a0e-5f34-4d0b-9a43-0f6a2f0c9d11",
    "Flow.sessionId": "0b1d7f55-1a5e-4f1e-8d0a-5d1e6b0c7a22",
    "Flow.mediaType": "VOICE",
    "Flow.direction": "INBOUND",
    "Flow.disconnectType": "PEER",
    "Flow.interactingDurationMs": 61250,
}
STARTING = ("inbound-call.yaml", "inbound-call-with-module.yaml", "inbound-message.yaml")
CONTINUING = ("in-queue-call.yaml", "conversation-ended.workflow.yaml")
ACTION_STEPS = {"Start Call Trace", "Record Call Milestone", "Report Call Event"}
TOKEN = re.compile(r"Bearer (t\d+)")


@dataclass(frozen=True)
class World:
    """A loopback back end, the integration that reaches it, and the flow's path through its Call Data Action."""

    engine: Engine
    base_url: str
    path: str
    by_service: bool


def good_answer(received: Received) -> Answer:
    """Answer as Callspan would, from what was asked."""
    asked = json.loads(received.body)
    assert all(isinstance(value, str) for value in asked.values())
    trace = conversation_trace(asked["conversationId"])
    if asked.get("traceparent"):
        trace = parse_traceparent(asked["traceparent"])
    answer = {"status": "ok", "trace_id": trace.trace_id, "traceparent": trace.traceparent}
    return Answer(body=json.dumps({**answer, "tracestate": "dd=s:2;t.dm:-4"}).encode())


def tokens(otherwise: Callable[[Received], Answer]) -> Callable[[Received], Answer]:
    """Give out the tokens t1, t2 and so on, and leave the rest to another."""
    given = iter(range(1, 100))

    def answer(received: Received) -> Answer:
        if received.path == "/oauth/token":
            return Answer(body=json.dumps({"access_token": f"t{next(given)}"}).encode())
        return otherwise(received)

    return answer


def refuse_the_first_token(received: Received) -> Answer:
    found = TOKEN.fullmatch(received.headers["Authorization"])
    return Answer(401) if found is None or found[1] == "t1" else good_answer(received)


BACK_ENDS: dict[str, tuple[str, bool]] = {
    "up": ("success", True),
    "rejects": ("success", False),
    "401 until there is a new token": ("success", True),
    "401 to every token": ("failure", False),
    "500": ("failure", False),
    "not JSON": ("failure", False),
    "somebody else's JSON": ("success", False),
    "ok with another traceparent": ("success", False),
    "hangs": ("timeout", False),
    "refuses connections": ("failure", False),
    "killed in the middle of its answer": ("failure", False),
}


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Set up one of `BACK_ENDS`, for which tests are parametrized indirectly."""
    kind: str = request.param
    released, cut = threading.Event(), threading.Event()
    cut.set()
    answers: dict[str, Callable[[Received], Answer]] = {
        "up": good_answer,
        "rejects": lambda _: Answer(body=b'{"status": "rejected", "error_code": "invalid_input", "traceparent": ""}'),
        "401 until there is a new token": refuse_the_first_token,
        "401 to every token": lambda _: Answer(401),
        "500": lambda _: Answer(500, b"Internal Server Error"),
        "not JSON": lambda _: Answer(body=b"<html>It works!</html>"),
        "somebody else's JSON": lambda _: Answer(body=b'{"welcome": "to the captive portal"}'),
        "ok with another traceparent": lambda _: Answer(body=b'{"status": "ok", "traceparent": "00-zz-zz-01"}'),
        "hangs": lambda _: Answer(hold=released),
        "refuses connections": good_answer,
        "killed in the middle of its answer": lambda asked: replace(
            good_answer(asked), drip=cut, headers={"Connection": "close"}
        ),
    }
    with running_service() as service:
        base_url = service.url
        if kind == "refuses connections":
            base_url = f"http://127.0.0.1:{free_ports(1)[0]}"
        engine = signed_in(service, base_url)
        service.answer = tokens(answers[kind])
        if kind == "401 until there is a new token":
            # The integration has a token from an earlier call, which has expired since.
            action = DataAction.load(ACTIONS / "record-call-milestone.custom.json")
            service.answer = tokens(good_answer)
            engine.execute(action, {"conversationId": CONVERSATION, "milestone": "earlier"})
            give_second = iter(range(2, 100))
            service.answer = lambda asked: (
                Answer(body=json.dumps({"access_token": f"t{next(give_second)}"}).encode())
                if asked.path == "/oauth/token"
                else refuse_the_first_token(asked)
            )
        path, by_service = BACK_ENDS[kind]
        yield World(engine, base_url, path, by_service)
        released.set()
        engine.close()


def signed_in(service: Service, base_url: str) -> Engine:
    return Engine(
        auth=DataAction.load(ACTIONS / "callspan-auth.customAuth.json"),
        credentials={"clientId": "genesys", "clientSecret": "open-sesame"},
        organization_id=CONVERSATION,
        base_url=base_url,
    )


CONTEXTS: dict[str, Mapping[str, str]] = {
    "no context": {},
    "a context": {
        "traceparent": OTHER_TRACEPARENT,
        "dd_trace_id": OTHER_TRACEPARENT[3:35],
        "callspan_source": "service",
        "line": "claims",
    },
    "a context without the rest": {"traceparent": OTHER_TRACEPARENT},
    "a malformed context": {"traceparent": TRACEPARENT.upper(), "dd_trace_id": "?", "callspan_source": "service"},
}
"""What is on the call before the flow; only the second and third can be continued."""


@cache
def shipped(name: str) -> Flow:
    return load_flow(FLOWS / name, SUBSTITUTIONS)


def take_call(name: str, world: World, found: Mapping[str, str]) -> tuple[Flow, Transcript]:
    flow = shipped(name)
    scenario = Scenario(
        conversation_id=CONVERSATION,
        participant_data=found,
        substitutions=SUBSTITUTIONS,
        variables=EVENT if flow.type == "workflow" else {},
        replies={"*": (Reply("http"),)},
        step_timeout_seconds=0.3 if world.path == "timeout" else 5,
        actions=ACTIONS,
        modules=FLOWS,
    )
    return flow, run_flow(flow, scenario, engine=world.engine)


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("world", BACK_ENDS, indirect=True)
@pytest.mark.parametrize("name", [*STARTING, *CONTINUING])
def test_the_call_ends_tagged(name: str, world: World, context: str) -> None:
    found = CONTEXTS[context]
    kept = found.get("traceparent") == OTHER_TRACEPARENT
    flow, course = take_call(name, world, found)

    assert course.in_order, course
    assert [step.path for step in course.steps if step.name in ACTION_STEPS] == [world.path], course
    tags = course.stored
    trace_id = OTHER_TRACEPARENT[3:35] if kept else TRACE_ID
    assert tags["traceparent"] == (OTHER_TRACEPARENT if kept else TRACEPARENT)
    assert parse_traceparent(tags["traceparent"]).traceparent == tags["traceparent"]
    assert tags["dd_trace_id"] == trace_id
    if name in STARTING:
        assert tags["callspan_source"] == ("service" if world.by_service else "flow")
        assert tags["dd_trace_url"] == f"https://app.datadoghq.com/apm/trace/{trace_id}"
    else:
        assert tags["callspan_source"] == ("service" if context == "a context" else "flow")
    assert course.visible == (found if flow.is_voice else tags), "voice flows write when they end, others at once"
    assert not course.lost


@pytest.mark.parametrize("world", ["up", "hangs"], indirect=True)
@pytest.mark.parametrize("name", STARTING)
def test_the_users_own_tags_are_on_the_call_and_sent_to_the_service(name: str, world: World) -> None:
    _, course = take_call(name, world, {})
    assert (course.stored["priority"], course.stored["line"]) == ("normal", "sales")
    assert any('tags: "priority:normal,line:sales"' in line for step in course.steps for line in step.told)


@pytest.mark.parametrize("world", ["up"], indirect=True)
def test_the_in_queue_flow_keeps_the_tags_that_the_inbound_flow_set(world: World) -> None:
    _, course = take_call("in-queue-call.yaml", world, {"line": "claims"})
    assert (course.stored["priority"], course.stored["line"]) == ("normal", "claims")


@pytest.mark.parametrize("world", ["up"], indirect=True)
def test_the_workflow_leaves_a_tagged_call_alone(world: World) -> None:
    tagged = CONTEXTS["a context"]
    _, course = take_call("conversation-ended.workflow.yaml", world, tagged)
    assert course.paths("Tagged already?") == ["yes"]
    assert course.stored == tagged


@pytest.mark.parametrize("world", ["hangs"], indirect=True)
def test_the_workflow_without_a_conversation_ends_at_once(world: World) -> None:
    flow = shipped("conversation-ended.workflow.yaml")
    course = run_flow(flow, Scenario(variables={"Flow.conversationId": ""}), engine=world.engine)
    assert (course.in_order, course.ending) == (True, 'workflow ended, "no conversationId"')
    assert course.stored == {}


@pytest.mark.parametrize("world", ["up"], indirect=True)
@pytest.mark.parametrize("missing", sorted(EVENT.keys() - {"Flow.conversationId"}))
def test_the_workflow_reports_an_event_that_lacks_a_field(world: World, missing: str) -> None:
    flow = shipped("conversation-ended.workflow.yaml")
    event = {name: value for name, value in EVENT.items() if name != missing}
    scenario = Scenario(
        substitutions=SUBSTITUTIONS, variables=event, replies={"*": (Reply("http"),)}, actions=ACTIONS, modules=FLOWS
    )
    assert run_flow(flow, scenario, engine=world.engine).ending == 'workflow ended, "reported"'
