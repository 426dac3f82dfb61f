from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer

import pytest

from app.doctor.agent import metrics, traces
from app.doctor.web import Web
from architect.sandbox import free_ports
from tests.dogstatsd import Receiver
from tests.unit.emulator.loopback import Service

INFO = {"version": "7.60.0", "endpoints": ["/v0.3/traces", "/v0.4/traces"]}


def test_an_agent_is_named_with_its_version(web: Web, service: Service) -> None:
    service.answers(200, INFO)
    check = traces(web, service.url)
    assert (check.status, check.what) == ("ok", f"agent 7.60.0 at {service.url} takes /v0.4/traces")
    assert (service.last.method, service.last.path) == ("GET", "/info")


@pytest.mark.parametrize(
    ("status", "body", "found", "words"),
    [
        (404, {}, "warning", "no /info"),
        (200, {"name": "nginx"}, "failed", "not as an agent does"),
        (200, b"<html>", "failed", "not as an agent does"),
        (500, INFO, "failed", "answers 500"),
        (200, {"version": "6.0", "endpoints": ["/v0.3/traces"]}, "failed", "takes no /v0.4/traces"),
    ],
    ids=["old", "another's JSON", "a page", "broken", "without v0.4"],
)
def test_what_is_no_agent_of_today_is_told_apart(
    web: Web, service: Service, status: int, body: object, found: str, words: str
) -> None:
    service.answers(status, body)
    check = traces(web, service.url)
    assert check.status == found
    assert words in check.what
    assert check.fix


def test_an_agent_that_is_away_fails_and_says_that_calls_go_on(web: Web) -> None:
    (port,) = free_ports(1)
    check = traces(web, f"http://127.0.0.1:{port}")
    assert check.status == "failed"
    assert "nothing listens there" in check.what
    assert "calls are answered all the same" in check.what
    assert "DD_TRACE_AGENT_URL" in check.fix


class _Info(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"version": "7.60.0", "endpoints": ["/v0.4/traces"]}')

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


def test_an_agent_behind_a_unix_socket_is_asked_there(web: Web, tmp_path: Path) -> None:
    path = tmp_path / "apm.socket"
    with UnixStreamServer(str(path), _Info) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        check = traces(web, f"unix://{path}")
        thread.join()
    assert (check.status, check.what) == ("ok", f"agent 7.60.0 at unix://{path} takes /v0.4/traces")


def test_a_unix_socket_that_is_not_there_fails(web: Web, tmp_path: Path) -> None:
    check = traces(web, f"unix://{tmp_path}/apm.socket")
    assert check.status == "failed"
    assert "no such socket" in check.what


def test_a_listener_for_metrics_cannot_be_confirmed_and_gets_no_sample() -> None:
    with Receiver() as receiver:
        check = metrics("127.0.0.1", receiver.port, None)
    assert check.status == "ok"
    assert "UDP says no more than that" in check.what
    assert receiver.samples() == []


def test_a_closed_port_for_metrics_is_noticed() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    check = metrics("127.0.0.1", port, None)
    assert check.status == "warning"
    assert check.what == f"nothing listens at 127.0.0.1:{port} (UDP): metrics are lost"


def test_a_name_that_nobody_has_is_noticed() -> None:
    check = metrics("agent.invalid", 8125, None)
    assert check.status == "warning"
    assert "agent.invalid is not known" in check.what


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["datagram", "stream"])
@pytest.mark.parametrize("scheme", ["", "unix://"], ids=["path", "url"])
def test_a_unix_socket_for_metrics_is_certain(tmp_path: Path, kind: socket.SocketKind, scheme: str) -> None:
    path = str(tmp_path / "dsd.socket")
    with socket.socket(socket.AF_UNIX, kind) as listener:
        listener.bind(path)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        assert metrics("", 0, scheme + path).status == "ok"
    check = metrics("", 0, scheme + path)
    assert (check.status, check.what) == ("warning", f"nothing listens at {path}: metrics are lost")
