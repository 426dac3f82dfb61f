from __future__ import annotations

import copy

import pytest

from monitoring.bodies import Choices, bodies
from tests.contract.monitoring import AS_SHIPPED, CHOSEN
from tests.contract.monitoring.models import model_problems

EVERY = [
    pytest.param(choices, path, id=f"{label} {path}")
    for label, choices in (("shipped", AS_SHIPPED), ("chosen", CHOSEN))
    for path in bodies(choices)
]


@pytest.mark.parametrize(("choices", "path"), EVERY)
def test_every_file_is_what_the_api_takes(choices: Choices, path: str) -> None:
    assert model_problems(path, bodies(choices)[path]) == []


def test_a_wrong_widget_type_a_misspelt_property_and_a_wrong_word_are_found() -> None:
    def changed(path: str, *keys: str | int, **changes: object) -> list[str]:
        body = place = copy.deepcopy(bodies(AS_SHIPPED)[path])
        for key in keys:
            place = place[key]  # type: ignore[index]
        place.update(changes)
        return model_problems(path, body)

    widget = ("widgets", 0, "definition", "widgets", 0, "definition")
    group, place = "dashboard.json/widgets/0/definition", f"dashboard.json/{'/'.join(map(str, widget))}"
    assert changed("dashboard.json", *widget, type="timeserie") == [f"{group} is of no kind that there is"]
    assert changed("dashboard.json", *widget, titel="Calls") == [f"{place} has no property titel"]
    assert changed("dashboard.json", layout_type="order") == ["dashboard.json/layout_type has a word that is none"]
    assert changed("monitors/no-calls.json", type="query-alert")
    assert changed("monitors/no-calls.json", "options", on_missing_data="zero")
    assert changed("spans-metrics/calls.json", "data", "attributes", "compute", aggregation_type="sum")
    assert changed("retention-filters/call-started.json", "data", "attributes", filter_type="spans")
    assert changed("metric-tags/callspan.queue.wait.json", "data", "attributes", metric_type="histogram")
