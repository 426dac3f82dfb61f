"""The processes of a world: an agent, Callspan by its Procfile, and what all worlds of a run share."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil
import urllib3

from architect.sandbox import Agent, Credentials, Service, callspan, free_ports
from tests.chaos.intake import Held, spans_of


class Sink(Protocol):
    """What takes the spans: the intake double or Datadog's test agent."""

    url: str

    def held(self) -> list[Held]:
        """Return every span taken so far."""

    def failures(self) -> str:
        """Return what was wrong with the payloads, or ""."""

    def stop(self) -> object:
        """End."""


class TestAgent(Agent):
    """Datadog's test agent."""

    __test__ = False

    def held(self) -> list[Held]:
        """Return every span taken so far."""
        return [held for span in self.spans() for held in spans_of([span])]


class Dyno(Service):
    """Callspan on a port that its successors use too. `shell` is run before it, in the process that becomes it."""

    def __init__(
        self, port: int, agent_url: str, credentials: Credentials, shell: str, settings: dict[str, str]
    ) -> None:
        super().__init__(agent_url, credentials, **{"GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port}", **settings})
        self.url = f"http://127.0.0.1:{port}"
        if shell:
            self._command = ["/bin/sh", "-c", f'{shell}; exec "$0" "$@"', *self._command]

    def workers(self) -> list[psutil.Process]:
        """Return the worker processes."""
        return psutil.Process(self.process.pid).children()

    def stop_all(self) -> None:
        """Ask every process at once to end, as Heroku does, and wait."""
        processes = [psutil.Process(self.process.pid), *self.workers()]
        for process in processes:
            process.send_signal(signal.SIGTERM)
        self.process.wait(35)

    def readiness(self) -> dict[str, Any]:
        """Return what `/readyz` says, {} when it does not answer."""
        try:
            found: dict[str, Any] = urllib3.request("GET", self.url + "/readyz", timeout=5, retries=False).json()
        except (urllib3.exceptions.HTTPError, ValueError):
            return {}
        return found


@dataclass(frozen=True)
class Site:
    """What all worlds of a run share, because it takes seconds to make: a port, a client, the exports for the port."""

    port: int
    credentials: Credentials
    folder: Path
    exports: Path

    @classmethod
    @contextmanager
    def new(cls) -> Iterator[Site]:
        """Make it, in a folder that is removed in the end."""
        with tempfile.TemporaryDirectory(prefix="callspan-chaos-") as name:
            folder = Path(name)
            site = cls(free_ports(1)[0], Credentials.new(("actions", "events")), folder, folder / "exports")
            callspan("export", "--base-url", site.url, "--out", str(site.exports))
            yield site

    @property
    def url(self) -> str:
        """Where the service is."""
        return f"http://127.0.0.1:{self.port}"
