from __future__ import annotations

import dataclasses
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from typing import Any

import msgpack
import pytest
from ddtrace.trace import tracer

from app.identity import conversation_trace, parse_traceparent
from app.outbox import UnreadableError
from app.shared import Counter
from app.span import Encoder, FinishedSpan, Origin
from app.telemetry import Telemetry
from tests.conftest import CONVERSATION, OTHER_TRACEPARENT

OWN = conversation_trace(CONVERSATION)
STARTED = 1_700_000_000_000_000_000
ENCODER = Encoder(Origin("callspan"))


class Agent:
    """Keeps the chunks of spans that come, and answers with `status` after `delay` seconds."""

    def __init__(self, server: ThreadingHTTPServer | ThreadingUnixStreamServer) -> None:
        self.status, self.delay = 200, 0.0
        self.chunks: list[list[dict[str, Any]]] = []
        self._server = server
        server.daemon_threads = True
        server.RequestHandlerClass = type("Handler", (_Handler,), {"agent": self})
        self._thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    agent: Agent

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(self.agent.delay)
        if self.path == "/v0.4/traces" and self.agent.status == 200:
            self.agent.chunks += msgpack.unpackb(body)
        self.send_response(self.agent.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_PUT = do_GET = do_POST  # noqa: N815

    def log_message(self, *_: object) -> None: ...

    def address_string(self) -> str:
        return "client"


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    monkeypatch.setattr(Telemetry, "agent_url", f"http://127.0.0.1:{server.server_address[1]}")
    agent = Agent(server)
    yield agent
    agent.stop()


def finished(**changes: object) -> FinishedSpan:
    span = FinishedSpan(
        name="callspan.start",
        resource="start-call-trace",
        trace_id=OWN.trace_id,
        span_id="00f067aa0ba902b7",
        parent_id=OWN.span_id,
        started_ns=STARTED,
        finished_ns=STARTED + 2_000_000,
        tags={"conversation.id": CONVERSATION},
    )
    return dataclasses.replace(span, **changes)


def encoded(*spans: FinishedSpan) -> list[dict[str, Any]]:
    chunk: list[dict[str, Any]] = msgpack.unpackb(ENCODER.encode(spans))
    return chunk


def test_a_span_is_sent_with_the_ids_and_times_it_was_given(agent: Agent) -> None:
    assert Telemetry().deliver([ENCODER.encode([finished()])]) is True
    ((span,),) = agent.chunks
    assert (span["name"], span["service"], span["resource"]) == ("callspan.start", "callspan", "start-call-trace")
    assert span["trace_id"] == int(OWN.trace_id[16:], 16)
    assert span["span_id"] == 0x00F067AA0BA902B7
    assert span["parent_id"] == int(OWN.span_id, 16)
    assert (span["start"], span["duration"]) == (STARTED, 2_000_000)
    assert span["meta"]["conversation.id"] == CONVERSATION
    assert span.get("error", 0) == 0


def test_a_span_without_a_parent_is_a_root() -> None:
    (span,) = encoded(finished(parent_id="", span_id=OWN.span_id, service="genesys-cloud"))
    assert span["parent_id"] == 0
    assert span["service"] == "genesys-cloud"
    assert span["meta"]["_dd.base_service"] == "callspan"


def test_every_span_has_its_whole_trace_id_and_is_kept_by_a_persons_decision() -> None:
    spans = encoded(*(finished(span_id=f"{n:016x}") for n in (1, 2, 3)))
    assert [span["span_id"] for span in spans] == [1, 2, 3]
    assert {span["meta"]["_dd.p.tid"] for span in spans} == {OWN.trace_id[:16]}
    assert {span["meta"]["_dd.p.dm"] for span in spans} == {"-4"}
    assert {span["metrics"]["_sampling_priority_v1"] for span in spans} == {2}


def test_an_error_is_marked() -> None:
    assert encoded(finished(error=True))[0]["error"] == 1


def test_a_span_of_another_trace_links_to_the_conversations_own() -> None:
    other = parse_traceparent(OTHER_TRACEPARENT)
    (span,) = encoded(finished(trace_id=other.trace_id, parent_id=other.span_id, link=OWN))
    assert span["trace_id"] == int(other.trace_id[16:], 16)
    (link,) = span["span_links"]
    assert link["trace_id"] == int(OWN.trace_id[16:], 16)
    assert link["trace_id_high"] == link["span_id"] == int(OWN.span_id, 16)


def test_the_environment_is_on_every_span_and_the_version_on_those_of_our_service() -> None:
    encoder = Encoder(Origin("callspan", "1.2", 7, {"env": "prod"}, {"language": "python"}))
    ours, call = msgpack.unpackb(encoder.encode([finished(), finished(service="genesys-cloud")]))
    assert (ours["meta"]["env"], call["meta"]["env"]) == ("prod", "prod")
    assert (ours["meta"].get("version"), call["meta"].get("version")) == ("1.2", None)
    assert (ours["meta"].get("language"), call["meta"].get("language")) == ("python", None)
    assert ours["metrics"]["process_id"] == 7


@pytest.mark.parametrize("status", [400, 413, 429, 500, 503])
def test_that_the_agent_did_not_take_a_batch_is_known(agent: Agent, status: int) -> None:
    telemetry = Telemetry()
    agent.status = status
    assert telemetry.deliver([ENCODER.encode([finished()])]) is False
    agent.status = 200
    assert telemetry.deliver([ENCODER.encode([finished()])]) is True
    assert len(agent.chunks) == 1


def test_an_agent_that_is_away_is_reported() -> None:
    assert Telemetry().agent_reachable() is False
    assert Telemetry().deliver([ENCODER.encode([finished()])]) is False


def test_what_is_no_chunk_is_told_apart_from_an_agent_that_is_away(agent: Agent) -> None:
    with pytest.raises(UnreadableError):
        Telemetry().deliver([b"\xff"])


def test_an_agent_that_is_slow_holds_up_no_other_thread(agent: Agent) -> None:
    agent.delay = 0.5
    sender = threading.Thread(target=Telemetry().deliver, args=([ENCODER.encode([finished()])],))
    sender.start()
    longest, last = 0.0, time.perf_counter()
    while sender.is_alive():
        time.sleep(0.001)
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    assert agent.chunks
    assert longest < 0.4


def test_an_agent_behind_a_unix_socket_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "agent.sock"
    monkeypatch.setattr(Telemetry, "agent_url", f"unix://{path}")
    agent = Agent(ThreadingUnixStreamServer(str(path), _Handler))
    try:
        telemetry = Telemetry()
        assert telemetry.agent_reachable() is True
        assert telemetry.deliver([ENCODER.encode([finished()])]) is True
        assert len(agent.chunks) == 1
    finally:
        agent.stop()


def test_the_agent_is_where_ddtrace_says() -> None:
    assert Telemetry().agent_url == tracer.agent_trace_url


def test_what_is_written_down_waits_until_it_is_sent(agent: Agent) -> None:
    telemetry = Telemetry()
    telemetry.emit(finished())
    assert agent.chunks == []
    assert telemetry.waiting_bytes() > 0


def test_undelivered_spans_are_counted_over_all_processes() -> None:
    count = Counter()
    children = []
    for number in (1, 2, 513):
        if (pid := os.fork()) == 0:
            count.claim(number)
            count.add(number)
            os._exit(0)
        children.append(pid)
        os.waitpid(pid, 0)
    assert count.total() == 1 + 2 + 513
