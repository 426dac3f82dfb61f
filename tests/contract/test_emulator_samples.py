"""The data action engine against real exports from the field."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from architect.emulator.engine import Engine
from architect.emulator.export import DataAction
from architect.emulator.jsonpath import JsonPath
from architect.emulator.schema import input_contract_problems, output_contract_problems
from architect.emulator.velocity import Template

EXPORTS = 31
CREDENTIALS = {
    name: f"the-{name}"
    for name in ("tenant_id", "client_id", "client_secret", "scope", "grant_type", "clientId", "clientSecret")
} | {"loginUrl": "https://login.example.com/oauth/token"}

Sample = Callable[[str], Path]


@pytest.fixture
def actions(sample: Sample) -> dict[str, DataAction]:
    return {path.name: DataAction.load(path) for path in sorted(sample("data-actions").glob("*.json"))}


class _Service(ThreadingHTTPServer):
    """Answers with what `answers` has for a path, `{}` otherwise; remembers requests as (method, path, body)."""

    daemon_threads = False
    answers: ClassVar[dict[str, object]] = {}
    received: list[tuple[str, str, bytes]]
    headers: list[dict[str, str]]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5
    server: _Service

    def handle_any(self) -> None:
        body = b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.received.append((self.command, self.path, body))
        self.server.headers.append(dict(self.headers))
        answer = json.dumps(self.server.answers.get(self.path.partition("?")[0], {})).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - names the base class asks for

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def service() -> Iterator[_Service]:
    server = _Service(("127.0.0.1", 0), _Handler)
    server.received, server.headers, server.answers = [], [], {}  # type: ignore[misc]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def new_engine(service: _Service, auth: DataAction | None = None) -> Engine:
    return Engine(
        auth=auth,
        credentials=CREDENTIALS,
        organization_id="5c1e2f7a-6d8b-4c7d-9f0e-2b3a4c5d6e7f",
        base_url=f"http://127.0.0.1:{service.server_port}",
    )


@pytest.fixture
def engine(service: _Service) -> Iterator[Engine]:
    with new_engine(service) as engine:
        yield engine


def example_inputs(action: DataAction) -> dict[str, object]:
    """Return a value of the declared type for every input."""
    examples: dict[str, object] = {"string": "x1", "integer": 7, "number": 1.5, "boolean": True}
    properties = action.input_schema.get("properties", {})
    assert isinstance(properties, dict)
    return {name: examples[str(schema["type"])] for name, schema in properties.items() if isinstance(schema, dict)}


def test_every_export_can_be_read(actions: dict[str, DataAction]) -> None:
    assert len(actions) == EXPORTS
    assert {name for name, action in actions.items() if action.shape == "api"} == {
        "apiform-Add-contact-to-contact-list.custom.json"
    }
    assert sum(action.action_type == "customAuth" for action in actions.values()) == 3
    assert {action.timeout_seconds for action in actions.values()} == {None}


def test_every_contract_is_one(actions: dict[str, DataAction]) -> None:
    problems = {
        name: input_contract_problems(action.input_schema) + output_contract_problems(action.output_schema)
        for name, action in actions.items()
    }
    assert {name: found for name, found in problems.items() if found} == {}


def test_every_template_and_path_can_be_parsed(actions: dict[str, DataAction]) -> None:
    for action in actions.values():
        request, response = action.request, action.response
        for text in (request.url_template, request.body_template, response.success_template, *request.headers.values()):
            Template(text, name=action.source)
        for path in response.translation_map.values():
            JsonPath(path)


def test_every_custom_export_sends_its_request(
    actions: dict[str, DataAction], service: _Service, engine: Engine
) -> None:
    """With each input given; the ones that fail do so for a bug of their own or for want of authentication."""
    failed = {}
    for name, action in actions.items():
        report = engine.test(action, example_inputs(action))
        if len(report.operations) < 8:
            failed[name] = report.error
    assert failed == {
        "apiform-Add-contact-to-contact-list.custom.json": (
            "Variable $Input has not been set at requestUrlTemplate[line 1, column 31]"
        ),
        "purple-Get-Contact-From-Contact-List.json": (
            "Reference ${input.contactlistId} evaluated to null when attempting to render at "
            "requestUrlTemplate[line 1, column 31]"
        ),
        "purple-Send-Chat-Notification.json": "Request URL is not an absolute http or https URL: "
        + f"http://127.0.0.1:{service.server_port}x1",
        "purple-static-Get-User-Presence.json": ("static actions are built into Genesys Cloud and do not run here"),
        **{
            name: "Variable $authResponse has not been set at authorization[line 1, column 1]"
            for name in ("teams-Create-Teams-Meeting.custom.json", "teams-Update-Teams-User-Presence.custom.json")
        },
        **{
            name: "Variable $authResponse has not been set at authorization[line 1, column 8]"
            for name in ("zoom-Create-Zoom-Meeting.custom.json", "zoom-Update-Zoom-User-Presence.custom.json")
        },
    }
