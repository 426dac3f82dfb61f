"""The processes that a traced call needs, on free loopback ports: Datadog's test agent, and Callspan by its Procfile.

The demo, the system tests and the benchmarks run against these. Nothing here imports the service: it is started, asked
over HTTP, and stopped by its process id, as a platform would.
"""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import psutil
import urllib3

from architect.timeline.received import Span, received_spans

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
CLIENT_ID = "genesys"

T = TypeVar("T")

_http = urllib3.PoolManager(retries=False, timeout=10)


class SandboxError(Exception):
    """A process did not start, stop or answer as it should."""


def free_ports(count: int) -> list[int]:
    """Return loopback ports that nothing listens on at the moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def wait_for(what: str, probe: Callable[[], T | None], seconds: float = 20) -> T:
    """Return the first result of `probe` that is not None.

    Raises:
        SandboxError: naming `what` was waited for, after that many seconds.

    """
    deadline = time.monotonic() + seconds
    while (result := probe()) is None:
        if time.monotonic() > deadline:
            raise SandboxError(f"waited {seconds:g} seconds for {what}")
        time.sleep(0.02)
    return result


class Process:
    """A server process with an address; its output is kept in a file."""

    def __init__(self, command: list[str], url: str, env: Mapping[str, str], ready: str) -> None:
        self.url = url
        self._command, self._env, self._ready = command, dict(env), ready
        handle, path = tempfile.mkstemp(suffix=".log")
        os.close(handle)
        self._output = Path(path)
        weakref.finalize(self, self._output.unlink)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start the process and wait until it answers."""
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdout=output, stderr=subprocess.STDOUT
            )
        wait_for(f"{self._command[0]} to answer at {self.url}", self._answers)
        return self

    def _answers(self) -> bool | None:
        if self.process.poll() is not None:
            raise SandboxError(f"{self._command[0]} ended with {self.process.returncode}:\n{self.output()}")
        try:
            return _http.request("GET", self.url + self._ready, timeout=1).status == 200 or None
        except urllib3.exceptions.HTTPError:
            return None

    def cpu_seconds(self) -> float:
        """Return the processor time that the process and its children have used so far."""
        parent = psutil.Process(self.process.pid)
        times = [process.cpu_times() for process in (parent, *parent.children(recursive=True))]
        return sum(t.user + t.system for t in times)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The running process."""
        if self._process is None:
            raise SandboxError(f"{self._command[0]} was not started")
        return self._process

    def stop(self, seconds: float = 30) -> int:
        """Ask the process to end, insist after so many seconds, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def output(self) -> str:
        """Return what the process wrote so far."""
        return self._output.read_text()


class Agent(Process):
    """Datadog's own test agent, which keeps every trace it is sent and can be asked for them."""

    def __init__(self) -> None:
        port, otlp_http, otlp_grpc = free_ports(3)
        command = [
            str(BIN / "ddapm-test-agent"),
            *("--host", "127.0.0.1", "--port", str(port)),
            *("--otlp-http-port", str(otlp_http), "--otlp-grpc-port", str(otlp_grpc)),
            *("--pool-trace-check-failures", "true", "--disable-llmobs-data-forwarding", "--log-level", "WARNING"),
        ]
        # With an agent address of its own in the environment it would forward every request to itself.
        env = {
            **clean_environment(),
            "ENABLED_CHECKS": "trace_count_header,meta_tracer_version_header,trace_content_length",
        }
        super().__init__(command, f"http://127.0.0.1:{port}", env, "/info")

    def spans(self) -> list[Span]:
        """Return every span received so far."""
        return received_spans(self.url)

    def wait_for_spans(self, enough: Callable[[list[Span]], object], seconds: float = 20) -> list[Span]:
        """Return the spans received, once there are enough of them."""

        def probe() -> list[Span] | None:
            spans = self.spans()
            return spans if enough(spans) else None

        return wait_for("spans to arrive at the agent", probe, seconds)

    def failures(self) -> str:
        """Return what the agent found wrong with the payloads it was sent, or ""."""
        answer = _http.request("GET", self.url + "/test/trace_check/failures")
        return "" if answer.status == 200 else answer.data.decode()

    def clear(self) -> None:
        """Forget every span received so far."""
        _http.request("GET", self.url + "/test/session/clear")


