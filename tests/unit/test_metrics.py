from __future__ import annotations

import logging
import os
import random
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.calls import Caller, Calls
from app.metrics import (
    CALLS_ENDED,
    CALLS_STARTED,
    METRICS,
    QUEUE_WAIT,
    REJECTIONS,
    TAGS_FOLDED,
    Metrics,
    UndeclaredTagError,
    dogstatsd,
)
from app.shared import KnownValues, RecentIds
from app.tags import parse_tags
from architect.sandbox import wait_for
from tests.dogstatsd import Receiver
from tests.unit.test_shared import in_process, went_well

Make = Callable[..., Metrics]


@pytest.fixture
def received() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def make(received: Receiver, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Return a function that makes metrics of a service of its own, sent to the receiver."""
    monkeypatch.setenv("DD_DOGSTATSD_URL", received.url)
    monkeypatch.setenv("DD_SERVICE", "callspan")

    def metrics(*user_tags: str, max_values: int = 100) -> Metrics:
        return Metrics(dogstatsd(), user_tags, max_values, KnownValues(), RecentIds())

    return metrics


def settle(metrics: Metrics, received: Receiver) -> None:
    """Wait until all that was sent has come."""
    metrics.flush()
    mark = f"settled.{uuid.uuid4().hex}"
    metrics._client.increment(mark)
    metrics.flush()
    wait_for("the last datagram", lambda: received.samples(mark) or None)


def test_what_is_sent_is_what_was_counted(make: Make, received: Receiver) -> None:
    metrics = make("priority")
    tags = parse_tags("priority:high,line:sales").accepted
    for _ in range(3):
        metrics.count(CALLS_STARTED, {"flow": "Sales Inbound", "channel": "voice", "direction": ""}, tags)
    metrics.distribution(QUEUE_WAIT, 40_000, {"outcome": "answered"})
    settle(metrics, received)
    assert received.total(CALLS_STARTED.name, "flow:sales_inbound", "channel:voice", "priority:high") == 3
    (sample,) = received.samples(QUEUE_WAIT.name)
    assert (sample.value, sample.kind, sample.tags) == (40_000, "d", {"service:callspan", "outcome:answered"})
    tags_sent = frozenset.union(*(s.tags for s in received.samples(CALLS_STARTED.name)))
    assert tags_sent == {"service:callspan", "flow:sales_inbound", "channel:voice", "priority:high"}, (
        "line was not asked for"
    )


def test_an_undeclared_tag_raises(make: Make) -> None:
    with pytest.raises(UndeclaredTagError, match=r"callspan\.rejections has no tag conversation_id"):
        make().count(REJECTIONS, {"conversation_id": "x"})


def test_a_user_tag_reaches_only_metrics_that_take_them(make: Make) -> None:
    assert [metric.name for metric in METRICS if metric.user_tags] == [
        "callspan.calls.started",
        "callspan.milestones",
        "callspan.calls.ended",
    ]
    metrics = make("line")
    tags = parse_tags("line:sales").accepted
    assert metrics._tags(CALLS_ENDED, {"by": "flow"}, tags) == ["by:flow", "line:sales"]
    assert metrics._tags(REJECTIONS, {"action": "start-call-trace"}, tags) == ["action:start-call-trace"]


@pytest.mark.parametrize(
    "identifier",
    [
        "8f14e45f-ceea-467f-a34e-7d5c3b2a1908",
        "8F14E45FCEEA467FA34E7D5C3B2A1908",
        "00-8f14e45fceea467fa34e7d5c3b2a1908-8f14e45fceea467f-01",
        "8f14e45fceea467f",
        "11767480711448762632",
        "order 4711000000001",
    ],
)
def test_an_id_never_reaches_a_metric_whatever_it_is_called(make: Make, identifier: str) -> None:
    metrics = make("call_id")
    tags = parse_tags(f"call_id:{identifier}", refuse_personal_data=False).accepted
    assert metrics._tags(CALLS_STARTED, {"flow": identifier}, tags) == ["flow:other", "call_id:other"]


def test_what_comes_after_the_limit_is_folded_counted_and_logged_once(
    make: Make, received: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = make(max_values=2)
    with caplog.at_level(logging.WARNING):
        for name in ("a", "b", "c", "d", "a", "C"):
            metrics.count(REJECTIONS, {"reason": name})
    settle(metrics, received)
    assert {tag for sample in received.samples(REJECTIONS.name) for tag in sample.tags} == {
        "service:callspan", "reason:a", "reason:b", "reason:other",
    }  # fmt: skip
    assert received.total(REJECTIONS.name, "reason:a") == 2
    assert received.total(TAGS_FOLDED.name, "key:reason") == 3
    assert [record.fields for record in caplog.records] == [{"key": "reason", "limit": "2"}]


@pytest.mark.parametrize("hostile", ["x|c\ncallspan.calls.started:999|c", "a,b:c", "x|#admin:true", "a\nb", "é|@0.1"])
def test_a_value_cannot_break_out_of_its_datagram(make: Make, received: Receiver, hostile: str) -> None:
    metrics = make()
    metrics.count(REJECTIONS, {"reason": hostile})
    settle(metrics, received)
    ours = [sample for sample in received.samples() if not sample.name.startswith("settled.")]
    assert [(sample.name, sample.value, len(sample.tags)) for sample in ours] == [("callspan.rejections", 1, 2)]


def test_a_unix_socket_is_used_where_one_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as agent:
        agent.bind(str(tmp_path / "dsd.socket"))
        agent.settimeout(5)
        monkeypatch.setenv("DD_DOGSTATSD_URL", f"unix://{tmp_path}/dsd.socket")
        metrics = Metrics(dogstatsd())
        for _ in range(7):
            metrics.count(REJECTIONS, {"reason": "invalid_input"})
        metrics.flush()
        assert agent.recv(4096).startswith(b"callspan.rejections:7|c|#"), "seven counts leave as one"


class Dropped:
    """Stands where spans are sent, and sends none."""

    def emit(self, *spans: object) -> None:
        pass


def test_100_000_calls_with_random_tags_stay_within_the_bound(
    received: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four processes, as four workers, take 25,000 calls each, nearly all with values that were never seen."""
    monkeypatch.setenv("DD_DOGSTATSD_URL", received.url)
    known, recent = KnownValues(), RecentIds()

    def take_calls(seed: int) -> bool:
        metrics = Metrics(dogstatsd(), ("line", "priority"), 100, known, recent)
        calls = Calls(Dropped(), metrics, root_at_start=True, refuse_personal_data=False)  # type: ignore[arg-type]
        chance = random.Random(seed)
        for _ in range(25_000):
            conversation = str(uuid.UUID(int=chance.getrandbits(128), version=4))
            line, priority, flow = (f"{chance.randrange(10**6)}" for _ in range(3))
            told = {
                "conversation_id": conversation, "traceparent": "", "flow_name": flow, "channel": f"c{flow}",
                "direction": f"d{flow}", "queue_name": conversation, "tags": f"line:x{line},priority:p{priority}",
            }  # fmt: skip
            calls.start(told, Caller("genesys"), 0)
        metrics.flush()
        return True

    children = [in_process(lambda n=n: take_calls(n)) for n in range(4)]
    assert [went_well(child) for child in children] == [True] * 4
    wait_for("the calls", lambda: received.total(CALLS_STARTED.name) >= 100_000 or None)
    started = received.samples(CALLS_STARTED.name)
    assert sum(sample.value for sample in started) == 100_000
    values: dict[str, set[str]] = {}
    for tag in frozenset.union(*(sample.tags for sample in started)):
        key, _, value = tag.partition(":")
        values.setdefault(key, set()).add(value)
    assert {key: len(found) for key, found in values.items()} == {
        "flow": 101, "channel": 101, "direction": 101, "origin": 1, "line": 101, "priority": 101,
        "service": 1,
    }  # fmt: skip
    assert all("other" in found for found in values.values() if len(found) > 1)


def test_a_retry_is_not_counted_again(make: Make, received: Receiver) -> None:
    metrics = make()
    calls = Calls(Dropped(), metrics, root_at_start=True, refuse_personal_data=True)  # type: ignore[arg-type]
    names = ("traceparent", "flow_name", "channel", "direction", "queue_name", "tags", "outcome", "duration_ms")
    told = {**dict.fromkeys(names, ""), "conversation_id": str(uuid.uuid4()), "milestone": "identified"}
    for _ in range(5):
        calls.start(told, Caller("genesys"), 0)
        calls.milestone(told, Caller("genesys", correlation_id="one"), 10**18)
        calls.end(told, Caller("genesys"), 10**18)
    settle(metrics, received)
    assert {s.name: s.value for s in received.samples() if s.name.startswith("callspan")} == {
        "callspan.calls.started": 1,
        "callspan.milestones": 1,
        "callspan.calls.ended": 1,
    }


def test_nothing_is_said_when_no_agent_listens(make: Make, received: Receiver) -> None:
    """Phone calls must not fail for want of a metric."""
    metrics = make()
    received.__exit__(None, None, None)
    for _ in range(1000):
        metrics.count(REJECTIONS, {"reason": "invalid_input"})
    metrics.flush()
    assert os.getpid()
