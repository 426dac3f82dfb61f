"""Bodies read by the models of Datadog's client, and by which of its operations each is sent."""

from __future__ import annotations

from typing import Any

from monitoring.bodies import Body
from tests.complete import module

MODELS = {
    "dashboard.json": ("v1.dashboards_api", "create_dashboard", "v1.model.dashboard", "Dashboard"),
    "monitors": ("v1.monitors_api", "create_monitor", "v1.model.monitor", "Monitor"),
    "retention-filters": (
        "v2.apm_retention_filters_api",
        "create_apm_retention_filter",
        "v2.model.retention_filter_create_request",
        "RetentionFilterCreateRequest",
    ),
    "spans-metrics": (
        "v2.spans_metrics_api",
        "create_spans_metric",
        "v2.model.spans_metric_create_request",
        "SpansMetricCreateRequest",
    ),
    "metric-tags": (
        "v2.metrics_api",
        "create_tag_configuration",
        "v2.model.metric_tag_configuration_create_request",
        "MetricTagConfigurationCreateRequest",
    ),
}


def model_problems(path: str, body: Body) -> list[str]:
    """Return what Datadog's client finds wrong with a body: what it cannot read, and properties it does not know."""
    client, utils = module("datadog_api_client"), module("datadog_api_client.model_utils")
    _, _, where, name = MODELS[path.partition("/")[0]]
    model = getattr(module(f"datadog_api_client.{where}"), name)
    try:
        parsed = utils.validate_and_convert_types(body, (model,), [path], True, True, client.Configuration())
    except (client.exceptions.ApiTypeError, client.exceptions.ApiValueError, ValueError) as error:
        return [str(error)]
    return _unread(utils, parsed, path)


def _unread(utils: Any, value: Any, path: str) -> list[str]:
    """Return the innermost places that could not be read; what is around them is marked as unread as well."""
    if isinstance(value, utils.UnparsedObject):
        return [f"{path} is of no kind that there is"]
    inner: list[tuple[Any, str]] = []
    problems = []
    if isinstance(value, utils.ModelComposed):
        inner = [(instance, path) for instance in value._composed_instances]
    elif isinstance(value, utils.ModelNormal):
        inner = [(value._data_store[name], f"{path}/{name}") for name in value._data_store]
        unknown = sorted(set(value._data_store) - set(value.attribute_map))
        problems = [f"{path} has no property {name}" for name in unknown]
    elif isinstance(value, list):
        inner = [(item, f"{path}/{index}") for index, item in enumerate(value)]
    problems += [problem for item, where in inner for problem in _unread(utils, item, where)]
    return problems or ([f"{path} has a word that is none"] if getattr(value, "_unparsed", False) else [])
