"""The client against a service that answers as told; waits between tries take no real time."""

from __future__ import annotations

import base64
import json
import threading
import time as real_time
from collections.abc import Iterator
from email.utils import formatdate

import pytest

from app.genesys import exchange
from app.genesys.budget import Budget
from app.genesys.client import PlatformClient
from app.genesys.errors import (
    NotWritableError,
    PlatformError,
    RateLimitedError,
    RefusedError,
    TimedOutError,
    UnavailableError,
    UnknownConversationError,
)
from architect.sandbox import free_ports
from tests.conftest import CONVERSATION
from tests.unit.emulator.loopback import Answer, Received, Service

from .clocks import FakeTime

DOCUMENT = {"id": CONVERSATION, "participants": [{"id": "c", "purpose": "customer", "attributes": {"a": "1"}}]}
LIMITED = {"code": "too.many.requests.retry.after", "message": "call +15551234567", "contextId": "from-the-body"}


class Genesys:
    """Issues tokens t1, t2, ... and gives the answers in turn, the last one again and again."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.tokens = 0
        self.token_answer: Answer | None = None
        self.expires_in: object = 86_400
        self.answers: list[Answer] = [ok(DOCUMENT)]
        self.refused: set[str] = set()
        service.answer = self.answer

    def answer(self, received: Received) -> Answer:
        if received.path == "/oauth/token":
            if self.token_answer:
                return self.token_answer
            self.tokens += 1
            return ok({"access_token": f"t{self.tokens}", "token_type": "bearer", "expires_in": self.expires_in})
        if received.headers["Authorization"].removeprefix("Bearer ") in self.refused:
            return error(401, "bad.credentials")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def asked(self) -> list[Received]:
        return [each for each in self.service.received if each.path != "/oauth/token"]


def ok(document: object, status: int = 200) -> Answer:
    return Answer(status, b"" if document is None else json.dumps(document).encode())


def error(status: int, code: str = "", **headers: str) -> Answer:
    return Answer(status, json.dumps({"code": code, "message": "call +15551234567"}).encode(), headers)


@pytest.fixture
def genesys(service: Service) -> Genesys:
    return Genesys(service)


@pytest.fixture
def client(service: Service, time: FakeTime) -> Iterator[PlatformClient]:
    client = PlatformClient(service.url, service.url, "our-id", "our-secret", per_minute=280, clock=time.clock)
    yield client
    # What the service waits for before it ends.
    client._exchange._pool.connection_from_url(service.url).close()


@pytest.fixture
def in_real_time(service: Service) -> Iterator[PlatformClient]:
    client = PlatformClient(service.url, service.url, "our-id", "our-secret", per_minute=6000)
    yield client
    # What the service waits for before it ends.
    client._exchange._pool.connection_from_url(service.url).close()


def test_a_conversation_is_read_with_a_token_that_is_fetched_once(
    client: PlatformClient, genesys: Genesys, time: FakeTime
) -> None:
    for _ in range(3):
        assert client.conversation(CONVERSATION, time.budget()).participants[0].attributes == {"a": "1"}
    token = genesys.service.received[0]
    assert (token.method, token.path, token.body) == ("POST", "/oauth/token", b"grant_type=client_credentials")
    assert base64.b64decode(token.headers["authorization"].removeprefix("Basic ")) == b"our-id:our-secret"
    assert {(each.method, each.path) for each in genesys.asked} == {("GET", f"/api/v2/conversations/{CONVERSATION}")}
    assert genesys.tokens == 1


def test_attributes_are_patched_below_the_participant_and_not_on_it(
    client: PlatformClient, genesys: Genesys, time: FakeTime
) -> None:
    genesys.answers = [ok(None, 202)]
    client.set_attributes(CONVERSATION, "c/../d", {"priority": "high"}, time.budget())
    (asked,) = genesys.asked
    assert asked.method == "PATCH"
    assert asked.path == f"/api/v2/conversations/{CONVERSATION}/participants/c%2F..%2Fd/attributes"
    assert json.loads(asked.body) == {"attributes": {"priority": "high"}}
    assert asked.headers["Content-Type"] == "application/json"


def test_connections_are_used_again(client: PlatformClient, genesys: Genesys, time: FakeTime) -> None:
    ports = set()
    handle = genesys.answer
    genesys.service.answer = handle
    pool = client._exchange._pool
    for _ in range(5):
        client.conversation(CONVERSATION, time.budget())
        ports.add(pool.connection_from_url(genesys.service.url).num_connections)
    assert ports == {1}


def test_a_refused_token_is_replaced_once(client: PlatformClient, genesys: Genesys, time: FakeTime) -> None:
    client.conversation(CONVERSATION, time.budget())
    genesys.refused = {"t1"}
    client.conversation(CONVERSATION, time.budget())
    assert genesys.tokens == 2
    genesys.refused = {"t2", "t3"}
    with pytest.raises(RefusedError) as caught:
        client.conversation(CONVERSATION, time.budget())
    assert caught.value.status == 401
    assert genesys.tokens == 3


def test_a_token_is_replaced_shortly_before_it_expires(
    client: PlatformClient, genesys: Genesys, time: FakeTime
) -> None:
    genesys.expires_in = 600
    client.conversation(CONVERSATION, time.budget())
    time.now += 539
    client.conversation(CONVERSATION, time.budget())
    assert genesys.tokens == 1
    time.now += 2
    client.conversation(CONVERSATION, time.budget())
    assert genesys.tokens == 2


def test_threads_that_need_a_token_at_once_fetch_one(genesys: Genesys, in_real_time: PlatformClient) -> None:
    gate = threading.Barrier(8)

    def work() -> None:
        gate.wait()
        in_real_time.conversation(CONVERSATION, Budget(10))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert genesys.tokens == 1
    assert len(genesys.asked) == 8


def test_a_login_that_refuses_says_which_settings_to_check_and_shows_none(
    client: PlatformClient, genesys: Genesys, time: FakeTime
) -> None:
    genesys.token_answer = ok({"error": "invalid_client", "description": "authentication failed"}, 400)
    with pytest.raises(RefusedError, match="GENESYSCLOUD_OAUTHCLIENT_ID") as caught:
        client.conversation(CONVERSATION, time.budget())
    assert "our-" not in str(caught.value)
    genesys.token_answer = ok({"token": "no"})
    with pytest.raises(UnavailableError, match="no token"):
        client.conversation(CONVERSATION, time.budget())
    assert genesys.asked == []


@pytest.mark.parametrize(
    ("answers", "waits"),
    [
        ([error(429, **{"Retry-After": "3"})], [3]),
        ([error(429)], [0.25]),
        ([error(429, **{"Retry-After": "soon"})], [0.25]),
        ([error(500)], [0.25]),
        ([error(502), error(503, **{"Retry-After": "2"}), error(504)], [0.25, 2, 1]),
    ],
)
def test_what_fails_for_a_moment_is_asked_again_when_genesys_says_or_soon(
    client: PlatformClient, genesys: Genesys, time: FakeTime, answers: list[Answer], waits: list[float]
) -> None:
    genesys.answers = [*answers, ok(DOCUMENT)]
    client.conversation(CONVERSATION, time.budget())
    assert time.slept == waits
    assert len(genesys.asked) == len(answers) + 1


def test_a_date_in_retry_after_is_obeyed_too(client: PlatformClient, genesys: Genesys, time: FakeTime) -> None:
    genesys.answers = [error(503, **{"Retry-After": formatdate(real_time.time() + 5, usegmt=True)}), ok(DOCUMENT)]
    client.conversation(CONVERSATION, time.budget())
    assert time.slept == [pytest.approx(5, abs=1.5)]


def test_a_write_is_asked_again_since_it_sets_values_by_key(
    client: PlatformClient, genesys: Genesys, time: FakeTime
) -> None:
    genesys.answers = [error(503), ok(None, 202)]
    client.set_attributes(CONVERSATION, "c", {"a": "1"}, time.budget())
    assert [each.method for each in genesys.asked] == ["PATCH", "PATCH"]


def test_a_429_holds_back_every_request_of_the_client(client: PlatformClient, genesys: Genesys, time: FakeTime) -> None:
    genesys.answers = [error(429, **{"Retry-After": "30"}), ok(DOCUMENT)]
    with pytest.raises(RateLimitedError) as caught:
        client.conversation(CONVERSATION, time.budget(10))
    assert (caught.value.status, caught.value.retry_after) == (429, 30)
    with pytest.raises(RateLimitedError) as own:
        client.conversation(CONVERSATION, time.budget(10))
    assert (own.value.status, own.value.retry_after) == (0, pytest.approx(30))
    assert len(genesys.asked) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "tries"),
    [
        (error(404, "not.found"), UnknownConversationError, 1),
        (error(403, "missing.any.permissions"), RefusedError, 1),
        (error(400, "bad.request"), RefusedError, 1),
        (error(500), UnavailableError, 4),
        (error(503), UnavailableError, 4),
        (error(302, Location="https://elsewhere.example/"), UnavailableError, 1),
        (ok({"id": CONVERSATION}), UnavailableError, 1),
        (ok([]), UnavailableError, 1),
        (Answer(200, b"<html>"), UnavailableError, 1),
        (Answer(200, b"[" * 100_000), UnavailableError, 1),
    ],
)
def test_each_refusal_of_a_reading_has_its_error(
    client: PlatformClient, genesys: Genesys, time: FakeTime, answer: Answer, kind: type[PlatformError], tries: int
) -> None:
    genesys.answers = [answer]
    with pytest.raises(kind) as caught:
        client.conversation(CONVERSATION, time.budget())
    assert type(caught.value) is kind
    assert caught.value.status == answer.status
    assert len(genesys.asked) == tries
    assert "5551234567" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, NotWritableError), (409, NotWritableError), (400, RefusedError), (403, RefusedError)],
)
def test_each_refusal_of_a_write_has_its_error(
    client: PlatformClient, genesys: Genesys, time: FakeTime, status: int, kind: type[PlatformError]
) -> None:
    genesys.answers = [error(status)]
    with pytest.raises(kind):
        client.set_attributes(CONVERSATION, "c", {"a": "1"}, time.budget())


def test_an_error_carries_the_id_by_which_genesys_finds_the_request(
    client: PlatformClient, genesys: Genesys, time: FakeTime
) -> None:
    genesys.answers = [error(403, "not.authorized", **{"ININ-Correlation-Id": "from-the-header"})]
    with pytest.raises(RefusedError, match=r"conversation:communication:view .*\(403 not\.authorized\)") as caught:
        client.conversation(CONVERSATION, time.budget())
    assert caught.value.correlation_id == "from-the-header"
    genesys.answers = [Answer(429, json.dumps(LIMITED).encode())]
    with pytest.raises(RateLimitedError) as limited:
        client.conversation(CONVERSATION, time.budget())
    assert limited.value.correlation_id == "from-the-body"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a silent connection be given up after a tenth of a second."""
    monkeypatch.setattr(exchange, "READ_SECONDS", 0.1)


