"""What the service writes and sends while it is told secrets, personal data and what could forge lines and metrics.

Everything is asked of it at the log level `debug`; then its log, the spans at the agent, the datagrams of its metrics
and its answers are searched.
"""

from __future__ import annotations

import base64
import json
import re
import time
from typing import NamedTuple
from urllib.parse import quote

import pytest

from architect.sandbox import Agent, Credentials, Service, wait_for
from tests.dogstatsd import Receiver
from tests.events import call, envelope
from tests.security.conftest import API_KEY, REDIS_PASSWORD, SIGNATURE_SECRET
from tests.security.raw import send
from tests.system.conftest import START, Caller, new_conversation

EVENTS = "/v1/events/genesys"
PHONE, CARD, MAIL = "+15551234567", "4111 1111 1111 1111", "ann@example.com"
PERSONAL = ("5551234567", "555-123-4567", "4111 1111", MAIL, "Ann Example", "Ann is ill", "About my bill", "7654321")
FORGED = '{"status": "error", "message": "forged"}'
SAMPLE = re.compile(r"callspan\.[a-z_.]+:[0-9.]+(:[0-9.]+)*\|[cd](\|#[^|,\n]+:[^|,\n]+(,[^|,\n]+:[^|,\n]+)*)?(\|T\d+)?")


class Written(NamedTuple):
    """Everything that left the service: its output, spans, datagrams, and its answers."""

    log: str
    spans: str
    datagrams: str
    answers: str

    def places_of(self, text: str) -> list[str]:
        """Return where a text is found, as it is, in base64 or escaped."""
        forms = {
            text,
            json.dumps(text)[1:-1],
            quote(text),
            quote(text, safe=""),
            base64.b64encode(text.encode()).decode(),
        }
        everything = {"log": self.log, "spans": self.spans, "metrics": self.datagrams, "answers": self.answers}
        return [place for place, written in everything.items() if any(form in written for form in forms)]


HOSTILE_LABELS = [
    PHONE,
    f"Sales {PHONE}",
    f"card {CARD}",
    f"Sales <{MAIL}>",
    f"Sales\r\n{FORGED}",
    f"Sales\u2028{FORGED}\u0085{FORGED}",
    "Sales|c\ncallspan.calls.started:999|c|#forged:true",
    "Sales,forged:true|#forged:true",
    "\x1b[31mSales\x00\ud800",
    "Sales\u202egnp.exe",
]


