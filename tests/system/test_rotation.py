"""A signing key and a client's secret are changed while calls come in, and no call fails.

Processes are replaced as a platform replaces them when their environment changes: new ones start beside the old, both
get requests for a while, and the old are stopped. The reload of gunicorn would not do, for the environment stays.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import jwt
import pytest
import urllib3

from architect.sandbox import Agent, Credentials, Service, callspan, wait_for
from tests.system.conftest import START, traced, written_credentials
from tests.system.load import Load

CALLS_A_TOKEN = 50
"""How many calls a token is used for here, so that some are asked for in every state of the platform."""


class Platform:
    """The processes that run, and a router that sends a request to any of them."""

    def __init__(self, agent: Agent, credentials: Credentials) -> None:
        self._agent, self._credentials = agent, credentials
        self._lock = threading.Lock()
        self._routed: list[Service] = []
        self._in_flight: Counter[Service] = Counter()

    def run(self, environment: Mapping[str, str]) -> None:
        """Start a process with another environment; requests go to it too."""
        settings = {"CALLSPAN_TOKEN_RATE_LIMIT": "1000 per minute", **environment}
        service = Service(self._agent.url, self._credentials, **settings).start()
        with self._lock:
            self._routed.append(service)

    def retire(self) -> None:
        """Route nothing to the oldest process any more, let it answer what it has, and stop it."""
        with self._lock:
            service = self._routed.pop(0)
        wait_for("its last requests to be answered", lambda: self._in_flight[service] == 0 or None)
        assert service.stop() == 0

    def stop(self) -> None:
        while self._routed:
            self.retire()

    @contextmanager
    def address(self) -> Iterator[str]:
        """Give the address of one of the processes, for the time of a request."""
        with self._lock:
            service = random.choice(self._routed)
            self._in_flight[service] += 1
        try:
            yield service.url
        finally:
            with self._lock:
                self._in_flight[service] -= 1


class Organisation:
    """Calls actions with a token that all calls share; after a 401 it asks for another, once a call."""

    def __init__(self, platform: Platform, credentials: Credentials) -> None:
        self.credentials = credentials
        self.refused = 0
        self._platform = platform
        self._lock = threading.Lock()
        self._http = urllib3.PoolManager(retries=False, timeout=30, maxsize=8)
        self._calls = 0
        self._renewing = True
        self.token = self.new_token()

    def new_token(self) -> str:
        with self._platform.address() as url:
            return self.credentials.access_token(url)

    def start(self, conversation: str) -> None:
        token = self._current_token()
        if self.status(conversation, token) == 401:
            with self._lock:
                self.refused += 1
                if self.token == token:
                    self.token = self.new_token()
            assert self.status(conversation, self.token) == 200
        with self._lock:
            self._calls += 1

    def use_until_refused(self, token: str) -> None:
        """Go back to a token from before, and keep it."""
        with self._lock:
            self.token, self._renewing = token, False

    def _current_token(self) -> str:
        with self._lock:
            if self._renewing and self._calls >= CALLS_A_TOKEN:
                self._calls = 0
                self.token = self.new_token()
            return self.token

    def status(self, conversation: str, token: str) -> int:
        """Start a call, and return the status of the answer, which is none but 200 and 401."""
        body = json.dumps({"conversationId": conversation})
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Connection": "close"}
        with self._platform.address() as url:
            answer = self._http.request("POST", url + START, body=body, headers=headers)
        assert answer.status == 401 or (answer.status == 200 and answer.json()["status"] == "ok"), answer.data
        return answer.status

    def close(self) -> None:
        self._http.clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init(tmp_path, "--region", "eu-central-1", "--base-url", "https://calls.example.org", "--queue", "Sales")
    return tmp_path


def init(folder: Path, *arguments: str) -> None:
    callspan("init", "--yes", "--out", str(folder), *arguments)


@pytest.fixture
def credentials(folder: Path) -> Credentials:
    return written_credentials(folder)


@pytest.fixture
def platform(agent: Agent, credentials: Credentials) -> Iterator[Platform]:
    platform = Platform(agent, credentials)
    platform.run({})
    yield platform
    platform.stop()


@pytest.fixture
def organisation(platform: Platform, credentials: Credentials) -> Iterator[Organisation]:
    organisation = Organisation(platform, credentials)
    yield organisation
    organisation.close()


def replace_processes(platform: Platform, load: Load, environment: Mapping[str, str]) -> None:
    """Bring a new environment out, with calls before, while both run, and after."""
    load.wait_for_more(100)
    platform.run(environment)
    load.wait_for_more(150)
    platform.retire()
    load.wait_for_more(100)


def test_a_signing_key_is_changed_and_no_call_fails(
    agent: Agent,
    platform: Platform,
    organisation: Organisation,
    credentials: Credentials,
    figure: Callable[[str], None],
) -> None:
    old, new = credentials.environment["CALLSPAN_JWT_KEYS"], callspan("key", "new").strip()
    earlier = organisation.token
    with Load(organisation.start, threads=3) as load:
        replace_processes(platform, load, {"CALLSPAN_JWT_KEYS": f"{old},{new}"})
        replace_processes(platform, load, {"CALLSPAN_JWT_KEYS": f"{new},{old}"})
        assert jwt.get_unverified_header(organisation.new_token())["kid"] == new.partition(":")[0]
        assert organisation.status("8f14e45f-ceea-467f-a34e-7d5c3b2a1908", earlier) == 200
        assert organisation.refused == 0
        # The old key goes while one of its tokens is in use, too early.
        organisation.use_until_refused(earlier)
        replace_processes(platform, load, {"CALLSPAN_JWT_KEYS": new})
    assert organisation.status("8f14e45f-ceea-467f-a34e-7d5c3b2a1908", earlier) == 401
    assert not load.failures
    assert organisation.refused > 0
    assert_all_traced(agent, load)
    figure(f"{len(load.answered)} calls while a signing key was changed: 0 failed, {organisation.refused} asked twice")


def test_a_clients_secret_is_changed_and_no_call_fails(
    agent: Agent, platform: Platform, organisation: Organisation, folder: Path, figure: Callable[[str], None]
) -> None:
    earlier = organisation.token
    with Load(organisation.start, threads=3) as load:
        init(folder, "--client", "genesys-2")
        second = written_credentials(folder, "genesys-2")
        replace_processes(platform, load, second.environment)
        assert organisation.refused == 0
        # As when the credential is changed in Genesys Cloud.
        organisation.credentials = second
        load.wait_for_more(2 * CALLS_A_TOKEN)
        assert organisation.refused == 0
        clients = json.loads(second.environment["CALLSPAN_CLIENTS"])
        del clients["genesys"]
        organisation.use_until_refused(earlier)
        replace_processes(platform, load, {"CALLSPAN_CLIENTS": json.dumps(clients)})
    assert organisation.status("8f14e45f-ceea-467f-a34e-7d5c3b2a1908", earlier) == 401
    assert not load.failures
    assert organisation.refused > 0
    assert_all_traced(agent, load)
    figure(f"{len(load.answered)} calls while a client was changed: 0 failed, {organisation.refused} asked twice")


def assert_all_traced(agent: Agent, load: Load) -> None:
    answered = set(load.answered)
    agent.wait_for_spans(lambda spans: answered <= traced(spans))
