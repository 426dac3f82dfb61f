"""What was promised, and whether it was kept: which calls their flows tagged, which spans Callspan acknowledged."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from architect.runner import Transcript
from tests.chaos.intake import Held


class Promise(NamedTuple):
    """A span of which Callspan said that it has it; `span_id` is "" where the answer does not tell."""

    conversation: str
    name: str
    span_id: str = ""


class Attempt(NamedTuple):
    """A request of a data action: when it began (monotonic), how long it took, and what came of it."""

    began: float
    seconds: float
    outcome: str


@dataclass(frozen=True)
class Played:
    """A call that a flow took. `problem` says what it lacks, "" when it is tagged as it should be."""

    conversation: str
    source: str
    problem: str


@dataclass
class Account:
    """What the comparison of the ledger with the agent found."""

    calls: int = 0
    tagged: int = 0
    tagged_by_flow: int = 0
    complete: int = 0
    promised: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    """Promised spans that the agent does not hold, by name."""
    problems: list[str] = field(default_factory=list)
    """Calls that are not tagged, and traces whose spans do not hang together."""
    repeated: int = 0
    """Spans that came more than once."""


class Ledger:
    """Everything that was seen from outside while calls were taken. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.played: list[Played] = []
        self.promises: dict[Promise, float] = {}
        self.attempts: list[Attempt] = []
        self.refused_events: Counter[str] = Counter()
        """Events that were answered with nothing taken in, by the reason in the answer."""

    def play(self, conversation: str, transcript: Transcript) -> None:
        """Note what a flow put on its call."""
        stored = transcript.stored
        played = Played(conversation, stored.get("callspan_source", ""), untagged(conversation, transcript))
        with self._lock:
            self.played.append(played)

    def promise(self, conversation: str, *names: str, span_id: str = "") -> None:
        """Note spans that were acknowledged."""
        with self._lock:
            for name in names:
                self.promises.setdefault(Promise(conversation, name, span_id), time.monotonic())

    def attempt(self, began: float, outcome: str) -> None:
        """Note a data action's request that has ended now."""
        with self._lock:
            self.attempts.append(Attempt(began, time.monotonic() - began, outcome))

    def refuse(self, reason: str) -> None:
        """Note an event that was acknowledged, but not taken in."""
        with self._lock:
            self.refused_events[reason] += 1

    def missing(self, held: Iterable[Held], until: float = math.inf) -> list[Promise]:
        """Return the spans that were promised until then (monotonic) and that the agent does not hold."""
        names = set()
        ids = set()
        for span in held:
            names.add((span.conversation, span.name))
            ids.add((span.conversation, span.name, span.span_id))
        with self._lock:
            promises = [promise for promise, at in self.promises.items() if at <= until]
        return [p for p in promises if (p not in ids if p.span_id else (p.conversation, p.name) not in names)]

    def account(self, held: Iterable[Held]) -> Account:
        """Compare everything with what the agent holds."""
        held = list(held)
        missing = self.missing(held)
        account = Account(promised=len(self.promises), lost=Counter(promise.name for promise in missing))
        incomplete = {promise.conversation for promise in missing}
        spans: dict[str, list[Held]] = defaultdict(list)
        for span in held:
            spans[span.conversation].append(span)
        account.repeated = len(held) - len({(span.trace_id, span.span_id) for span in held})
        for call in self.played:
            account.calls += 1
            account.tagged += not call.problem
            account.tagged_by_flow += call.source == "flow"
            if call.problem:
                account.problems.append(f"{call.conversation}: {call.problem}")
            if call.conversation in incomplete:
                continue
            if problem := disorder(call.conversation, spans[call.conversation]):
                account.problems.append(f"{call.conversation}: {problem}")
            else:
                account.complete += 1
        return account


def untagged(conversation: str, transcript: Transcript) -> str:
    """Return what is wrong with the tags of a call, or ""."""
    trace_id = conversation.replace("-", "")
    expected = {
        "traceparent": f"00-{trace_id}-{trace_id[:16]}-01",
        "dd_trace_id": trace_id,
        "dd_trace_url": f"https://app.datadoghq.com/apm/trace/{trace_id}",
        "priority": "normal",
        "line": "sales",
    }
    stored = transcript.stored
    wrong = [f"{name} is {stored.get(name)!r}" for name, value in expected.items() if stored.get(name) != value]
    if stored.get("callspan_source") not in ("service", "flow"):
        wrong.append(f"callspan_source is {stored.get('callspan_source')!r}")
    if not transcript.in_order:
        wrong.append(f"the flow ended {transcript.ending}: {transcript.error}")
    return "; ".join(wrong)


def disorder(conversation: str, spans: Iterable[Held]) -> str:
    """Return why the spans of a call are not one tree in the trace that the call is tagged with, or ""."""
    spans = list(spans)
    trace_id = conversation.replace("-", "")
    if strays := {span.trace_id for span in spans} - {trace_id}:
        return f"spans in other traces: {strays}"
    ids = {span.span_id for span in spans}
    if roots := {span.span_id for span in spans if not span.parent_id} - {trace_id[:16]}:
        return f"other roots: {roots}"
    if trace_id[:16] not in ids:
        return "no root"
    if orphans := {span.name for span in spans if span.parent_id and span.parent_id not in ids}:
        return f"spans without their parent: {orphans}"
    return ""
