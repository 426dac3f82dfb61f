"""Scenarios that come with the runner, for the flows that come with Callspan."""

from __future__ import annotations

from dataclasses import replace

from architect.runner.scenario import CONVERSATION, EVERY_ACTION, Reply, Scenario

_TRACE = CONVERSATION.replace("-", "")
SUBSTITUTIONS = {
    "callspan_integration": "Callspan",
    "datadog_url": "https://app.datadoghq.com",
    "queue_name": "Sales",
}
_ANSWER = {
    "status": "ok",
    "error_code": "",
    "error_message": "",
    "trace_id": _TRACE,
    "span_id": _TRACE[:16],
    "traceparent": f"00-{_TRACE}-{_TRACE[:16]}-01",
    "tracestate": "dd=s:2;t.dm:-4",
    "trace_url": f"https://app.datadoghq.com/apm/trace/{_TRACE}",
    "origin": "minted",
}
"""What Callspan answers for the conversation of these scenarios; the contract test compares it with the service's."""


def _scenario(name: str, reply: Reply) -> Scenario:
    return Scenario(name=name, substitutions=SUBSTITUTIONS, replies={EVERY_ACTION: (reply,)})


_FAILURE = _scenario("failure", Reply("failure"))

EXAMPLES = {
    each.name: each
    for each in (
        _scenario("answered", Reply("answer", _ANSWER)),
        _scenario("rejected", Reply("rejected")),
        _FAILURE,
        _scenario("timeout", Reply("timeout")),
        _scenario("http", Reply("http")),
        replace(
            _FAILURE,
            name="existing-context",
            participant_data={"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
        ),
        replace(_FAILURE, name="malformed-context", participant_data={"traceparent": "00-4BF92F35-01"}),
    )
}
"""By name: what the data actions do, or what is on the call while they all fail."""
