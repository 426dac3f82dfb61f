"""Our spans held against those that ddtrace's own tracer sends of the same work, as Datadog's test agent received them.

We encode spans ourselves and use ddtrace's exporter, which is not a public part of it: a version that says more of a
span, or takes payloads in another way, is to be seen here.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
import urllib3

from architect.sandbox import ROOT, Agent, clean_environment

TRACE, OTHER = "8f14e45fceea467fa34e7d5c3b2a1908", "4bf92f3577b34da6a3ce929d0e0e4736"
ROOT_ID, ENTRY_ID, FAR_ID = TRACE[:16], "00f067aa0ba902b7", "00f067aa0ba902b8"
SPANS = [
    # name, service ("" for our own), resource, trace, id, parent, tags, error, link
    ("genesys.conversation", "genesys-cloud", "inbound voice", TRACE, ROOT_ID, "", {"channel": "voice"}, False, None),
    ("callspan.start", "", "start-call-trace", TRACE, ENTRY_ID, ROOT_ID, {"call.line": "sales"}, False, None),
    ("callspan.end", "", "end-call-trace", OTHER, FAR_ID, ENTRY_ID, {"outcome": "error"}, True, (TRACE, ROOT_ID)),
]
STARTED = (time.time_ns() // 1_000_000 - 60_000) * 1_000_000  # Datadog takes no spans of long ago
FINISHED = STARTED + 2_000_000

BY_US = f"""
from app.telemetry import Telemetry
from app.span import FinishedSpan
from app.identity import TraceContext
telemetry = Telemetry()
for chunk in ({SPANS[:2]!r}, {SPANS[2:]!r}):
    telemetry.emit(*(
        FinishedSpan(name, resource, trace, own, parent, {STARTED}, {FINISHED}, tags, service, error,
                     TraceContext(*link) if link else None)
        for name, service, resource, trace, own, parent, tags, error, link in chunk
    ))
telemetry._stop()
"""
BY_DDTRACE = f"""
import app.telemetry  # the same settings
from ddtrace.trace import Context, tracer
for chunk in ({SPANS[:2]!r}, {SPANS[2:]!r}):
    made = []
    for name, service, resource, trace, own, parent, tags, error, link in chunk:
        context = Context(trace_id=int(trace, 16), span_id=int(parent, 16) if parent else None, sampling_priority=2,
                          meta={{"_dd.p.dm": "-4"}})
        span = tracer.start_span(name, child_of=context, service=service or "callspan", resource=resource)
        span.span_id = int(own, 16)
        span.set_tags({{**tags, "_dd.p.dm": "-4", "_dd.p.tid": trace[:16], "_sampling_priority_v1": 2}})
        span.error = int(error)
        if link:
            span.set_link(int(link[0], 16), int(link[1], 16), flags=1)
        span.start_ns = {STARTED}
        made.append(span)
    for span in made:
        span.finish(finish_time={FINISHED} / 1e9)
tracer.flush()
"""
OURS_ALONE_DECIDE = {"runtime-id", "process_id"}
"""Of the process that sends: there on both sides, and not the same."""

LEFT_OUT = {"_dd.svc_src"}
"""That somebody set the service's name by hand; Datadog's own way of finding names is not in use here."""


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    agent = Agent().start()
    yield agent
    agent.stop()


def received(agent: Agent, script: str) -> list[list[dict[str, Any]]]:
    agent.clear()
    environment = {
        **clean_environment(), "DD_TRACE_AGENT_URL": agent.url, "DD_ENV": "prod", "DD_VERSION": "1.2",
        "DD_TAGS": "team:voice,region:eu", "DD_TRACE_API_VERSION": "v0.4",
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True, timeout=60)
    agent.wait_for_spans(lambda spans: len(spans) == len(SPANS))
    chunks: list[list[dict[str, Any]]] = urllib3.request("GET", f"{agent.url}/test/session/traces").json()
    return sorted(chunks, key=len, reverse=True)


def test_our_spans_say_what_ddtraces_tracer_would(agent: Agent) -> None:
    ours, theirs = received(agent, BY_US), received(agent, BY_DDTRACE)
    assert [[span["span_id"] for span in chunk] for chunk in ours] == [
        [int(ROOT_ID, 16), int(ENTRY_ID, 16)],
        [int(FAR_ID, 16)],
    ]
    for our, their in zip(chain(*ours), chain(*theirs), strict=True):
        assert our["meta"].keys() | LEFT_OUT == their["meta"].keys() | LEFT_OUT
        assert our["metrics"].keys() == their["metrics"].keys()
        assert _comparable(our) == _comparable(their)
    assert agent.failures() == ""


def _comparable(span: dict[str, Any]) -> dict[str, Any]:
    """Return a span without what may differ. ddtrace takes the end as a float, which is good to a microsecond."""
    return {
        **{name: value for name, value in span.items() if value not in ("", 0, None)},
        "duration": round(span["duration"], -4),
        "meta": {key: value for key, value in span["meta"].items() if key not in OURS_ALONE_DECIDE | LEFT_OUT},
        "metrics": {key: value for key, value in span["metrics"].items() if key not in OURS_ALONE_DECIDE},
    }
