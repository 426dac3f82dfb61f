from __future__ import annotations

import json
from typing import Any

import pytest

import app
from app.api.health import OPENAPI
from app.doctor.service import deployed as look_at
from app.doctor.web import Web
from tests.unit.emulator.loopback import Answer, Received, Service

from .conftest import Deployed

VERSION = {"name": "callspan", "version": app.__version__, "commit": "0123456789abcdef0123"}
READY = {"status": "ready", "agent_reachable": True, "undelivered_spans": 0}


def answer(service: Service, **documents: Any) -> None:
    """Let the service answer as Callspan does, apart from these documents by path."""
    given = {"version": VERSION, "openapi.json": json.loads(OPENAPI.read_bytes()), "readyz": READY, **documents}

    def find(request: Received) -> Answer:
        return Answer(200, json.dumps(given[request.path.removeprefix("/")]).encode())

    service.answer = find


def test_this_version_is_all_right(web: Web, deployed: Deployed) -> None:
    found = {check.name: check.status for check in look_at(web, deployed.url)}
    assert found == {"version": "ok", "address": "warning", "contracts": "ok", "telemetry there": "ok"}


@pytest.mark.parametrize(
    ("documents", "name", "status", "words"),
    [
        ({"version": {**VERSION, "version": "0.0.9"}}, "version", "warning", "Callspan 0.0.9 (commit 0123456789ab)"),
        ({"openapi.json": {"paths": {"/v1/old": {}}}}, "contracts", "warning", "/v1/old"),
        ({"openapi.json": []}, "contracts", "failed", "/openapi.json answers 200"),
        ({"readyz": {**READY, "agent_reachable": False}}, "telemetry there", "failed", "does not reach its agent"),
        ({"readyz": {**READY, "undelivered_spans": 7}}, "telemetry there", "warning", "7 spans have been given up"),
        ({"readyz": {}}, "telemetry there", "failed", "/readyz answers 200"),
    ],
    ids=["version", "contracts", "no contracts", "agent", "losses", "not ready"],
)
def test_what_is_wrong_is_said(
    web: Web, service: Service, documents: dict[str, Any], name: str, status: str, words: str
) -> None:
    answer(service, **documents)
    check = next(check for check in look_at(web, service.url) if check.name == name)
    assert (check.status, words in check.what) == (status, True)
    assert check.fix


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Answer(301, b"", {"Location": "/elsewhere"}), "redirects"),
        (Answer(200, b"<html>"), "not as Callspan does"),
        (Answer(200, b'{"name": "other", "version": "1"}'), "not as Callspan does"),
        (Answer(503), "answers 503"),
    ],
    ids=["redirect", "page", "another", "down"],
)
def test_what_is_not_callspan_is_asked_nothing_more(web: Web, service: Service, reply: Answer, words: str) -> None:
    service.answer = lambda _: reply
    (check,) = look_at(web, service.url)
    assert (check.status, words in check.what) == ("failed", True)
    assert len(service.received) == 1


def test_an_address_where_nobody_is_fails(web: Web) -> None:
    (check,) = look_at(web, "http://127.0.0.1:1")
    assert (check.status, "nothing listens there" in check.what) == ("failed", True)
