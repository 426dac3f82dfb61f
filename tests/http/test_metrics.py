"""Which request leads to which metrics."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.genesys.story import CLOCK_SKEW_MS
from app.identity import conversation_trace
from app.metrics import METRICS
from app.shared import UNDELIVERED_SPANS
from tests.conftest import CONVERSATION, OTHER_TRACEPARENT, TRACE_ID, make_settings
from tests.dogstatsd import Receiver, Sample
from tests.events import NOW_MS, envelope
from tests.system.conftest import new_conversation

Bearer = Callable[[str], dict[str, str]]


@pytest.fixture
def received() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def app(received: Receiver, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setenv("DD_DOGSTATSD_URL", received.url)
    monkeypatch.setattr("app.api.events.time.time_ns", lambda: NOW_MS * 1_000_000)
    app = create_app(make_settings(metric_tags=("priority",)))
    app.extensions["callspan"].telemetry.emit = lambda *_: None
    return app


@pytest.fixture
def samples(app: Flask, received: Receiver) -> Callable[[], dict[str, Sample]]:
    """Return a function that gives the sample of each metric sent so far, without how long requests took."""

    def sent() -> dict[str, Sample]:
        app.extensions["callspan"].metrics.flush()
        found = received.samples()
        while "callspan.request.duration" not in {sample.name for sample in found}:
            found = received.samples()
        named = {sample.name: sample for sample in found if sample.name != "callspan.request.duration"}
        assert named.keys() <= {metric.name for metric in METRICS}
        return named

    return sent


def tags(sample: Sample) -> dict[str, str]:
    pairs = dict(tag.split(":", 1) for tag in sample.tags)
    assert pairs.pop("service") == "callspan"
    return pairs


def test_a_start_counts_a_call_with_the_tags_that_metrics_may_have(
    client: FlaskClient, bearer: Bearer, samples: Callable[[], dict[str, Sample]]
) -> None:
    inputs = {
        "conversationId": new_conversation(),
        "flowName": "Sales inbound",
        "channel": "Voice",
        "direction": "inbound",
        "tags": "priority:high,line:sales",
    }
    client.post("/v1/actions/start-call-trace", json=inputs, headers=bearer("genesys"))
    (sample,) = samples().values()
    assert (sample.name, sample.value, tags(sample)) == (
        "callspan.calls.started",
        1,
        {
            "flow": "sales_inbound",
            "channel": "voice",
            "direction": "inbound",
            "origin": "minted",
            "priority": "high",
        },
    )


def test_a_rejection_is_counted_by_its_reason(
    client: FlaskClient, bearer: Bearer, samples: Callable[[], dict[str, Sample]]
) -> None:
    client.post("/v1/actions/end-call-trace", json={"conversationId": "x"}, headers=bearer("genesys"))
    (sample,) = samples().values()
    assert (sample.name, tags(sample)) == (
        "callspan.rejections",
        {"action": "end-call-trace", "reason": "invalid_conversation_id"},
    )


def test_every_request_is_measured_by_its_route(client: FlaskClient, received: Receiver, app: Flask) -> None:
    client.get("/healthz")
    client.get(f"/no/such/{CONVERSATION}")
    client.post("/v1/actions/start-call-trace", json={})
    app.extensions["callspan"].metrics.flush()
    while len(found := received.samples("callspan.request.duration")) < 3:
        pass
    assert [tags(sample) for sample in found] == [
        {"route": "/healthz", "status_code": "200"},
        {"status_code": "404"},
        {"route": "/v1/actions/start-call-trace", "status_code": "401"},
    ]
    assert all(0 < sample.value < 5000 and sample.kind == "d" for sample in found)


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (
            "acd.end", {"connectedDurationMs": 40_000, "acdOutcome": "ANSWERED"},
            ("callspan.queue.wait", 40_000, {"outcome": "answered", "channel": "voice", "direction": "inbound"}),
        ),
        (
            "user.end", {"interactingDurationMs": 50_000, "heldDurationMs": 9, "disconnectType": "PEER"},
            ("callspan.talk.time", 50_000, {"disconnect_type": "peer", "channel": "voice", "direction": "inbound"}),
        ),
        (
            "customer.end", {"disconnectType": "ENDPOINT"},
            ("callspan.calls.ended", 1, {"by": "event", "outcome": "ok", "disconnect_type": "endpoint"}),
        ),
        (
            "customer.end", {"disconnectType": "ERROR"},
            ("callspan.calls.ended", 1, {"by": "event", "outcome": "error", "disconnect_type": "error"}),
        ),
        (
            "attributes", {"attributes": {"traceparent": OTHER_TRACEPARENT, "dd_trace_id": TRACE_ID}},
            ("callspan.attributes", 1, {"result": "overwritten", "source": "none"}),
        ),
    ],
)  # fmt: skip
def test_an_event_is_measured_once_however_often_it_comes(
    client: FlaskClient,
    bearer: Bearer,
    samples: Callable[[], dict[str, Sample]],
    kind: str,
    body: dict[str, Any],
    expected: tuple[str, float, dict[str, str]],
) -> None:
    event = envelope(kind, conversation=new_conversation(), **body)
    for _ in range(3):
        assert client.post("/v1/events/genesys", json=event, headers=bearer("eventbridge")).status_code == 200
    sent = samples()
    sample = sent[expected[0]]
    assert (sample.name, sample.value, tags(sample)) == expected
    assert (sent["callspan.events"].value, tags(sent["callspan.events"])) == (1, {"kind": kind, "result": "told"})
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            envelope("acd.start"),
            {"kind": "acd.start", "result": "ignored", "reason": "nothing_has_ended"},
        ),
        (
            envelope("acd.end", time_ms=NOW_MS + CLOCK_SKEW_MS + 1),
            {"kind": "acd.end", "result": "ignored", "reason": "in_the_future"},
        ),
        (envelope("some.thing"), {"result": "ignored", "reason": "unknown_topic"}),
        ({"detail-type": "other"}, {"result": "ignored", "reason": "not_a_conversation_detail_event"}),
        ({"topic": "acd.end"}, {"result": "malformed"}),
    ],
)
def test_an_event_that_gives_no_span_is_counted_with_its_reason(
    client: FlaskClient,
    bearer: Bearer,
    samples: Callable[[], dict[str, Sample]],
    event: dict[str, Any],
    expected: dict[str, str],
) -> None:
    client.post("/v1/events/genesys", json=event, headers=bearer("eventbridge"))
    (sample,) = samples().values()
    assert (sample.name, sample.value, tags(sample)) == ("callspan.events", 1, expected)


def test_spans_that_are_given_up_are_counted(
    app: Flask, client: FlaskClient, samples: Callable[[], dict[str, Sample]]
) -> None:
    before = UNDELIVERED_SPANS.total()
    app.extensions["callspan"].telemetry._lose(7)
    client.get("/healthz")
    assert samples()["callspan.spans.undelivered"].value == 7
    assert UNDELIVERED_SPANS.total() - before == 7


def test_what_was_overwritten_is_logged_with_both_values(
    client: FlaskClient, bearer: Bearer, caplog: pytest.LogCaptureFixture
) -> None:
    conversation = new_conversation()
    trace = conversation_trace(conversation)
    attributes = {"traceparent": OTHER_TRACEPARENT, "dd_trace_id": trace.trace_id, "ANI": "+1"}
    event = envelope("attributes", conversation=conversation, attributes=attributes)
    with caplog.at_level(logging.WARNING):
        client.post("/v1/events/genesys", json=event, headers=bearer("eventbridge"))
    (record,) = (record for record in caplog.records if record.name == "callspan.events")
    assert record.fields == {
        "conversation.id": conversation,
        "dd.trace_id": trace.trace_id,
        "expected": trace.traceparent,
        "found": OTHER_TRACEPARENT,
        "callspan_source": "none",
    }


def test_a_failure_of_ours_asks_for_another_delivery(app: Flask, bearer: Bearer) -> None:
    """EventBridge delivers again on 503; nothing of the event is lost."""

    def fail(*_: object) -> None:
        raise RuntimeError("no memory left")

    app.extensions["callspan"].telemetry.emit = fail
    answer = app.test_client().post("/v1/events/genesys", json=envelope("acd.end"), headers=bearer("eventbridge"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.mimetype == "application/problem+json"
    assert "deliver it again" in answer.json["detail"]
    assert "memory" not in answer.text
