from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from architect.emulator.export import MAX_BYTES, DataAction, ExportError

from .conftest import export


def parse(document: object) -> DataAction:
    return DataAction.parse(json.dumps(document), source="a.custom.json")


def failure(text: str | bytes) -> ExportError:
    with pytest.raises(ExportError) as caught:
        DataAction.parse(text, source="a.custom.json")
    return caught.value


def changed(*path: str, to: object) -> str:
    """Return an export's text with one value replaced."""
    document = export()
    parent: Any = document
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = to
    return json.dumps(document, indent=1)


def without(*path: str) -> str:
    """Return an export's text with one key removed."""
    document = export()
    parent: Any = document
    for key in path[:-1]:
        parent = parent[key]
    del parent[path[-1]]
    return json.dumps(document)


def test_every_part_of_an_export_has_a_name_of_its_own() -> None:
    action = parse(
        export(
            method="PUT",
            url="https://x.example/${input.a}",
            headers={"A": "b"},
            body="{}",
            map={"v": "$.v"},
            defaults={"v": "1"},
            success="{}",
            inputs={"type": "object", "properties": {"a": {"type": "string"}}},
            timeout=3,
        )
    )
    assert (action.shape, action.integration_type, action.action_type) == ("export", "custom-rest-actions", "custom")
    assert (action.request.method, action.request.url_template) == ("PUT", "https://x.example/${input.a}")
    assert (action.request.headers, action.request.body_template) == ({"A": "b"}, "{}")
    assert (action.response.translation_map, action.response.defaults) == ({"v": "$.v"}, {"v": "1"})
    assert (action.response.success_template, action.timeout_seconds, action.secure) == ("{}", 3, False)
    assert action.input_schema["properties"] == {"a": {"type": "string"}}


def test_the_api_s_shape_is_read_and_told_apart() -> None:
    document = export()
    del document["integrationType"], document["actionType"]
    action = parse({**document, "category": "Web", "integrationId": "b4d4b1a8-0000-4000-8000-000000000000"})
    assert (action.shape, action.category, action.integration_type) == ("api", "Web", None)


@pytest.mark.parametrize("missing", ["secure"])
def test_a_hand_edited_export_may_lack_what_has_a_default(missing: str) -> None:
    assert DataAction.parse(without(missing)).secure is False


def test_a_byte_order_mark_is_no_problem() -> None:
    assert DataAction.parse(b"\xef\xbb\xbf" + json.dumps(export()).encode()).name == "Example action"


def test_a_file_is_named_by_its_errors(tmp_path: Path) -> None:
    path = tmp_path / "broken.custom.json"
    path.write_text("{")
    with pytest.raises(ExportError, match=r"^broken\.custom\.json, line 1, column 2"):
        DataAction.load(path)


@pytest.mark.parametrize(
    ("text", "at", "line", "says"),
    [
        ('{"name": "a",\n "config": {"request": {"requestType": "PO', "/config/request/requestType", 2, "Unterminated"),
        ('{"config": {"request": [1, {"a": tru', "/config/request/1/a", 1, "Expecting value"),
        ('{"name": "a"}\n}', "/name", 2, "Extra data"),
        ('{"name": 1,\n "name": 2}', "/name", 2, "stands twice"),
        ("[]", "", 1, "found array"),
        ("[" * 51 + "]" * 51, "/0" * 49, 1, "nested deeper than 50 levels"),
        ('{"a/b": {"~": NaN}}', "", 1, "NaN is not JSON"),
    ],
    ids=["truncated string", "truncated word", "trailing text", "duplicate key", "no object", "depth", "NaN"],
)
def test_what_is_not_json_is_refused_with_its_place(text: str, at: str, line: int, says: str) -> None:
    error = failure(text)
    assert says in str(error)
    assert (error.line, error.pointer[: len(at)]) == (line, at)


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        (without("config"), "", "`config` is missing; it should be an object"),
        (without("config", "request", "requestUrlTemplate"), "/config/request", "`requestUrlTemplate` is missing"),
        (without("contract", "input"), "/contract", "`input` is missing"),
        (without("actionType"), "", "`actionType` is missing; it should be a string"),
        (changed("name", to=1), "/name", "`name` should be a string, found integer"),
        (changed("secure", to="no"), "/secure", "`secure` should be true or false, found string"),
        (changed("integrationType", to={"id": "x"}), "/integrationType", "should be a string, found object"),
        (changed("config", "request", "requestType", to="HEAD"), "/config/request/requestType", "not one of GET, POST"),
        (changed("config", "request", "headers", to={"A": 1}), "/config/request/headers/A", "should be a string"),
        (changed("config", "response", "translationMap", to=[]), "/config/response/translationMap", "found array"),
        (changed("config", "timeoutSeconds", to=61), "/config/timeoutSeconds", "1 to 60"),
        (changed("config", "timeoutSeconds", to=True), "/config/timeoutSeconds", "should be an integer, found boolean"),
    ],
)
def test_what_is_not_an_export_is_refused_with_its_place(text: str, at: str, says: str) -> None:
    error = failure(text)
    assert says in str(error)
    assert error.pointer == at


def test_the_line_of_a_wrong_value_is_the_line_of_its_key() -> None:
    text = changed("config", "request", "requestType", to="HEAD")
    assert text.splitlines()[(failure(text).line or 0) - 1].strip().startswith('"requestType"')


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b" " * (MAX_BYTES + 1), "at most 5000000 are read"),
        ('{"name":"a"}'.encode("utf-16"), "UTF-16"),
        (b'{"name": "\xff"}', "not UTF-8 at byte 10"),
    ],
    ids=["5 MB", "UTF-16", "Latin-1"],
)
def test_what_is_not_text_is_refused(text: bytes, says: str) -> None:
    assert says in str(failure(text))


def test_a_large_file_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ExportError, match="at most"):
        DataAction.load(path)
