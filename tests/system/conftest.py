"""The running system: Callspan by its Procfile, and Datadog's test agent. Nothing here imports the service."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from architect.sandbox import Agent, Credentials, Service, Span

START = "/v1/actions/start-call-trace"


class Caller:
    """A client of the service that is signed in; one connection a request, so that it can be used by many threads."""

    def __init__(self, service: Service, credentials: Credentials) -> None:
        self.address = urlsplit(service.url).netloc
        self.root_at_start = True
        token = credentials.access_token(service.url)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def request(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            connection.request(method, path, body, headers, encode_chunked=not isinstance(body, str | bytes | None))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def get(self, path: str) -> dict[str, object]:
        status, body = self.request("GET", path)
        assert status == 200
        answer: dict[str, object] = json.loads(body)
        return answer

    def start(self, conversation: str, **inputs: str) -> dict[str, str]:
        """Start a call, as a data action would, and return its outputs."""
        return self.act("start-call-trace", conversationId=conversation, **inputs)

    def act(self, action: str, **inputs: str) -> dict[str, str]:
        """Call the service as a data action would, and return the outputs."""
        status, answer = self.request("POST", f"/v1/actions/{action}", json.dumps(inputs), **self.headers)
        assert status == 200, answer
        outputs: dict[str, str] = json.loads(answer)
        assert outputs["status"] == "ok", answer
        return outputs


@pytest.fixture(scope="session")
def credentials() -> Credentials:
    return Credentials.new(("actions", "events"))


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    agent = Agent().start()
    yield agent
    agent.stop()


@pytest.fixture(scope="module")
def service(agent: Agent, credentials: Credentials) -> Iterator[Service]:
    service = Service(agent.url, credentials).start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def caller(service: Service, credentials: Credentials) -> Caller:
    return Caller(service, credentials)


def written_credentials(folder: Path, client: str = "genesys") -> Credentials:
    """Return a client that `callspan init` wrote. The environment is literal, as `docker run --env-file` takes it."""
    fields = json.loads((folder / "credentials.json").read_text())[client]
    lines = (folder / "callspan.env").read_text().splitlines()
    return Credentials(fields["clientId"], fields["clientSecret"], dict(line.split("=", 1) for line in lines))


def traced(spans: list[Span]) -> set[str]:
    """Return the conversations of which both spans of a start are there."""
    names = ("genesys.conversation", "callspan.start")
    roots, entries = ({s["meta"]["conversation.id"] for s in spans if s["name"] == name} for name in names)
    return roots & entries


def new_conversation() -> str:
    return str(uuid.uuid4())
