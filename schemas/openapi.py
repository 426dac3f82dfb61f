"""The OpenAPI 3.1 description of the service, generated from the contracts.

Run as `python -m schemas.openapi` it rewrites `openapi.json`, which the service answers from; apispec is therefore
needed by developers only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from schemas import CONTRACTS, conversation_attributes
from schemas.contract import Contract
from schemas.conversation import CONVERSATION

FILE = Path(__file__).with_name("openapi.json")
API_VERSION = "1"
"""Counts breaking changes of the API, as the `/v1/` of its paths does."""

_PROBLEMS = {
    "400": "An event that cannot be read.",
    "401": "No token, or one that is bad or expired.",
    "403": "A token without the scope.",
    "413": "The body is too large.",
    "415": "The body is not announced as JSON.",
}


def openapi() -> dict[str, Any]:
    """Return the description."""
    spec = APISpec(
        title="Callspan",
        version=API_VERSION,
        openapi_version="3.1.0",
        info={
            "description": "Every Genesys Cloud call, one Datadog trace.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        plugins=[MarshmallowPlugin(schema_name_resolver=lambda schema: type(schema).__name__)],
    )
    spec.components.schema("Problem", _object("type", "title", "detail", status="integer"))
    spec.components.schema("Token", _object("access_token", "token_type", "scope", expires_in="integer"))
    spec.components.schema("OAuthError", _object("error", "error_description"))
    spec.components.response(
        "Problem", _answer("A problem document (RFC 9457).", "Problem", "application/problem+json")
    )
    flow = {
        "clientCredentials": {
            "tokenUrl": "/oauth/token",
            "scopes": {
                "actions": "Call what data actions call.",
                "attributes": "Write attributes on conversations.",
            },
        }
    }
    spec.components.security_scheme("oauth", {"type": "oauth2", "flows": flow})
    spec.components.security_scheme("client", {"type": "http", "scheme": "basic"})
    _add_token_endpoint(spec)
    for contract in CONTRACTS:
        _add_action(spec, contract)
    _add_attributes(spec)
    _add_lookup(spec)
    _add_health(spec)
    document: dict[str, Any] = spec.to_dict()
    return document


def _object(*texts: str, **others: str) -> dict[str, Any]:
    properties = {
        **{name: {"type": "string"} for name in texts},
        **{name: {"type": kind} for name, kind in others.items()},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _answer(description: str, schema: object, mimetype: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {mimetype: {"schema": schema}}}


def _add_action(spec: APISpec, contract: Contract) -> None:
    operation = {
        "operationId": contract.name.replace(" ", ""),
        "summary": contract.summary,
        "security": [{"oauth": [contract.scope]}],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "schema": {"type": "string"},
                "description": "Sent by Genesys Cloud.",
            }
            for name in ("ININ-Correlation-Id", "ININ-Organization-Id")
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": contract.inputs}}},
        "responses": {
            "200": _answer("The outputs; status tells whether the inputs were accepted.", contract.outputs),
            **{
                status: _problem(told)
                for status, told in _PROBLEMS.items()
                if status != "400" or contract.scope == "events"
            },
        },
    }
    spec.path(contract.path, operations={"post": operation})


def _add_attributes(spec: APISpec) -> None:
    parameter = {
        "name": "conversationId",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
        "description": "The conversation's id.",
    }
    told = {
        **_PROBLEMS,
        "400": "The body is not JSON.",
        "404": "Genesys Cloud knows no such conversation.",
        "409": "The conversation has ended, or there is no telling on which participant to write; code says which.",
        "422": "A field is wrong; the detail names it.",
        "502": "Genesys Cloud refuses the service itself, or fails.",
        "503": "Busy, here or there, and Retry-After says when to ask again; or not configured.",
        "504": "Genesys Cloud took longer than there was time.",
    }
    operation = {
        "operationId": "WriteAttributes",
        "summary": "Write attributes and the trace's ids on a conversation, and tell what of them is there.",
        "security": [{"oauth": [conversation_attributes.SCOPE]}],
        "parameters": [parameter],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": conversation_attributes.WriteAttributes()}},
        },
        "responses": {
            "200": _answer("What became of each attribute.", conversation_attributes.AttributeReport()),
            **{status: _problem(text) for status, text in sorted(told.items())},
        },
    }
    spec.path(conversation_attributes.PATH, operations={"post": operation})


def _add_token_endpoint(spec: APISpec) -> None:
    form = _object("grant_type", "scope", "client_id", "client_secret") | {"required": ["grant_type"]}
    form["properties"]["grant_type"]["enum"] = ["client_credentials"]
    operation = {
        "operationId": "Token",
        "summary": "Exchange a client's id and secret for an access token (RFC 6749, section 4.4).",
        "security": [{"client": []}, {}],
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": {
            "200": _answer("The token.", "Token"),
            "400": _answer("A request that cannot be granted.", "OAuthError"),
            "401": _answer("An unknown client or a wrong secret.", "OAuthError"),
            "413": _problem(_PROBLEMS["413"]),
            "429": _problem("Asked too often; Retry-After says when to ask again."),
        },
    }
    spec.path("/oauth/token", operations={"post": operation})


def _problem(description: str) -> dict[str, Any]:
    return _answer(description, "Problem", "application/problem+json")


def _add_lookup(spec: APISpec) -> None:
    looked_up = _answer("Every form of the conversation's ids, and links to it.", CONVERSATION)
    page = _answer("A page.", {"type": "string"}, "text/html")
    wrong_page = _answer("A page that says what is wrong with the text.", {"type": "string"}, "text/html")
    for path, operation_id, summary, parameter, responses in (
        (
            "/v1/conversations/{conversation_id}",
            "Conversation",
            "Look up a conversation, as JSON.",
            _parameter("path", "conversation_id", "A conversation id, a trace id of 32 hex digits, or a traceparent."),
            {"200": looked_up, "400": _problem("A text that names no conversation.")},
        ),
        (
            "/",
            "Page",
            "Look up a conversation, as a page.",
            _parameter("query", "conversationId", "The same, or a text or an address with one of them in it."),
            {"200": page, "400": wrong_page},
        ),
        (
            "/widget",
            "Widget",
            "Look up a conversation, for Genesys Cloud's interaction widget.",
            _parameter("query", "conversationId", "The same."),
            {"200": page, "400": wrong_page},
        ),
        (
            "/static/{name}",
            "PageFile",
            "A file of the pages.",
            _parameter("path", "name", "The file's name."),
            {"200": {"description": "The file."}, "404": _problem("No such file.")},
        ),
    ):
        operation = {
            "operationId": operation_id,
            "summary": summary,
            "security": [],
            "parameters": [parameter],
            "responses": responses,
        }
        spec.path(path, operations={"get": operation})


def _parameter(where: str, name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "schema": {"type": "string"},
        "description": description,
    }


def _add_health(spec: APISpec) -> None:
    readiness = _object("status", undelivered_spans="integer", agent_reachable="boolean")
    for path, name, summary, schema in (
        ("/healthz", "Health", "Whether the process answers; it asks nobody else.", _object("status")),
        (
            "/readyz",
            "Readiness",
            "Whether the agent is reachable, and how many spans were given up.",
            readiness,
        ),
        ("/version", "Version", "Which version runs.", _object("name", "version", "commit")),
        ("/openapi.json", "Description", "This document.", {"type": "object"}),
    ):
        operation = {
            "operationId": name,
            "summary": summary,
            "security": [],
            "responses": {"200": _answer(summary, schema)},
        }
        spec.path(path, operations={"get": operation})


def text() -> str:
    """Return the description as it stands in the file."""
    return json.dumps(openapi(), indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
