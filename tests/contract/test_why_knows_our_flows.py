"""`callspan why` takes for our flows' attributes what our flows set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from app.why.causes import FLOW_TAGS
from schemas.conversation_attributes import TRACE_ATTRIBUTES

FLOWS = Path(__file__).parents[2] / "architect" / "flows"


def set_by(node: Any) -> Iterator[str]:
    """Return the names that Set Participant Data has anywhere below."""
    if isinstance(node, dict):
        for attribute in (node.get("setParticipantData") or {}).get("attributes", ()):
            yield attribute["attribute"]["name"]["lit"]
        for value in node.values():
            yield from set_by(value)
    elif isinstance(node, list):
        for value in node:
            yield from set_by(value)


def test_the_names_are_those_that_our_flows_set() -> None:
    found = {name for path in FLOWS.glob("*.yaml") for name in set_by(yaml.safe_load(path.read_text()))}
    assert found == {*TRACE_ATTRIBUTES, *FLOW_TAGS}
