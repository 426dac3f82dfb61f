"""What happens when processes end and the agent is away."""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from architect.sandbox import ROOT, Agent, Credentials, Service, procfile_command, wait_for
from tests.system.conftest import Caller, new_conversation
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
    # The one worker takes connections in turn: when a later one is answered, its other threads have these in hand.
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


def test_a_stopped_agent_delays_and_fails_no_answer_and_every_lost_span_is_counted(
    agent: Agent, service: Service, caller: Caller, figure: Callable[[str], None]
) -> None:
    durations(caller, 50)
    before = durations(caller, 400)
    agent.wait_for_spans(lambda spans: len(spans) == 2 * 450)
    agent.stop()
    after = durations(caller, 400)
    wait_for("the loss to be counted", lambda: caller.get("/readyz")["undelivered_spans"] == 800 or None, 30)
    readiness = caller.get("/readyz")
    assert readiness == {"status": "ready", "agent_reachable": False, "undelivered_spans": 800}
    assert "Traceback" not in service.output()
    figure(f"p99 of a start is {p99(before):.1f} ms with the agent and {p99(after):.1f} ms without")
    agent.start()


def test_a_restarted_worker_keeps_the_count_of_lost_spans(agent: Agent, service: Service, caller: Caller) -> None:
    agent.stop()
    caller.start(new_conversation())
    wait_for("the loss to be counted", lambda: caller.get("/readyz")["undelivered_spans"] == 2 or None, 30)
    for worker in re.findall(r"Booting worker with pid: (\d+)", service.output()):
        os.kill(int(worker), signal.SIGKILL)
    wait_for("new workers", lambda: service.output().count("Booting worker") >= 4 or None)
    assert caller.get("/readyz")["undelivered_spans"] == 2
    agent.start()


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