@dataclass(frozen=True)
class Credentials:
    """A client of the service, as `callspan client new` and `callspan key new` made it."""

    client_id: str
    client_secret: str
    environment: Mapping[str, str]

    @classmethod
    def new(cls, scopes: Iterable[str] = ("actions",)) -> Credentials:
        """Make a client with these scopes, and a signing key."""
        scope_options = [option for scope in scopes for option in ("--scope", scope)]
        printed = callspan("client", "new", CLIENT_ID, *scope_options).splitlines()
        secret = next(line.split()[-1] for line in printed if line.startswith("client secret"))
        clients = next(line.partition("=")[2].strip("'") for line in printed if line.startswith("CALLSPAN_CLIENTS="))
        keys = callspan("key", "new").strip()
        return cls(CLIENT_ID, secret, {"CALLSPAN_CLIENTS": clients, "CALLSPAN_JWT_KEYS": keys})

    def access_token(self, service_url: str) -> str:
        """Return an access token, asked for as RFC 6749 says."""
        headers = {
            **urllib3.make_headers(basic_auth=f"{self.client_id}:{self.client_secret}"),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = _http.request(
            "POST", service_url + "/oauth/token", body="grant_type=client_credentials", headers=headers
        )
        if answer.status != 200:
            raise SandboxError(f"no token: {answer.status} {answer.data.decode()}")
        token: str = answer.json()["access_token"]
        return token

    def for_genesys(self) -> dict[str, str]:
        """Return the fields of the integration's User Defined (OAuth) credential."""
        return {"clientId": self.client_id, "clientSecret": self.client_secret}


class Service(Process):
    """Callspan, started by the Procfile's own command on a loopback port."""

    def __init__(self, agent_url: str, credentials: Credentials, **settings: str) -> None:
        (port,) = free_ports(1)
        env = {
            **clean_environment(),
            **credentials.environment,
            "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port}",
            "DD_TRACE_AGENT_URL": agent_url,
            "WEB_CONCURRENCY": "2",
            **settings,
        }
        super().__init__(procfile_command(), f"http://127.0.0.1:{port}", env, "/healthz")


class Platform(Process):
    """A stand-in for Genesys Cloud's platform API; `behaviour` is given by the fields of `Behaviour`."""

    def __init__(self, **behaviour: object) -> None:
        (port,) = free_ports(1)
        settings = [f"--set={name}={value}" for name, value in behaviour.items()]
        command = [sys.executable, "-m", "architect.emulator.platform", "--port", str(port), *settings]
        super().__init__(command, f"http://127.0.0.1:{port}", clean_environment(), "/_stand-in/health")

    def tell(self, path: str, /, **given: object) -> Any:
        """Tell what happens in the organisation, as docs/platform.md lists it, and return the answer.

        Raises:
            SandboxError: with what the stand-in found wrong with that.

        """
        answer = _http.request("POST", f"{self.url}/_stand-in/{path}", json=given)
        if answer.status != 200:
            raise SandboxError(f"{path}: {answer.status} {answer.data.decode()}")
        return answer.json()

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests that were answered so far, the stand-in's own aside."""
        answered: list[dict[str, Any]] = _http.request("GET", f"{self.url}/_stand-in/requests").json()
        return answered


def procfile_command() -> list[str]:
    """Return the Procfile's command for the web process, with the program of this virtual environment."""
    line = next(line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("web:"))
    program, *arguments = shlex.split(line.removeprefix("web:"))
    return [str(BIN / program), *arguments]


def callspan(*arguments: str, exit_code: int = 0, **environment: str) -> str:
    """Run the `callspan` command, which is to end with this exit code, and return what it printed."""
    command = [str(BIN / "callspan"), *arguments]
    result = subprocess.run(
        command, cwd=ROOT, env={**clean_environment(), **environment}, check=False, text=True, stdout=subprocess.PIPE
    )
    if result.returncode != exit_code:
        raise SandboxError(f"callspan {arguments[0]} ended with {result.returncode}, not {exit_code}:\n{result.stdout}")
    return result.stdout


def clean_environment() -> dict[str, str]:
    """Return the environment without what would configure Callspan, gunicorn or a tracer from outside."""
    ours = ("CALLSPAN_", "DD_", "GENESYSCLOUD_", "GUNICORN_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
