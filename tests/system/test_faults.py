"""What happens when processes end and the agent is away."""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from architect.sandbox import ROOT, Agent, Credentials, Service, procfile_command, wait_for
from tests.system.conftest import Caller, new_conversation, traced
from tests.system.load import HalfSent, Load


@pytest.fixture
def agent() -> Iterator[Agent]:
    agent = Agent().start()
    yield agent
    agent.stop()


@pytest.fixture
def service(agent: Agent, credentials: Credentials) -> Iterator[Service]:
    service = Service(agent.url, credentials).start()
    yield service
    service.stop()


@pytest.fixture
def caller(service: Service, credentials: Credentials) -> Caller:
    return Caller(service, credentials)


def test_sigterm_with_requests_in_flight_loses_no_answer_and_no_span(agent: Agent, credentials: Credentials) -> None:
    service = Service(agent.url, credentials, WEB_CONCURRENCY="1").start()
    caller = Caller(service, credentials)
    conversations = [new_conversation() for _ in range(3)]
    requests = [HalfSent(caller, conversation) for conversation in conversations]
    # The one worker takes connections in turn: when a later one is answered, it has these in hand.
    caller.get("/healthz")
    service.process.send_signal(signal.SIGTERM)
    wait_for("gunicorn to take the signal", lambda: "Handling signal: term" in service.output() or None)
    answers = [request.finish() for request in requests]
    assert [answer.partition(b"\r\n")[0] for answer in answers] == [b"HTTP/1.1 200 OK"] * 3
    assert all(b'"status": "ok"' in answer for answer in answers)
    assert service.process.wait(30) == 0
    spans = agent.spans()
    for name in ("genesys.conversation", "callspan.start"):
        assert {s["meta"]["conversation.id"] for s in spans if s["name"] == name} == set(conversations)


def test_sigterm_under_load_loses_no_span_of_an_answered_call(
    agent: Agent, service: Service, caller: Caller, figure: Callable[[str], None]
) -> None:
    with Load(caller.start) as load:
        load.wait_for_more(300)
        service.process.send_signal(signal.SIGTERM)
        load.wait_until_refused()
    assert service.process.wait(30) == 0
    assert all(isinstance(failure, OSError) for failure in load.failures), load.failures
    answered = load.answered
    entries = {s["meta"]["conversation.id"] for s in agent.spans() if s["name"] == "callspan.start"}
    assert set(answered) <= entries
    figure(f"{len(answered)} calls answered until SIGTERM, {len(set(answered) - entries)} of them without a span")


def durations(caller: Caller, count: int) -> list[float]:
    """Return how long each of so many starts took, in milliseconds."""
    result = []
    for _ in range(count):
        started = time.perf_counter()
        assert caller.start(new_conversation())["status"] == "ok"
        result.append((time.perf_counter() - started) * 1000)
    return result


def p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


def test_an_agent_that_is_away_delays_no_answer_and_costs_no_span(
    agent: Agent, service: Service, caller: Caller, figure: Callable[[str], None]
) -> None:
    durations(caller, 50)
    before = durations(caller, 400)
    agent.wait_for_spans(lambda spans: len(spans) >= 2 * 450)
    agent.stop()
    with Load(caller.start) as load:
        load.wait_for_more(100)
    conversations = load.answered
    after = durations(caller, 400)
    readiness = caller.get("/readyz")
    assert (readiness["agent_reachable"], readiness["undelivered_spans"]) == (False, 0)
    assert int(str(readiness["waiting_bytes"])) > 0
    agent.start()
    agent.wait_for_spans(lambda spans: set(conversations) <= traced(spans), 30)
    wait_for("all to be delivered", lambda: caller.get("/readyz")["waiting_bytes"] == 0 or None, 30)
    assert caller.get("/readyz")["undelivered_spans"] == 0
    assert "Traceback" not in service.output()
    figure(f"p99 of a start is {p99(before):.1f} ms with the agent and {p99(after):.1f} ms without")


def test_killed_workers_cost_no_span_of_an_answered_call(
    agent: Agent, service: Service, caller: Caller, figure: Callable[[str], None]
) -> None:
    """The agent is away as well, so that nothing can have been sent before the kill."""
    agent.stop()
    with Load(caller.start) as load:
        load.wait_for_more(100)
        for worker in re.findall(r"Booting worker with pid: (\d+)", service.output()):
            os.kill(int(worker), signal.SIGKILL)
        wait_for("new workers", lambda: service.output().count("Booting worker") >= 4 or None)
    agent.start()
    agent.wait_for_spans(lambda spans: set(load.answered) <= traced(spans), 30)
    wait_for("all to be delivered", lambda: caller.get("/readyz")["waiting_bytes"] == 0 or None, 30)
    assert caller.get("/readyz")["undelivered_spans"] == 0
    figure(f"{len(load.answered)} calls answered before both workers were killed, and all their spans arrived")


def test_spans_outlive_the_service_where_a_folder_is_named(
    agent: Agent, credentials: Credentials, tmp_path: Path
) -> None:
    agent.stop()
    service = Service(agent.url, credentials, CALLSPAN_JOURNAL_DIR=str(tmp_path)).start()
    conversations = [Caller(service, credentials).start(new_conversation())["trace_id"] for _ in range(20)]
    service.stop()
    agent.start()
    successor = Service(agent.url, credentials, CALLSPAN_JOURNAL_DIR=str(tmp_path)).start()
    try:
        told = [str(uuid.UUID(trace_id)) for trace_id in conversations]
        agent.wait_for_spans(lambda spans: set(told) <= traced(spans))
    finally:
        successor.stop()
    assert list(tmp_path.iterdir()) == []


def test_the_service_does_not_start_without_its_credentials_and_says_how_to_make_them() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CALLSPAN_")}
    environment["GUNICORN_CMD_ARGS"] = "--bind 127.0.0.1:0"
    result = subprocess.run(
        procfile_command(), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert result.returncode == 1
    assert result.stderr.startswith("Callspan cannot start:")
    assert "`callspan client new` prints it" in result.stderr
    assert "`callspan key new` prints one" in result.stderr
    assert "Traceback" not in result.stderr
