"""Requests of every kind to every route: each is answered with a status and a body that `/openapi.json` announces."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app import create_app
from schemas.openapi import FILE
from tests.conftest import CONVERSATION, SECRET, TRACEPARENT, make_settings
from tests.events import NOW_MS, call
from tests.fuzz.effort import ODD, fuzz, pieces

DOCUMENT = json.loads(FILE.read_text())
OPERATIONS = [
    (method, path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if method in ("get", "post")
]
ELSEWHERE = {400, 404, 405}
"""What any route may be answered with where the request names none of ours, or not by its method."""

WORDS = [CONVERSATION, TRACEPARENT, "genesys", SECRET, "client_credentials", "customer.end", "1795368068000", "a:b,c:d"]
NAMES = sorted(
    {name for schema in DOCUMENT["components"]["schemas"].values() for name in schema.get("properties", {})}
    | {"grant_type", "client_id", "client_secret", "scope"}
)
TEXT = st.one_of(st.sampled_from(WORDS), pieces(WORDS, most=4))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(TEXT, st.none(), st.booleans(), st.integers(), st.floats(), ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=5,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8)
BODIES = st.one_of(
    st.builds(lambda value: json.dumps(value).encode(), st.one_of(OBJECTS, OBJECTS, VALUES)),
    st.builds(
        lambda pairs: "&".join(f"{n}={quote(v, errors='replace')}" for n, v in pairs.items()).encode(),
        st.dictionaries(st.sampled_from(NAMES), TEXT, max_size=5),
    ),
    st.sampled_from([json.dumps(event).encode() for event in call(CONVERSATION, NOW_MS)]),
    st.binary(max_size=100),
    st.just(b"x" * 70_000),
)
KINDS = st.sampled_from(
    ["application/json", "application/json", "application/x-www-form-urlencoded", "text/plain", "x", ""]
)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    app = create_app(make_settings(token_rate_limit="100000 per second"))
    app.extensions["callspan"].telemetry.emit = lambda *_: None
    return app.test_client()


def announced(operation: dict[str, Any], status: int) -> dict[str, Any] | None:
    """Return what is announced for a status, or None where it is not."""
    answer = operation["responses"].get(str(status))
    if answer and "$ref" in answer:
        answer = DOCUMENT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return answer  # type: ignore[no-any-return]


@fuzz
@given(st.data())
def test_every_answer_is_one_that_is_announced(client: FlaskClient, data: st.DataObject) -> None:
    draw: Callable[..., Any] = data.draw
    method, path, operation = draw(st.sampled_from(OPERATIONS))
    parts = client.application.extensions["callspan"]
    who = parts.settings.clients[draw(st.sampled_from(["genesys", "eventbridge", "crm"]))]
    token = parts.tokens.issue(who, who.scopes, 60)
    authorization = draw(
        st.sampled_from([f"Bearer {token}"] * 4 + ["", "Bearer x", "Basic Z2VuZXN5czpvcGVu", "Basic !"])
    )
    given_in_path = quote(draw(TEXT), safe="", errors="replace")
    response = client.open(
        path.replace("{", "\0").partition("\0")[0] + (given_in_path + path.partition("}")[2] if "{" in path else ""),
        method=method.upper(),
        data=draw(BODIES) if method == "post" else None,
        query_string=draw(st.one_of(st.just({}), st.just({"conversationId": given_in_path}))),
        headers={
            **({"Authorization": authorization} if authorization else {}),
            "Content-Type": draw(KINDS),
            "ININ-Correlation-Id": quote(draw(TEXT), errors="replace"),
        },
    )
    answer = announced(operation, response.status_code)
    if answer is None:
        assert response.status_code in ELSEWHERE
        assert "{" in path, "no path but one with a part of its own can name another route"
        return
    kinds = answer.get("content", {})
    assert not kinds or response.mimetype in kinds, (path, response.status_code)
    schema = kinds.get(response.mimetype, {}).get("schema")
    if schema and response.mimetype.endswith("json"):
        jsonschema.validate(response.get_json(), {**schema, "components": DOCUMENT["components"]})
