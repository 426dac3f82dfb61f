"""A thousand conversations at once, over HTTP, in time that runs sixty times as fast for both sides."""

from __future__ import annotations

import time as real_time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from app.calls import Caller
from app.genesys.budget import Budget
from app.genesys.client import PlatformClient
from app.genesys.errors import TimedOutError
from app.genesys.writer import PERSISTED, AttributeWriter
from app.tagging import SOURCE, Tagged, Tagging
from architect.emulator.platform import Behaviour, Clock, Conversation, Fault, Organization, PlatformStandIn
from schemas.conversation_attributes import TRACE_ATTRIBUTES

SPEED = 60


class FastClock(Clock):
    def now(self) -> float:
        return real_time.monotonic() * SPEED


class NoCalls:
    """Starts no traces: they are not what this is about."""

    def start(self, *_: Any) -> None:
        pass


def end_flow_at_the_write(conversation: Conversation) -> None:
    """Have a voice flow hold a priority of its own, and end just when the write was accepted."""
    running, accept = [conversation.start_flow()], conversation.patch
    running[0].set("priority", "normal")

    def accept_and_end(*arguments: Any, **more: Any) -> None:
        accept(*arguments, **more)
        if running:
            running.pop().end()

    conversation.patch = accept_and_end  # type: ignore[method-assign]


def ours(report: Tagged) -> dict[str, str]:
    trace = report.call.trace
    return dict(zip(TRACE_ATTRIBUTES, (trace.traceparent, trace.trace_id, report.trace_url, SOURCE), strict=True))


def test_a_thousand_conversations_are_tagged_within_the_limit_and_each_is_reported_as_it_is(
    figure: Callable[[str], None],
) -> None:
    clock = FastClock()
    organization = Organization(Behaviour(write_delay=0.5), clock)
    organization.clients.add("id", "secret")
    for kind in ("slow-write", "lost-write", "overwritten"):
        organization.faults.add(Fault(kind, times=20, seconds=100_000))
    conversations = [organization.start_conversation() for _ in range(1000)]
    for conversation in conversations:
        conversation.join("customer")

    def tag(conversation: Conversation) -> Tagged:
        if conversation in conversations[::10]:
            end_flow_at_the_write(conversation)
        report = None
        while report is None:
            # A machine that is busy for a third of a second has let a whole budget pass: then the caller asks again.
            with suppress(TimedOutError):
                budget = Budget(20, clock.now, lambda seconds: real_time.sleep(seconds / SPEED))
                report = tagging.tag(conversation.id, {"priority": "high"}, Caller("test"), budget)
        stored = conversation.participants[0].attributes
        wanted = {**ours(report), "priority": "high"}
        there = {name for name, what in report.outcomes.items() if what == PERSISTED}
        assert there == {name for name, value in wanted.items() if stored.get(name) == value}
        return report

    began = clock.now()
    with PlatformStandIn(organization) as platform:
        client = PlatformClient(platform.url, platform.url, "id", "secret", per_minute=280, clock=clock.now)
        tagging = Tagging(AttributeWriter(client), NoCalls(), "https://app.example/{}".format)
        with ThreadPoolExecutor(8) as pool:
            reports = list(pool.map(tag, conversations))
    minutes = (clock.now() - began) / 60
    statuses = Counter(request.status for request in organization.requests)
    outcomes = Counter(what for report in reports for what in report.outcomes.values())
    figure(
        f"1000 conversations tagged with {statuses.total()} requests in {minutes:.1f} minutes of Genesys Cloud's time: "
        f"{dict(outcomes)}, no 429"
    )
    assert statuses[429] == 0
    assert set(statuses) == {200, 202}
    assert len({report.resolution.participant.id for report in reports}) == 1000
    assert outcomes.keys() == {"persisted", "missing", "overwritten"}
    assert outcomes["persisted"] > 4000