class Sender:
    """Sends requests, and keeps the answers; a page shows what was asked of it to whoever asked, and is not kept."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.answers: list[str] = []

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> int:
        status, answer = self._caller.request(method, path, body, **{**self._caller.headers, **headers})
        if not answer.startswith(b"<!doctype html>"):
            self.answers.append(answer.decode(errors="replace"))
        return status

    def act(self, action: str, **inputs: str) -> None:
        body = json.dumps({"conversationId": new_conversation(), **inputs})
        assert self.ask("POST", f"/v1/actions/{action}", body) == 200

    def label(self, text: str) -> None:
        """Send a text in every place that has one."""
        told = dict.fromkeys(("flowName", "queueName", "channel", "direction", "traceparent"), text)
        self.act("start-call-trace", **told, tags=f"priority:{text},{text},note:{text}")
        self.act("record-milestone", **told, milestone=text, outcome=text)
        self.act("record-milestone", milestone=text, tags=f"priority:{text}")
        self.act("record-milestone", milestone="identified", durationMs=text)
        self.act("end-call-trace", **told, tags=f"priority:{text}")
        self.act("start-call-trace", conversationId=text)
        in_address = quote(text, safe="", errors="replace")
        for path in (f"/?conversationId={in_address}", f"/v1/conversations/{in_address}", f"/{in_address}"):
            self.ask("GET", path)
        for event in (envelope("acd.end", acdOutcome=text, mediaType=text), envelope(text), {"topic": text}, text):
            self.ask("POST", EVENTS, json.dumps(event))

    def events(self) -> None:
        """Send events of a whole call, which carry personal data, and some that have it where ids belong."""
        now_ms = time.time_ns() // 1_000_000
        told = {"traceparent": PHONE, "dd_trace_id": MAIL, "callspan_source": MAIL, "Customer": "Ann Example"}
        names = ("sessionId", "participantId", "queueId", "flowId", "wrapupCode", "disconnectType", "exitReason")
        ids = dict.fromkeys(names, PHONE)
        for batch in (
            envelope("attributes", conversation=new_conversation(), attributes=told),
            [envelope(kind, time_ms=now_ms, **ids) for kind in ("customer.end", "user.end", "flow.end", "acw")],
            call(new_conversation(), now_ms),
        ):
            assert self.ask("POST", EVENTS, json.dumps(batch)) == 200
        for header in (f"{PHONE} {FORGED}", MAIL, f"{SIGNATURE_SECRET}!", "x" * 65):
            genesys = dict.fromkeys(("ININ-Correlation-Id", "ININ-Organization-Id", "User-Agent"), header)
            assert self.ask("POST", START, json.dumps({"conversationId": new_conversation()}), **genesys) == 200

    def secret(self, service: Service, secret: str) -> None:
        """Send a secret in every place where it does not belong."""
        signature = {"X-Hub-Signature-256": f"sha256={SIGNATURE_SECRET}"}
        assert self.ask("POST", EVENTS, "{}", **signature) == 401
        for wrong in (f"Bearer {secret}", f"Basic {secret}", f"{self._caller.headers['Authorization']}x", secret):
            assert self.ask("POST", START, "{}", Authorization=wrong) == 401
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        basic = "Basic " + base64.b64encode(f"{secret}:{secret}".encode()).decode()
        grant = "grant_type=client_credentials"
        assert self.ask("POST", "/oauth/token", f"{grant}&scope={secret}", **form, Authorization=basic) == 401
        assert self.ask("POST", "/oauth/token", f"grant_type={secret}", **form, Authorization=basic) == 400
        assert self.ask("POST", f"/oauth/token?client_secret={secret}", grant, **form) == 401
        assert self.ask("GET", f"/oauth/token/{secret}?access_token={secret}") == 404
        assert self.ask("POST", START, secret, **{"Content-Type": "text/plain"}) == 415
        assert self.ask("POST", START, json.dumps({"conversationId": secret * 3000})) == 413
        for broken in (f"X-Note: {secret}\x00", f"{secret} : x", f"Content-Length: {secret}", f"X-Note {secret}"):
            head = f"POST /{secret} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n{broken}\r\n\r\n"
            # gunicorn tells the sender which name it did not like.
            assert send(service, head.encode()).statuses == [400]


@pytest.fixture(scope="module")
def written(service: Service, caller: Caller, credentials: Credentials, agent: Agent, metrics: Receiver) -> Written:
    """Send all there is to send, wait until its traces are everywhere, and return what was written."""
    sender = Sender(caller)
    for text in HOSTILE_LABELS:
        sender.label(text)
    sender.events()
    sender.secret(service, credentials.client_secret)
    last = new_conversation()
    sender.act("start-call-trace", conversationId=last)
    spans = agent.wait_for_spans(lambda spans: [s for s in spans if s["meta"].get("conversation.id") == last])
    wait_for("the log", lambda: last in service.output() or None)
    wait_for("the metrics", lambda: metrics.total("callspan.calls.started") > len(HOSTILE_LABELS) + 4 or None)
    datagrams = b"".join(metrics.datagrams).decode()
    return Written(service.output(), json.dumps(spans), datagrams, "\n".join(sender.answers))


def test_every_line_of_the_log_is_one_record_of_ours(written: Written) -> None:
    for line in written.log.splitlines():
        record = json.loads(line)
        assert {"timestamp", "status", "logger.name", "message"} <= record.keys()
        assert record["message"] != "forged"
    assert not any(c in written.log for c in "\x00\x1b\u2028\u0085\u202e\r")


def test_no_metric_can_be_forged(written: Written) -> None:
    lines = written.datagrams.splitlines()
    assert lines
    for line in lines:
        assert SAMPLE.fullmatch(line), line
    assert ":999|" not in written.datagrams
    assert "#forged" not in written.datagrams
    assert ",forged" not in written.datagrams


@pytest.mark.parametrize("text", PERSONAL)
def test_personal_data_is_nowhere(written: Written, text: str) -> None:
    assert written.places_of(text) == []


def test_no_secret_is_anywhere(written: Written, credentials: Credentials, caller: Caller) -> None:
    clients = json.loads(credentials.environment["CALLSPAN_CLIENTS"])
    secrets = {
        "client secret": credentials.client_secret,
        "its hash": next(iter(clients.values()))["secret_hash"].rpartition("$")[2],
        "signing key": credentials.environment["CALLSPAN_JWT_KEYS"].partition(":")[2],
        "signature secret": SIGNATURE_SECRET,
        "Redis password": REDIS_PASSWORD,
        "API key": API_KEY,
        "token": caller.headers["Authorization"].split()[1],
        "the token's signature": caller.headers["Authorization"].rpartition(".")[2],
    }
    found = {name: written.places_of(secret) for name, secret in secrets.items()}
    assert not any(found.values()), found


def test_what_was_searched_for_would_have_been_found(written: Written) -> None:
    """The searches above find what is there: each output has what it should have of the same requests."""
    assert {"log", "spans", "metrics"} <= set(written.places_of("start-call-trace"))
    assert "spans" in written.places_of("withheld: looks like a phone number")
    assert "metrics" in written.places_of("withheld:looks_like_a_phone_number")
    assert "answers" in written.places_of("looks like a phone number")
