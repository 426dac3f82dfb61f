"""Calls that start, go on and end in any order, any number of times, told by flows and by events, on either way.

Whatever comes, in whatever order: ids follow from the conversation, a span that is told again has its id again, a
trace has one root at the most, and each thing that happened is counted once.
"""

from __future__ import annotations

import functools
import json
import random
import time
import uuid
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from app import create_app
from app.messages import Request
from app.metrics import ATTRIBUTES, CALLS_ENDED, CALLS_STARTED, EVENTS, MILESTONES, Metric, Metrics
from app.shared import RecentIds
from app.span import FinishedSpan
from tests.conftest import OTHER_TRACEPARENT, make_settings
from tests.events import call
from tests.fuzz.effort import fuzz

START, MILESTONE, END = (f"/v1/actions/{name}" for name in ("start-call-trace", "record-milestone", "end-call-trace"))
EVENT_COUNT = 11


class Counts(Metrics):
    """Counts what would be sent, by metric, with a service's memory of what was met before."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._recent = RecentIds()
        self.counted: Counter[str] = Counter()

    def count(self, metric: Metric, *_: object, amount: int = 1, **__: object) -> None:
        self.counted[metric.name] += amount

    def distribution(self, *_: object) -> None:
        """Lengths of time are no counts."""


@functools.cache
def service(root_span: str) -> tuple[Flask, Counts]:
    counts = Counts()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.metrics.Metrics", lambda *_: counts)
        return create_app(make_settings(root_span=root_span)), counts


class LifeOfCalls(RuleBasedStateMachine):
    """One service, in one of its two modes, and what it was told of a few calls."""

    conversations = Bundle("conversations")

    @initialize(root_span=st.sampled_from(["start", "events"]))
    def begin(self, root_span: str) -> None:
        app, counts = service(root_span)
        counts.forget()
        parts = app.extensions["callspan"]
        self.spans: list[FinishedSpan] = []
        parts.telemetry.emit = lambda *spans: self.spans.extend(spans)
        self.root_at_start = root_span == "start"
        self.counted = counts.counted
        self.client = app.test_client()
        self.hot_path = parts.hot_path
        clients = parts.settings.clients
        self.tokens = {n: "Bearer " + parts.tokens.issue(c, c.scopes, 600) for n, c in clients.items()}
        self.now_ms = time.time_ns() // 1_000_000
        self.happened: dict[str, set[object]] = {name.name: set() for name in (CALLS_STARTED, MILESTONES, CALLS_ENDED)}
        self.happened |= {ATTRIBUTES.name: set(), EVENTS.name: set()}
        self.ids: dict[object, set[str]] = {}

    @rule(target=conversations, number=st.integers(1, 1000))
    def a_conversation(self, number: int) -> str:
        return str(uuid.UUID(int=random.Random(number).getrandbits(128), version=4))

    def _act(self, path: str, short: bool, correlation: str, inputs: dict[str, str]) -> dict[str, str]:
        """Call a data action by the short way, or through Flask, and return its outputs."""
        body = json.dumps(inputs).encode()
        headers = {
            "Authorization": self.tokens["genesys"], "Content-Type": "application/json",
            "ININ-Correlation-Id": correlation,
        }  # fmt: skip
        if short:
            raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
            answer = self.hot_path.answer(Request("", "POST", path.encode(), headers=raw, fields=dict(raw), body=body))
            assert answer is not None
            return json.loads(answer)  # type: ignore[no-any-return]
        response = self.client.post(path, data=body, headers=headers)
        assert response.status_code == 200
        return json.loads(response.data)  # type: ignore[no-any-return]

    def _remember(self, metric: Metric, what: object, span_id: str) -> None:
        self.happened[metric.name].add(what)
        self.ids.setdefault(what, set()).add(span_id)

    @rule(conversation=conversations, short=st.booleans(), found=st.sampled_from(["", "own", "other", "NOT_SET"]))
    def start(self, conversation: str, short: bool, found: str) -> None:
        trace_id = conversation.replace("-", "")
        own = f"00-{trace_id}-{trace_id[:16]}-01"
        told = {"own": own, "other": OTHER_TRACEPARENT}.get(found, found)
        outputs = self._act(START, short, "", {"conversationId": conversation.upper(), "traceparent": told})
        assert outputs["traceparent"] == (OTHER_TRACEPARENT if found == "other" else own)
        self._remember(CALLS_STARTED, ("start", conversation), self.spans[-1].span_id)

    @rule(
        conversation=conversations, short=st.booleans(), name=st.sampled_from(["identified", "paid"]),
        correlation=st.sampled_from(["c-1", "c-2"]),
    )  # fmt: skip
    def milestone(self, conversation: str, short: bool, name: str, correlation: str) -> None:
        outputs = self._act(MILESTONE, short, correlation, {"conversationId": conversation, "milestone": name})
        self._remember(MILESTONES, ("milestone", conversation, name, correlation), outputs["span_id"])

    @rule(conversation=conversations, short=st.booleans(), outcome=st.sampled_from(["ok", "error"]))
    def end(self, conversation: str, short: bool, outcome: str) -> None:
        outputs = self._act(END, short, "", {"conversationId": conversation, "outcome": outcome})
        self._remember(CALLS_ENDED, ("end", conversation), outputs["span_id"])

    @rule(conversation=conversations, numbers=st.lists(st.integers(0, EVENT_COUNT - 1), min_size=1, max_size=14))
    def events(self, conversation: str, numbers: list[int]) -> None:
        """Deliver some events of a call, in any order, some of them twice in one delivery."""
        all_events = call(conversation, self.now_ms)
        assert len(all_events) == EVENT_COUNT
        batch: list[dict[str, Any]] = [all_events[number] for number in numbers]
        before = self.counted[EVENTS.name]
        response = self.client.post(
            "/v1/events/genesys", json=batch, headers={"Authorization": self.tokens["eventbridge"]}
        )
        assert response.status_code == 200
        for event in batch:
            kind = event["detail-type"].rpartition("{id}.")[2]
            if kind.endswith(".start"):
                before += 1  # nothing has ended: counted each time, for it says nothing of a call
                continue
            new = (kind, conversation) not in self.happened[EVENTS.name]
            self.happened[EVENTS.name].add((kind, conversation))
            before += new
            if kind == "customer.end":
                self.happened[CALLS_ENDED.name].add((kind, conversation))
            if kind == "attributes":
                self.happened[ATTRIBUTES.name].add(conversation)
        assert self.counted[EVENTS.name] == before

    @invariant()
    def each_thing_is_counted_once(self) -> None:
        for name, happened in self.happened.items():
            if name != EVENTS.name:
                assert self.counted[name] == len(happened), name

    @invariant()
    def what_is_told_again_has_its_id_again(self) -> None:
        assert all(len(ids) == 1 for ids in self.ids.values())

    @invariant()
    def every_id_follows_from_the_conversation(self) -> None:
        meanings: dict[tuple[str, str], str] = {}
        for span in self.spans:
            trace_id = span.tags["conversation.id"].replace("-", "")
            assert span.trace_id in (trace_id, OTHER_TRACEPARENT[3:35])
            if span.name == "genesys.conversation":
                assert (span.trace_id, span.span_id, span.parent_id) == (trace_id, trace_id[:16], "")
            else:
                assert span.parent_id
                assert span.span_id not in (trace_id[:16], span.parent_id)
            # Two things of one trace never share an id.
            assert meanings.setdefault((trace_id, span.span_id), span.name) == span.name

    @invariant()
    def the_root_is_told_by_one_side_alone(self) -> None:
        roots = [span for span in self.spans if not span.parent_id]
        assert {span.name for span in roots} <= {"genesys.conversation"}
        assert len({span.trace_id for span in roots}) == len({(span.trace_id, span.span_id) for span in roots})
        if not self.root_at_start:
            ended = {conversation for kind, conversation in self.happened[EVENTS.name] if kind == "customer.end"}
            assert {span.tags["conversation.id"] for span in roots} == ended


LifeOfCalls.TestCase.settings = fuzz
TestLifeOfCalls = LifeOfCalls.TestCase
