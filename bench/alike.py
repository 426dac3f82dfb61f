"""Whether a peer does Callspan's job: the same answers and the same spans to the same requests.

A comparison with something that does less would be worth nothing, so each run begins with this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from architect.sandbox import Process
from bench.call import Call
from bench.intake import Intake

SPANS = Counter({"genesys.conversation": 1, "callspan.start": 1})
"""What each start sends, under `ddtrace-run` among others."""

_CONVERSATIONS = ("0d3b7c1e-2f60-4b8e-9a57-6c1f4be2d901", "F47AC10B-58CC-4372-A567-0E02B2C3D479")
_FLOW = {"flowName": "Sales inbound", "channel": "voice", "direction": "inbound", "queueName": "Sales"}
GOOD: tuple[dict[str, object], ...] = (
    {"conversationId": _CONVERSATIONS[0], "tags": "priority:High, line: retail sales,env:prod,1st:x,a:b,a:c", **_FLOW},
    {"conversationId": _CONVERSATIONS[1], "tags": "", "traceparent": "00-nonsense", "unknown": None, **_FLOW},
)
BAD: tuple[dict[str, object], ...] = ({"conversationId": "Sales"}, {}, {"conversationId": 7}, {"conversationId": None})
# What a tracer adds of itself, and what only Callspan says of an ignored traceparent.
_OWN = ("_dd", "runtime-id", "language", "process_id", "service", "version", "callspan.traceparent_ignored")


@dataclass(frozen=True)
class Work:
    """What a service did with the requests: the answers, the refusals, and the spans without what is a tracer's own.

    `decision_makers` are those of the traces; a tracer may write one on the first span of a payload only.
    """

    answers: list[tuple[int, dict[str, str]]]
    refusals: list[tuple[int, str]]
    without_a_token: list[int]
    decision_makers: dict[int, str]
    spans: list[dict[str, Any]]


def work_of(server: Process, call: Call, intake: Intake) -> Work:
    """Have a service do its work."""
    intake.clear()
    answers = [call.ask(server.url, body, f"correlation-{number}") for number, body in enumerate(GOOD)]
    refusals = [call.ask(server.url, body, "not an id") for body in BAD]
    changed = call.token[:-6] + ("aaaaaa" if not call.token.endswith("aaaaaa") else "bbbbbb")
    statuses = [Call(token).ask(server.url, GOOD[0], "")[0] for token in (changed, "", "no.token.atall")]
    intake.wait_for(Counter({name: count * len(GOOD) for name, count in SPANS.items()}))
    spans = sorted(
        (span for span in intake.spans() if span["name"] in SPANS), key=lambda span: (span["trace_id"], span["name"])
    )
    return Work(
        answers=answers,
        refusals=[(status, answer.get("status", "")) for status, answer in refusals],
        without_a_token=statuses,
        decision_makers={s["trace_id"]: s["meta"]["_dd.p.dm"] for s in spans if "_dd.p.dm" in s["meta"]},
        spans=[_comparable(span) for span in spans],
    )


def differences(expected: Work, found: Work) -> list[str]:
    """Say how one service's work differs from another's."""
    pairs: Iterable[tuple[str, object, object]] = (
        *(("answer", e, f) for e, f in zip(expected.answers, found.answers, strict=True)),
        *(("refusal", e, f) for e, f in zip(expected.refusals, found.refusals, strict=True)),
        ("without a token", expected.without_a_token, found.without_a_token),
        ("decision makers", expected.decision_makers, found.decision_makers),
        ("number of spans", len(expected.spans), len(found.spans)),
        *((e["name"], e, f) for e, f in zip(expected.spans, found.spans, strict=False)),
    )
    return [f"{what}: expected {e}, found {f}" for what, e, f in pairs if e != f]


def _comparable(span: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: value for name, value in sorted(span["meta"].items()) if not name.startswith(_OWN)},
        **{name: span[name] for name in ("name", "service", "resource", "trace_id")},
        "parent_id": span.get("parent_id") or 0,
        "priority": span["metrics"].get("_sampling_priority_v1"),
    }
