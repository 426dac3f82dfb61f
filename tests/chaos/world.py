"""The world that a fault strikes: an agent, Callspan by its Procfile, calls going on, and the ledger of them."""

from __future__ import annotations

import json
import os
import re
import signal
import statistics
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil
import urllib3

from architect.sandbox import Agent, Credentials, Service, callspan, free_ports, wait_for
from tests.chaos.bridge import Bridge
from tests.chaos.generator import Calls, LightCalls
from tests.chaos.intake import Held, spans_of
from tests.chaos.ledger import Account, Ledger

CALLS_PER_SECOND = 6.0
LIGHT_REQUESTS_PER_SECOND = 60.0
BEFORE, AFTER = 1.5, 1.5
"""Seconds for which calls go on before and after a fault."""

PATIENCE = 30.0
"""Seconds to wait for what was promised, once calls have ended."""

QUIET = 8.0
"""Seconds without a new span after which no more are waited for."""


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


@dataclass(frozen=True)
class Result:
    """What became of the calls while a fault struck."""

    fault: str
    seconds: float
    calls: int
    tagged: int
    tagged_by_flow: int
    complete: int
    promised: int
    lost: dict[str, int]
    counted: int
    repeated: int
    requests: int
    errors: dict[str, int]
    event_retries: int
    events_refused: dict[str, int]
    added_ms: int
    recovered_s: float | None
    tracebacks: int
    problems: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def lost_spans(self) -> int:
        """Spans that Callspan acknowledged and the agent never got."""
        return sum(self.lost.values())

    def as_json(self) -> dict[str, Any]:
        """Return the result for a JSON file."""
        return asdict(self)


class World:
    """Use it in a `with` statement: calls go on inside, at these rates, until `settle`."""

    def __init__(
        self,
        site: Site,
        sink: Sink,
        *,
        shell: str = "",
        rates: tuple[float, float] = (CALLS_PER_SECOND, LIGHT_REQUESTS_PER_SECOND),
        **settings: str,
    ) -> None:
        self.site, self.sink, self.rates = site, sink, rates
        self.journal = site.folder / f"journal-{uuid.uuid4().hex[:8]}"
        self.journal.mkdir()
        self.settings = {"CALLSPAN_ROOT_SPAN": "events", "CALLSPAN_JOURNAL_DIR": str(self.journal), **settings}
        self.ledger = Ledger()
        self.notes: dict[str, str] = {}
        self.service = Dyno(site.port, sink.url, site.credentials, shell, self.settings)
        self._counted = 0
        self._struck = (0.0, 0.0)
        self._stack = ExitStack()

    def __enter__(self) -> World:
        with ExitStack() as stack:
            self.service.start()
            stack.callback(self._stop_service)
            self.bridge = Bridge(self.site.url, self.site.credentials, self.ledger)
            stack.callback(self.bridge.end)
            site = self.site
            self.calls = Calls(site.exports, site.credentials, site.url, self.ledger, self.bridge, self.rates[0])
            self._light = LightCalls(site.url, site.credentials, self.ledger, self.rates[1])
            self.calls.start()
            stack.callback(self.calls.stop)
            self._light.start()
            stack.callback(self._light.stop)
            self._stack = stack.pop_all()
        time.sleep(BEFORE)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _stop_service(self) -> None:
        if self.service.process.poll() is None:
            self.service.stop()

    def note_losses(self) -> None:
        """Remember how many spans the service gave up, before it ends and forgets it."""
        self._counted += self.service.readiness().get("undelivered_spans", 0)

    def replace_service(self, away: float, *, same_disk: bool) -> None:
        """End every process of the service at once, and start its successor after so many seconds."""
        self.note_losses()
        self.service.stop_all()
        time.sleep(away)
        if not same_disk:
            for path in self.journal.iterdir():
                path.unlink()
        self.service.start()

    @contextmanager
    def struck(self) -> Iterator[None]:
        """Mark the time for which a fault strikes."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._struck = (began, time.monotonic())

    def settle(self) -> tuple[Account, float | None]:
        """End the calls, and wait until all that was promised is held, or never will be.

        Return the account, and how many seconds after the fault all was held that was promised until its end.
        """
        struck = self._struck[1]
        recovered: float | None = None
        count, changed = -1, 0.0
        deadline, calling = struck + PATIENCE, True
        while True:
            held, now = self.sink.held(), time.monotonic()
            if recovered is None and not self.ledger.missing(held, until=struck):
                recovered = now - struck
            if calling and now > struck + AFTER:
                calling = False
                self.calls.stop()
                self._light.stop()
                wait_for("the events to be acknowledged", lambda: self.bridge.waiting() == 0 or None, PATIENCE)
            elif len(held) != count:
                count, changed = len(held), now
            elif not calling and (not self.ledger.missing(held) or now > min(deadline, changed + QUIET)):
                return self.ledger.account(held), recovered
            time.sleep(0.1)

    def result(self, fault: str) -> Result:
        """Let the world come to rest, and return what became of it."""
        account, recovered = self.settle()
        self.note_losses()
        before = [a.seconds for a in self.ledger.attempts if a.began < self._struck[0]]
        since = [a.seconds for a in self.ledger.attempts if a.began >= self._struck[0]]
        outcomes = Counter(attempt.outcome for attempt in self.ledger.attempts)
        problems = [*account.problems, *self.bridge.rejected]
        if failures := self.sink.failures():
            problems.append(f"the agent complains: {failures}")
        return Result(
            fault=fault,
            seconds=round(self._struck[1] - self._struck[0], 1),
            calls=account.calls,
            tagged=account.tagged,
            tagged_by_flow=account.tagged_by_flow,
            complete=account.complete,
            promised=account.promised,
            lost=dict(sorted(account.lost.items())),
            counted=self._counted,
            repeated=account.repeated,
            requests=outcomes.total(),
            errors={outcome: count for outcome, count in sorted(outcomes.items()) if outcome != "ok"},
            event_retries=self.bridge.errors,
            events_refused=dict(self.ledger.refused_events),
            added_ms=round((max(since, default=0) - statistics.median(before or [0])) * 1000),
            recovered_s=None if recovered is None else round(recovered, 1),
            tracebacks=len(re.findall("Traceback", self.service.output())),
            problems=problems,
            notes=self.notes,
        )


def write(results: list[Result], path: Path) -> None:
    """Write results as JSON."""
    path.write_text(json.dumps([result.as_json() for result in results], indent=1, sort_keys=True) + "\n")


def read(path: Path) -> list[Result]:
    """Read results back."""
    return [Result(**each) for each in json.loads(path.read_text())]


def kill(process: psutil.Process) -> None:
    """End a process that this run started, at once."""
    os.kill(process.pid, signal.SIGKILL)
