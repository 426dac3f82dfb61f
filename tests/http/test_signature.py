from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app import create_app
from tests.conftest import make_settings
from tests.events import envelope

SECRET = "s" * 40
BODY = json.dumps(envelope("customer.start")).encode()
PATH = "/v1/events/genesys"
HEADER = "X-Hub-Signature-256"


def sign(body: bytes, secret: str = SECRET) -> bytes:
    return hmac.digest(secret.encode(), body, hashlib.sha256)


def deliver(client: FlaskClient, body: bytes = BODY, **headers: str) -> int:
    return client.post(PATH, data=body, content_type="application/json", headers=headers).status_code


@pytest.fixture
def client() -> FlaskClient:
    return create_app(make_settings(signature_secret=SECRET)).test_client()


@pytest.mark.parametrize("prefix", ["sha256=", ""])
@pytest.mark.parametrize(
    "encode",
    [bytes.hex, lambda d: d.hex().upper(), lambda d: base64.b64encode(d).decode()],
    ids=["hex", "HEX", "base64"],
)
def test_a_signed_delivery_needs_no_token(client: FlaskClient, prefix: str, encode: Callable[[bytes], str]) -> None:
    assert deliver(client, **{HEADER: prefix + encode(sign(BODY))}) == 200


@pytest.mark.parametrize(
    "value",
    [
        "sha256=" + sign(BODY, "x" * 40).hex(),
        "sha256=" + sign(BODY + b" ").hex(),
        "sha256=" + sign(BODY).hex()[:-2],
        "sha256=" + sign(BODY).hex() + "00",
        "sha256=" + base64.b64encode(sign(BODY)).decode()[:-4],
        "sha256=",
        "",
        "sha1=" + sign(BODY).hex(),
        "sha256=" + "z" * 64,
        "sha256=\u00e9",
        "sha256=" + base64.b64encode(sign(BODY).hex().encode()).decode(),
    ],
    ids=[
        "secret",
        "body",
        "cut hex",
        "longer hex",
        "cut base64",
        "empty",
        "nothing",
        "sha1",
        "no hex",
        "no ASCII",
        "twice",
    ],
)
def test_a_wrong_signature_is_refused(client: FlaskClient, value: str) -> None:
    assert deliver(client, **{HEADER: value}) == 401


def test_a_delivery_without_a_signature_still_needs_a_token(client: FlaskClient) -> None:
    assert deliver(client) == 401
    parts = client.application.extensions["callspan"]
    bridge = parts.settings.clients["eventbridge"]
    token = parts.tokens.issue(bridge, bridge.scopes, 60)
    assert deliver(client, Authorization=f"Bearer {token}") == 200


def test_a_signature_opens_nothing_but_the_events(client: FlaskClient) -> None:
    headers = {HEADER: sign(b"{}").hex()}
    assert client.post("/v1/actions/start-call-trace", json={}, headers=headers).status_code == 401


def test_a_signature_means_nothing_where_no_secret_is_set() -> None:
    client = create_app(make_settings()).test_client()
    assert deliver(client, **{HEADER: sign(BODY, "").hex()}) == 401


@pytest.mark.parametrize(("age", "status"), [(0, 200), (299, 200), (-299, 200), (302, 401), (-302, 401)])
def test_a_signed_time_bounds_how_long_a_delivery_can_be_played_again(age: int, status: int) -> None:
    settings = make_settings(signature_secret=SECRET, signature_timestamp_header="X-Relay-Time")
    client = create_app(settings).test_client()
    then = str(int(time.time()) - age)
    signature = sign(then.encode() + b"." + BODY).hex()
    assert deliver(client, **{HEADER: signature, "X-Relay-Time": then}) == status


@pytest.mark.parametrize("stamp", [None, "", "soon", "1" * 13, "-5", "\u0661"])
def test_a_missing_or_changed_time_is_refused(stamp: str | None) -> None:
    settings = make_settings(signature_secret=SECRET, signature_timestamp_header="X-Relay-Time")
    client = create_app(settings).test_client()
    now = str(int(time.time()))
    headers = {HEADER: sign(now.encode() + b"." + BODY).hex()}
    if stamp is not None:
        headers["X-Relay-Time"] = stamp
    assert deliver(client, **headers) == 401
    assert deliver(client, **{HEADER: sign(BODY).hex(), "X-Relay-Time": now}) == 401


def test_a_signed_event_is_counted_to_the_relay_and_its_body_is_read_once(client: FlaskClient) -> None:
    response = client.post(
        PATH, data=BODY, content_type="application/json", headers={HEADER: "sha256=" + sign(BODY).hex()}
    )
    assert response.json["ignored"] == "customer.start: nothing has ended (1)"
