"""The queries of dashboards and monitors, taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from app.metrics import METRICS
from monitoring.bodies import Body

UNIFIED = ("env", "service", "version")


class Asked(NamedTuple):
    """A metric that a query asks for: how it is aggregated, where, by what, and what follows."""

    aggregation: str
    metric: str
    scope: frozenset[str]
    by: frozenset[str]
    suffix: str

    @property
    def variables(self) -> set[str]:
        """The template variables in the scope."""
        return {word.removeprefix("$") for word in self.scope if word.startswith("$")}


_ASKED = re.compile(r"(\w+):([a-z][\w.]*)\{([^{}]*)\}(?: by \{([^{}]*)\})?((?:\.\w+\(\w*\))*)")
_SCOPE = re.compile(r"(\$\w+|[\w.-]+(?=:)|[\w.-]+(?= IN ))(?::[^,{}() ]+| IN \([^()]*\))?")


def asked_by(query: str) -> list[Asked]:
    """Return the metrics that a query asks for; a query that has more in it than that and arithmetic is refused."""
    rest = re.sub(r"^(sum|percentile)\(last_\d+[mh]\):", "", _ASKED.sub("", query))
    assert re.fullmatch(r"[-+*/ ()\d.<>]*", rest), f"cannot read {rest!r} in {query}"
    return [
        Asked(aggregation, metric, frozenset(_scope(scope)), frozenset(by.split(",")) - {""}, suffix)
        for aggregation, metric, scope, by, suffix in _ASKED.findall(query)
    ]


def _scope(scope: str) -> list[str]:
    parts = re.split(r" AND |,(?![^(]*\))", scope)
    found = [_SCOPE.fullmatch(part) for part in parts]
    assert all(found), f"cannot read {scope}"
    return [match[1] for match in found if match]


def metric_queries(body: Body) -> list[str]:
    """Return the metric queries of a dashboard or a monitor."""
    if "query" in body:
        return [body["query"]]
    queries = [query for value in values_in(body) if isinstance(value, dict) for query in value.get("queries", [])]
    return [query["query"] for query in queries if query["data_source"] == "metrics"]


def values_in(value: Any) -> Iterator[Any]:
    """Return everything in a body, the body itself first."""
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from values_in(inner)


def declared(made: Mapping[str, Body], user_tags: tuple[str, ...]) -> dict[str, set[str]]:
    """Return the tags of every metric that there is, by its name: the service's own, and those made from spans."""
    own = {metric.name: {*metric.tags, *UNIFIED, *(user_tags if metric.user_tags else ())} for metric in METRICS}
    data = [body["data"] for path, body in made.items() if path.startswith("spans-metrics/")]
    return own | {it["id"]: {group["tag_name"] for group in it["attributes"]["group_by"]} for it in data}


def query_problems(query: str, tags: Mapping[str, set[str]], variables: Mapping[str, str]) -> list[str]:
    """Return what a query asks for that is not declared; `variables` are the tags of template variables."""
    problems = []
    for asked in asked_by(query):
        if asked.metric not in tags:
            problems.append(f"no metric {asked.metric}")
            continue
        undeclared = asked.variables - set(variables)
        problems += [f"no template variable {name}" for name in undeclared]
        named = {variables[name] for name in asked.variables - undeclared}
        named |= {word for word in asked.scope if not word.startswith("$")} | asked.by
        problems += [f"{asked.metric} has no tag {tag}" for tag in sorted(named - tags[asked.metric])]
    return problems


def variables_of(dashboard: Body) -> dict[str, str]:
    return {variable["name"]: variable["prefix"] for variable in dashboard["template_variables"]}
