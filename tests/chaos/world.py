"""The world that a fault strikes: an agent, Callspan by its Procfile, calls going on, and the ledger of them."""

from __future__ import annotations

import re
import shutil
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import MappingProxyType
from typing import NamedTuple, Self

from architect.sandbox import SandboxError, wait_for
from tests.chaos.bridge import Bridge
from tests.chaos.generator import Calls, LightCalls
from tests.chaos.ledger import Account, Ledger
from tests.chaos.processes import Dyno, Sink, Site
from tests.chaos.result import Result

CALLS_PER_SECOND = 6.0
LIGHT_REQUESTS_PER_SECOND = 60.0
BEFORE, AFTER = 1.5, 1.5
"""Seconds for which calls go on before and after a fault."""

PATIENCE = 30.0
"""Seconds to wait for what was promised, once calls have ended."""

QUIET = 8.0
"""Seconds without a new span after which no more are waited for."""


class Strike(NamedTuple):
    """When a fault struck (monotonic)."""

    fault: str
    began: float
    ended: float


class World:
    """Use it in a `with` statement: calls go on inside, at these rates, until `settle`.

    A fault adds to `notes` what it measured, and to `problems` what should not have been.
    """

    def __init__(
        self,
        site: Site,
        sink: Sink,
        settings: Mapping[str, str] = MappingProxyType({}),
        *,
        shell: str = "",
        rates: tuple[float, float] = (CALLS_PER_SECOND, LIGHT_REQUESTS_PER_SECOND),
        quiet: float = QUIET,
    ) -> None:
        self.site, self.sink, self.rates, self._quiet = site, sink, rates, quiet
        self.journal = site.folder / f"journal-{uuid.uuid4().hex[:8]}"
        self.journal.mkdir()
        self.settings = {"CALLSPAN_ROOT_SPAN": "events", "CALLSPAN_JOURNAL_DIR": str(self.journal), **settings}
        self.ledger = Ledger()
        self.notes: dict[str, str] = {}
        self.problems: list[str] = []
        self.service = Dyno(site.port, sink.url, site.credentials, shell, self.settings)
        self._counted = 0
        self._strikes: list[Strike] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
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
            shutil.rmtree(self.journal)
            self.journal.mkdir()
        self.service.start()

    @contextmanager
    def struck(self, fault: str) -> Iterator[None]:
        """Mark the time for which a fault strikes."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._strikes.append(Strike(fault, began, time.monotonic()))

    def blame(self) -> dict[str, int]:
        """Return how many spans are missing that were promised during or after each fault, before the next."""
        missing = set(self.ledger.missing(self.sink.held()))
        times = [at for promise, at in self.ledger.promises.items() if promise in missing]
        return dict(Counter(next((s.fault for s in reversed(self._strikes) if s.began <= at), "") for at in times))

    def settle(self) -> tuple[Account, float | None]:
        """End the calls, and wait until all that was promised is held, or never will be.

        Return the account, and how many seconds after the fault all was held that was promised until its end.
        """
        struck = self._strikes[-1].ended
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
                self.problems += self._unacknowledged()
            elif len(held) != count:
                count, changed = len(held), now
            elif not calling and (not self.ledger.missing(held) or now > min(deadline, changed + self._quiet)):
                return self.ledger.account(held), recovered
            time.sleep(0.1)

    def _unacknowledged(self) -> list[str]:
        """Wait until every event is acknowledged, and say if that does not happen."""
        try:
            wait_for("the events to be acknowledged", lambda: self.bridge.waiting() == 0 or None, PATIENCE)
        except SandboxError:
            return [f"{self.bridge.waiting()} events were never acknowledged"]
        return []

    def result(self, fault: str) -> Result:
        """Let the world come to rest, and return what became of it."""
        account, recovered = self.settle()
        self.note_losses()
        began = self._strikes[0].began
        before = [attempt.seconds for attempt in self.ledger.attempts if attempt.began < began]
        since = [attempt.seconds for attempt in self.ledger.attempts if attempt.began >= began]
        outcomes = Counter(attempt.outcome for attempt in self.ledger.attempts)
        problems = [*account.problems, *self.bridge.rejected, *self.problems]
        if failures := self.sink.failures():
            problems.append(f"the agent complains: {failures}")
        return Result(
            fault=fault,
            seconds=round(self._strikes[-1].ended - began, 1),
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
            events_refused=dict(sorted(self.ledger.refused_events.items())),
            added_ms=round((max(since, default=0) - statistics.median(before or [0])) * 1000),
            recovered_s=None if recovered is None else round(recovered, 1),
            tracebacks=len(re.findall("Traceback", self.service.output())),
            problems=problems,
            notes=self.notes,
        )