@pytest.fixture
def held() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_a_service_that_does_not_answer_is_given_up(
    client: PlatformClient, genesys: Genesys, time: FakeTime, impatient: None, held: threading.Event
) -> None:
    client.conversation(CONVERSATION, time.budget())
    genesys.answers = [Answer(hold=held)]
    with pytest.raises(TimedOutError):
        client.conversation(CONVERSATION, time.budget())
    assert time.slept == list(exchange.WAITS)


def test_an_answer_that_trickles_in_does_not_outlast_the_budget(genesys: Genesys, in_real_time: PlatformClient) -> None:
    in_real_time.conversation(CONVERSATION, Budget(10))
    stop = threading.Event()
    genesys.answers = [Answer(body=b" " * 10_000, drip=stop)]
    began = real_time.monotonic()
    with pytest.raises(TimedOutError, match="to the end"):
        in_real_time.conversation(CONVERSATION, Budget(0.4))
    assert real_time.monotonic() - began < 2
    stop.set()


def test_an_answer_beyond_all_measure_is_not_read(
    client: PlatformClient, genesys: Genesys, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MAX_ANSWER", 1000)
    genesys.answers = [ok({"id": "x" * 2000})]
    with pytest.raises(UnavailableError, match="more than 1000 bytes"):
        client.conversation(CONVERSATION, time.budget())


def test_a_service_that_cannot_be_reached_is_said_to_be(time: FakeTime) -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    client = PlatformClient(url, url, "id", "secret", per_minute=280)
    with pytest.raises(UnavailableError, match="could not be reached"):
        client.conversation(CONVERSATION, time.budget())


def test_nothing_is_sent_when_no_time_is_left(client: PlatformClient, genesys: Genesys, time: FakeTime) -> None:
    budget = time.budget(1)
    time.now += 2
    with pytest.raises(TimedOutError):
        client.conversation(CONVERSATION, budget)
    assert genesys.service.received == []


def test_a_call_is_read_by_the_path_for_calls_whose_document_is_flattened(
    client: PlatformClient, genesys: Genesys, time: FakeTime
) -> None:
    party = {"id": "c", "purpose": "customer", "state": "Terminated", "direction": "inbound", "attributes": {"a": "1"}}
    genesys.answers = [ok({"id": CONVERSATION, "participants": [party]})]
    (found,) = client.call(CONVERSATION, time.budget()).participants
    assert genesys.asked[-1].path == f"/api/v2/conversations/calls/{CONVERSATION}"
    assert (found.left, found.directions, found.attributes) == (True, {"inbound"}, {"a": "1"})


def test_a_call_that_is_not_there_is_told_apart(client: PlatformClient, genesys: Genesys, time: FakeTime) -> None:
    genesys.answers = [error(404, "not.found")]
    with pytest.raises(UnknownConversationError):
        client.call(CONVERSATION, time.budget())
