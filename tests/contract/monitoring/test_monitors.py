from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from monitoring.bodies import MONITORS, Body, Choices, bodies
from tests.contract.monitoring import AS_SHIPPED, CHOSEN


def monitors(choices: Choices = AS_SHIPPED) -> dict[str, Body]:
    made = bodies(choices)
    return {name: made[f"monitors/{name}.json"] for name in MONITORS}


@pytest.mark.parametrize("choices", [AS_SHIPPED, CHOSEN], ids=["shipped", "chosen"])
@pytest.mark.parametrize("name", MONITORS)
def test_a_monitors_threshold_is_the_one_in_its_query(name: str, choices: Choices) -> None:
    monitor = monitors(choices)[name]
    (critical,) = re.findall(r"[<>] ([\d.]+)$", monitor["query"])
    assert monitor["options"]["thresholds"] == {"critical": json.loads(critical)}


@pytest.mark.parametrize("name", MONITORS)
def test_a_monitors_message_says_what_happened_why_and_what_to_do(name: str) -> None:
    message = re.fullmatch(r"What happened: (.+)\n\nWhy: (.+)\n\nWhat to do: (.+)", monitors()[name]["message"])
    assert message
    assert "{{value}}" in message[1] or "{{threshold}}" in message[1]
    assert all(len(part) > 50 and part.endswith(".") for part in message.groups())


@pytest.mark.parametrize("name", MONITORS)
def test_a_monitor_takes_silence_for_what_it_means(name: str) -> None:
    """A count that vanishes is zero; a share or a percentile of nothing is fine; Datadog's `default` is zero."""
    query, options = monitors()[name]["query"], monitors()[name]["options"]
    counted = query.startswith("sum(") and " / " not in query
    assert options["on_missing_data"] == ("default" if counted else "resolve")
    assert "notify_no_data" not in options
    assert "default_zero" not in query
    assert options["require_full_window"] is False


def test_only_the_absence_of_calls_fires_below_its_threshold_and_it_is_not_grouped() -> None:
    """Groups that report nothing are forgotten, and a share whose numerator vanished would have no value to be low."""
    assert [name for name, monitor in monitors().items() if " < " in monitor["query"]] == ["no-calls"]
    assert " by {" not in monitors()["no-calls"]["query"]


@pytest.mark.parametrize("name", MONITORS)
def test_every_monitor_is_explained(name: str) -> None:
    assert re.search(rf"^### {name}$", (Path(__file__).parents[3] / "docs" / "monitoring.md").read_text(), re.MULTILINE)
