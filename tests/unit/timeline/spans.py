"""Spans as the test agent gives them, for the tests' conversation."""

from __future__ import annotations

from typing import Any

from tests.conftest import CONVERSATION, TRACE_ID

START_NS = 1_795_368_068_000_000_000
ROOT = int(TRACE_ID[:16], 16)


def span(name: str, span_id: int, seconds: tuple[float, float], *, parent: int = ROOT, **more: Any) -> dict[str, Any]:
    """Return a span that begins and lasts so many seconds; what else is given are its tags, but for these."""
    trace = more.pop("trace", TRACE_ID)
    return {
        "name": name,
        "service": "genesys-cloud",
        "resource": more.pop("resource", name.rpartition(".")[2]),
        "trace_id": int(trace[16:], 16),
        "span_id": span_id,
        "parent_id": parent,
        "start": START_NS + int(seconds[0] * 1e9),
        "duration": int(seconds[1] * 1e9),
        "error": more.pop("error", 0),
        "meta": {"_dd.p.tid": trace[:16], "conversation.id": CONVERSATION, **more},
    }


def a_call() -> list[dict[str, Any]]:
    """Return a call's spans, out of order: a milestone that failed, a queue told twice, an agent with a phase."""
    tags = {"call.line": "sales", "call.priority": "normal"}
    queue = span("genesys.queue", 3, (10, 40), outcome="answered", disconnect_type="transfer")
    return [
        span("genesys.agent.held", 5, (105, 10), parent=4, disconnect_type="peer"),
        queue,
        span("callspan.milestone", 6, (1, 0.02), resource="billing asked", error=1, outcome="error", **tags),
        span("genesys.agent", 4, (50, 65), disconnect_type="peer"),
        span("callspan.start", 2, (0.1, 0), resource="start-call-trace", **tags),
        queue,
        span("genesys.conversation", ROOT, (0, 115), parent=0, resource="inbound voice"),
        span("callspan.milestone", 7, (2, 0.02), resource="menu left", outcome="ok", **tags, **{"call.menu": "two"}),
    ]
