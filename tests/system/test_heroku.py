"""The Procfile's command in the environment of a Heroku dyno, with the variables that its buildpacks export."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator

import psutil
import pytest

from architect.sandbox import ROOT, Agent, Credentials, Service, procfile_command, wait_for
from tests.system.conftest import Caller, new_conversation, traced
from tests.system.load import HalfSent, Load

ON_A_DYNO = {
    "DYNO": "web.1",
    # By Datadog's buildpack: separated by spaces.
    "DD_TAGS": "dyno:web.1 dynotype:web buildpackversion:2.40 appname:calls",
    "DD_HOSTNAME": "calls.web.1",
    # By Heroku's Python buildpack: believe every proxy, and the number of workers with a zero before it.
    "FORWARDED_ALLOW_IPS": "*",
    "WEB_CONCURRENCY": "02",
    "CALLSPAN_TRUSTED_PROXIES": "1",
}


class Dyno(Service):
    """The service among the other processes of a dyno, all of which are told to end at once."""

    def __init__(self, agent_url: str, credentials: Credentials) -> None:
        super().__init__(agent_url, credentials, **ON_A_DYNO)
        # What Heroku's Python buildpack sets, beside the address that keeps the test on this machine.
        self._env["GUNICORN_CMD_ARGS"] += " --access-logfile -"

    def processes(self) -> list[psutil.Process]:
        """Return gunicorn's master, which comes first, and its workers."""
        master = psutil.Process(self.process.pid)
        return [master, *master.children()]

    def send_to_all(self, number: signal.Signals) -> None:
        for process in self.processes():
            process.send_signal(number)

    def clients(self) -> set[tuple[str, int]]:
        """Return the addresses from which the workers have taken connections."""
        return {
            tuple(connection.raddr)
            for worker in self.processes()[1:]
            for connection in worker.net_connections("tcp4")
            if connection.status == psutil.CONN_ESTABLISHED
        }


@pytest.fixture
def agent() -> Iterator[Agent]:
    agent = Agent().start()
    yield agent
    agent.stop()


@pytest.fixture
def dyno(agent: Agent, credentials: Credentials) -> Iterator[Dyno]:
    dyno = Dyno(agent.url, credentials).start()
    yield dyno
    dyno.stop()


@pytest.fixture
def caller(dyno: Dyno, credentials: Credentials) -> Caller:
    return Caller(dyno, credentials)


def test_requests_in_flight_are_answered_and_traced_when_all_processes_are_told_to_end_twice(
    agent: Agent, dyno: Dyno, caller: Caller
) -> None:
    conversations = [new_conversation() for _ in range(6)]
    requests = [HalfSent(caller, conversation) for conversation in conversations]
    wait_for("the workers to take all requests", lambda: {r.address for r in requests} <= dyno.clients() or None)
    dyno.send_to_all(signal.SIGTERM)
    wait_for("gunicorn to take the signal", lambda: "Handling signal: term" in dyno.output() or None)
    dyno.send_to_all(signal.SIGTERM)
    answers = [request.finish() for request in requests]
    assert [answer.partition(b"\r\n")[0] for answer in answers] == [b"HTTP/1.1 200 OK"] * 6
    assert dyno.process.wait(30) == 0
    assert traced(agent.spans()) == set(conversations)


def test_under_load_no_acknowledged_call_is_without_its_spans(
    agent: Agent, dyno: Dyno, caller: Caller, figure: Callable[[str], None]
) -> None:
    with Load(caller.start) as load:
        load.wait_for_more(300)
        dyno.send_to_all(signal.SIGTERM)
        load.wait_for_more(1)
        if dyno.process.poll() is None:
            dyno.send_to_all(signal.SIGTERM)
        load.wait_until_refused()
    assert dyno.process.wait(30) == 0
    assert all(isinstance(failure, OSError) for failure in load.failures), load.failures
    lost = set(load.answered) - traced(agent.spans())
    assert not lost
    figure(f"{len(load.answered)} calls answered until SIGTERM to all of a dyno's processes, {len(lost)} without spans")


def test_spans_carry_the_dynos_tags_and_the_log_is_json_only(agent: Agent, dyno: Dyno, caller: Caller) -> None:
    """The buildpack turns gunicorn's access log on; Callspan's own line for a request stays the only one."""
    caller.start(new_conversation())
    (entry,) = (s for s in agent.wait_for_spans(lambda spans: len(spans) == 2) if s["name"] == "callspan.start")
    assert (entry["meta"]["dyno"], entry["meta"]["dynotype"]) == ("web.1", "web")
    lines = [json.loads(line) for line in dyno.output().splitlines()]
    assert [line["http.route"] for line in lines if "http.route" in line].count("/v1/actions/start-call-trace") == 1
    assert sum(line["message"].startswith("Booting worker") for line in lines) == 2


def test_a_caller_cannot_choose_the_path_that_the_application_sees(dyno: Dyno, caller: Caller) -> None:
    """Gunicorn takes these headers from proxies it believes, and the buildpack would have it believe everybody."""
    for header in ("SCRIPT_NAME", "PATH_INFO"):
        status, body = caller.request("GET", "/healthz", None, **{header: "/version"})
        assert (status, json.loads(body)) == (200, {"status": "ok"})


def test_the_port_and_the_number_of_workers_are_the_platforms(credentials: Credentials) -> None:
    env = {**os.environ, **credentials.environment, **ON_A_DYNO, "PORT": "5123"}
    program, *arguments = procfile_command()
    command = [program, "--print-config", *arguments]
    printed = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout
    config = dict(line.split("=", 1) for line in printed.replace(" ", "").splitlines() if "=" in line)
    assert config["bind"] == "['0.0.0.0:5123']"
    assert config["workers"] == "2"
    assert int(config["graceful_timeout"]) + 3.1 < 30
    assert int(config["keepalive"]) > 90
