"""What pages show beside commands is true: expressions, settings, files, and the limits in the code."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
import yaml

from app.config import Settings
from app.genesys.events import MAX_EVENTS
from app.outbox import MAX_BYTES
from app.tags import MAX_ITEMS, MAX_TAG_LENGTH, MAX_TAGS, parse_tags
from architect.expressions import Expression
from tests.contract.pages import PAGES, ROOT, blocks, text_of

ALL = [block for page in PAGES for block in blocks(page)]
FIELDS = {field.metadata["name"]: field.metadata for field in dataclasses.fields(Settings)}
VARIABLES = {
    "Call.ConversationId": "8f14e45f-ceea-467f-a34e-7d5c3b2a1908",
    "Flow.Traceparent": "",
    "Flow.Priority": "high",
    "Flow.Line": "sales",
}


def of_language(language: str) -> list[str]:
    return [block.text for block in ALL if block.language == language]


@pytest.mark.parametrize("text", sorted({*re.findall(r"`((?:If|Append)\([^`]+\))`", "".join(map(text_of, PAGES)))}))
def test_an_expression_in_running_text_is_one(text: str) -> None:
    assert Expression.parse(text).evaluate(VARIABLES) == ""


def test_the_expression_for_tags_gives_a_list_of_tags() -> None:
    (text,) = [block.text for block in ALL if block.text.startswith('Append("priority')]
    tags = parse_tags(str(Expression.parse(text.strip()).evaluate(VARIABLES)))
    assert [str(tag) for tag in tags.accepted] == ["priority:high", "line:sales"]


def test_settings_that_are_shown_are_ones_with_such_values() -> None:
    shown = [
        line
        for block in ALL
        for line in block.text.splitlines()
        if re.match(r"(CALLSPAN|DD|GENESYSCLOUD)_[A-Z_]+=[^$']", line) and block.language == ""
    ]
    inline = re.findall(r"`(CALLSPAN_\w+=[^`.]+)`", "".join(map(text_of, PAGES)))
    assert len(shown + inline) > 5
    for line in (*shown, *inline):
        name, _, value = line.partition("=")
        assert FIELDS[name]["parse"](value) is not None, line


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_setting_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"\bCALLSPAN_[A-Z_]+\b", text_of(page)))
    of_tools = {"CALLSPAN_CLIENT_ID", "CALLSPAN_CLIENT_SECRET", "CALLSPAN_COMPLETE"}
    assert named - of_tools <= set(FIELDS)


def test_json_and_yaml_can_be_read() -> None:
    for text in of_language("json"):
        json.loads(text if text.startswith("{") else f"{{{text}}}")
    assert all(isinstance(yaml.safe_load(text), dict) for text in of_language("yaml"))


def test_what_a_data_action_needs_for_back_ends_is_in_the_example_that_is_executed() -> None:
    action = json.loads((ROOT / "tests/system/downstream/order-status.custom.json").read_text())
    texts = [block.text for block in blocks(Path("docs/back-ends.md")) if block.language == "json"]
    headers, inputs = (json.loads(f"{{{text}}}") for text in texts)
    assert headers.items() <= action["config"]["request"]["headers"].items()
    assert inputs.items() <= action["contract"]["input"]["inputSchema"]["properties"].items()


def test_the_limits_of_callspan_are_those_of_the_code() -> None:
    page = text_of(Path("docs/limits.md")).partition("## Callspan's own")[2]
    limits = dict(re.findall(r"^\| (.+?) \| (.+?) \|", page, re.MULTILINE))
    assert limits["tags of a call"] == f"{MAX_TAGS}, of {MAX_TAG_LENGTH} characters"
    assert limits["items in a list of tags that are read"] == str(MAX_ITEMS)
    assert limits["events in a request"] == str(MAX_EVENTS)
    assert limits["spans that wait for the agent"] == f"{MAX_BYTES >> 20} MB for each process"
    assert limits["values of a tag on metrics"].startswith(FIELDS["CALLSPAN_METRIC_TAG_VALUES"]["default"] + ",")
    rate = FIELDS["CALLSPAN_TOKEN_RATE_LIMIT"]["default"].partition(" ")[0]
    assert limits["tokens for a client at an address"] == f"{rate} a minute"
