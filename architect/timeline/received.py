"""Spans as Datadog's test agent gives them back.

A span is JSON: `trace_id` holds the low 64 bits of its trace id as a number, `meta` its tags, `start` and `duration`
are nanoseconds. The high 64 bits are the tag `_dd.p.tid` of the first span that was sent of a trace at a time, so other
spans may be without it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import urllib3

Span = dict[str, Any]

_ONCE = {"Connection": "close"}


class AgentError(Exception):
    """What was asked for its spans did not give any. The message says what to check."""


def received_spans(agent_url: str) -> list[Span]:
    """Return every span that a test agent holds, each with the high half of its trace id where that is known.

    Raises:
        AgentError: when it is no address, nothing answers there, or something that is not the test agent.

    """
    if not agent_url.startswith(("http://", "https://")):
        raise AgentError(f"{agent_url} is no agent's address: write one such as http://127.0.0.1:8126")
    try:
        # Its own pool: of a shared one the connection might be one that the agent is just closing.
        http = urllib3.PoolManager(retries=False, timeout=10)
        answer = http.request("GET", f"{agent_url.rstrip('/')}/test/session/traces", headers=_ONCE)
    except urllib3.exceptions.HTTPError as error:
        raise AgentError(
            f"no agent can be reached at {agent_url} ({type(error).__name__}): is Datadog's test agent running, "
            "and is that where the service sends its spans (DD_TRACE_AGENT_URL)?"
        ) from None
    try:
        spans = [span for trace in answer.json() for span in trace] if answer.status == 200 else None
    except (ValueError, TypeError):
        spans = None
    if spans is None or not all(map(_is_span, spans)):
        raise AgentError(
            f"what answers at {agent_url} is not Datadog's test agent, ddapm-test-agent (status {answer.status}); "
            "an ordinary agent does not give its spans back: look in Datadog itself"
        )
    return _with_high_halves(spans)


def full_trace_id(span: Mapping[str, Any]) -> str:
    """Return a span's trace id, 32 hex digits, the first 16 of them zero where they were not sent."""
    return f"{span['meta'].get('_dd.p.tid', ''):>016}{span['trace_id']:016x}"


def _is_span(value: object) -> bool:
    numbers = ("trace_id", "span_id", "start", "duration")
    return (
        isinstance(value, dict)
        and all(isinstance(value.get(name), int) for name in numbers)
        and isinstance(value.get("name"), str)
        and isinstance(value.setdefault("meta", {}), dict)
    )


def _with_high_halves(spans: Iterable[Span]) -> list[Span]:
    """Give a span without a high half the one of its trace, where there is one and no other."""
    spans = list(spans)
    known = defaultdict(set)
    for span in spans:
        if high := span["meta"].get("_dd.p.tid"):
            known[span["trace_id"]].add(high)
    for span in spans:
        if len(highs := known[span["trace_id"]]) == 1:
            span["meta"].setdefault("_dd.p.tid", *highs)
    return spans
