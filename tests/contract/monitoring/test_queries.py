from __future__ import annotations

import copy
import re

import pytest

from app.metrics import METRICS
from monitoring.bodies import MONITORS, Body, Choices, bodies
from tests.contract.monitoring import AS_SHIPPED, CHOSEN
from tests.contract.monitoring.queries import (
    asked_by,
    declared,
    metric_queries,
    query_problems,
    values_in,
    variables_of,
)


@pytest.mark.parametrize("choices", [AS_SHIPPED, CHOSEN], ids=["shipped", "chosen"])
def test_every_query_asks_for_declared_metrics_by_declared_tags(choices: Choices) -> None:
    made = bodies(choices)
    tags = declared(made, choices.metric_tags)
    variables = variables_of(made["dashboard.json"])
    assert {tag for tag in variables.values() if tag not in ("env", "flow")} == set(choices.metric_tags)
    for path in ["dashboard.json", *(f"monitors/{name}.json" for name in MONITORS)]:
        queries = metric_queries(made[path])
        assert queries
        for query in queries:
            assert asked_by(query)
            assert query_problems(query, tags, variables if path == "dashboard.json" else {}) == []


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("sum:callspan.call.started{$env}.as_count()", "no metric callspan.call.started"),
        ("sum:callspan.calls.started{$env,queue:x}.as_count()", "callspan.calls.started has no tag queue"),
        ("sum:callspan.events{$env} by {kind,why}.as_count()", "callspan.events has no tag why"),
        ("sum:callspan.events{$env AND reson IN (a,b)}.as_count()", "callspan.events has no tag reson"),
        ("sum:callspan.events{$flow}.as_count()", "callspan.events has no tag flow"),
        ("sum:callspan.events{$priority}.as_count()", "no template variable priority"),
        ("p95:callspan.traced.phase.duration{$env} by {origin}", "callspan.traced.phase.duration has no tag origin"),
    ],
)
def test_a_misspelt_metric_and_an_undeclared_tag_are_found(query: str, problem: str) -> None:
    made = bodies(AS_SHIPPED)
    assert query_problems(query, declared(made, ()), variables_of(made["dashboard.json"])) == [problem]


def test_the_dashboard_shows_every_metric() -> None:
    shown = {
        asked.metric for query in metric_queries(bodies(AS_SHIPPED)["dashboard.json"]) for asked in asked_by(query)
    }
    assert {metric.name for metric in METRICS} <= shown


def test_every_graph_is_filtered_by_all_template_variables_that_its_metric_has() -> None:
    made = bodies(CHOSEN)
    tags = declared(made, CHOSEN.metric_tags)
    variables = variables_of(made["dashboard.json"])
    for query in metric_queries(made["dashboard.json"]):
        for asked in asked_by(query):
            own = asked.metric.startswith("callspan.traced.")  # their tags have the spelling of spans, not of metrics
            expected = {name for name, tag in variables.items() if tag in tags[asked.metric]}
            assert asked.variables == ({"env"} if own else expected)


@pytest.mark.parametrize("tag", CHOSEN.metric_tags)
def test_each_tag_of_the_users_has_a_graph(tag: str) -> None:
    queries = metric_queries(bodies(CHOSEN)["dashboard.json"])
    assert [tag] in [list(asked.by) for query in queries for asked in asked_by(query)]


def test_counts_are_added_up_and_only_distributions_are_asked_for_percentiles() -> None:
    made = bodies(AS_SHIPPED)
    kinds = {metric.name: metric.kind for metric in METRICS}
    for body in (made["dashboard.json"], *(made[f"monitors/{name}.json"] for name in MONITORS)):
        for asked in (asked for query in metric_queries(body) for asked in asked_by(query)):
            percentile = re.fullmatch(r"p\d\d", asked.aggregation)
            if kinds.get(asked.metric) == "count":
                assert (asked.aggregation, asked.suffix) == ("sum", ".as_count()")
            elif not percentile:
                assert (asked.aggregation, asked.suffix) == ("count", ".as_count()")


def test_every_distribution_can_be_asked_for_percentiles_by_its_tags_and_env_alone() -> None:
    """Each further tag, such as version or host, is paid for in every combination with the others."""
    made = {path: body["data"] for path, body in bodies(AS_SHIPPED).items() if path.startswith("metric-tags/")}
    for metric in METRICS:
        data = made.pop(f"metric-tags/{metric.name}.json", None)
        assert (data is not None) == (metric.kind == "distribution")
        if data:
            assert data["id"] == metric.name
            assert data["attributes"]["include_percentiles"] is True
            assert sorted(data["attributes"]["tags"]) == sorted({"env", *metric.tags})
    assert made == {}


def grouped_by(body: Body) -> set[str]:
    """Return everything that a body groups by."""
    facets = {it["facet"] for it in values_in(body) if isinstance(it, dict) and "facet" in it}
    paths = {
        group["path"]
        for it in values_in(body)
        if isinstance(it, dict)
        for group in it.get("group_by", [])
        if "path" in group
    }
    queries = metric_queries(body) if "data" not in body else []
    return facets | paths | {tag for query in queries for asked in asked_by(query) for tag in asked.by}


def ids_in(groups: set[str]) -> list[str]:
    return sorted(group for group in groups if re.search(r"(^|[._])(id|traceparent|host)$", group))


def test_nothing_is_grouped_by_an_id() -> None:
    """An id on a metric is a billable metric for each call."""
    made = bodies(CHOSEN)
    assert len(grouped_by(made["dashboard.json"])) > 10
    assert {path: ids_in(grouped_by(body)) for path, body in made.items() if ids_in(grouped_by(body))} == {}


def test_a_group_by_of_ids_is_found() -> None:
    body = copy.deepcopy(bodies(AS_SHIPPED)["spans-metrics/calls.json"])
    body["data"]["attributes"]["group_by"].append({"path": "@conversation.id", "tag_name": "call"})
    assert ids_in(grouped_by(body)) == ["@conversation.id"]
    assert ids_in(grouped_by({"query": "sum:x{env:y} by {trace_id,flow} > 1"})) == ["trace_id"]
