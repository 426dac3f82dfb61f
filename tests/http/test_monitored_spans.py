"""What Datadog is told to keep and to measure, tried on the spans that a call gives."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping

import pytest
from flask.testing import FlaskClient

from app.config import Settings
from app.span import FinishedSpan
from monitoring.bodies import Body, Choices, bodies
from tests.conftest import CONVERSATION, make_settings
from tests.events import call

BODIES = bodies(Choices())
_TERM = re.compile(r"(-?)(@?[\w.]+):(?:\(([^)]*)\)|(\S+))")


def attributes(path: str) -> Body:
    return dict(BODIES[path]["data"]["attributes"])


def matches(query: str, span: FinishedSpan) -> bool:
    """Return whether a span search finds a span; words other than `key:value` and `key:(a OR b)` are refused."""
    assert not _TERM.sub("", query).strip(), f"cannot read {query}"
    own = {"env": "production", "service": span.service or "callspan", "operation_name": span.name}
    found = own | {f"@{name}": value for name, value in span.tags.items()}
    return all(_is(found, key, several.split(" OR ") if several else [one]) != bool(minus)
               for minus, key, several, one in _TERM.findall(query))  # fmt: skip


def _is(span: Mapping[str, str], key: str, wanted: list[str]) -> bool:
    return key in span and (wanted == ["*"] or span[key] in wanted)


@pytest.fixture(params=["start", "events"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """Return settings for each of those who may emit the root."""
    return make_settings(root_span=request.param)


@pytest.fixture
def spans(
    client: FlaskClient, emitted: dict[str, list[FinishedSpan]], bearer: Callable[[str], dict[str, str]]
) -> list[FinishedSpan]:
    """Return the spans of a call that a flow started and whose events came."""
    inputs = {"conversationId": CONVERSATION, "flowName": "Sales", "channel": "voice", "direction": "inbound"}
    started = client.post("/v1/actions/start-call-trace", json=inputs, headers=bearer("genesys"))
    milestone = {"conversationId": CONVERSATION, "milestone": "identified"}
    client.post("/v1/actions/record-milestone", json=milestone, headers=bearer("genesys"))
    for event in call(CONVERSATION, int(time.time() * 1000)):
        client.post("/v1/events/genesys", json=event, headers=bearer("eventbridge"))
    assert started.get_json()["status"] == "ok"
    assert len(emitted) > 6
    return [span for same in emitted.values() for span in same]


def test_a_call_is_kept_by_its_entry_and_by_its_end_and_by_no_third_span(spans: list[FinishedSpan]) -> None:
    """Each span that a filter matches is paid for; the two are early and late in the call."""
    started = [
        it.name for it in spans if matches(attributes("retention-filters/call-started.json")["filter"]["query"], it)
    ]
    ended = [it.name for it in spans if matches(attributes("retention-filters/call-ended.json")["filter"]["query"], it)]
    assert started == ["callspan.start"]
    assert len(ended) == 1
    assert ended[0] in ("genesys.conversation", "genesys.customer")


def test_every_filter_keeps_all_that_it_matches() -> None:
    for path in BODIES:
        if path.startswith("retention-filters/"):
            assert (attributes(path)["rate"], attributes(path)["enabled"]) == (1.0, True)


def test_the_length_of_a_call_is_measured_once(spans: list[FinishedSpan]) -> None:
    query = attributes("spans-metrics/call-duration.json")["filter"]["query"]
    (measured,) = [span for span in spans if matches(query, span)]
    assert measured.finished_ns - measured.started_ns == 115_000 * 1_000_000


def test_each_phase_is_measured_and_the_whole_call_is_none_of_them(spans: list[FinishedSpan]) -> None:
    query = attributes("spans-metrics/phase-duration.json")["filter"]["query"]
    phases = {span.name for span in spans if matches(query, span)}
    assert phases >= {"genesys.flow", "genesys.queue", "genesys.agent", "genesys.agent.interacting", "genesys.wrapup"}
    assert not phases & {"genesys.conversation", "genesys.customer", "callspan.start", "callspan.milestone"}


def test_a_call_is_counted_by_its_entry_with_the_tags_that_it_has(spans: list[FinishedSpan]) -> None:
    counted = attributes("spans-metrics/calls.json")
    (entry,) = [span for span in spans if matches(counted["filter"]["query"], span)]
    tags = {group["path"].removeprefix("@") for group in counted["group_by"] if group["path"].startswith("@")}
    assert tags <= entry.tags.keys()


def test_the_dashboards_searches_find_spans(spans: list[FinishedSpan]) -> None:
    text = json.dumps(BODIES["dashboard.json"])
    searches = re.findall(r'"query(?:_string)?": "([^"]*(?:service:genesys|@callspan)[^"]*)"', text)
    assert len(searches) == 2
    for search in searches:
        query = search.replace("$env", "env:production").replace("status:error ", "")
        assert any(matches(query, span) for span in spans)
