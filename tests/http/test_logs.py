from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.logs import JsonFormatter, log_config
from app.span import FinishedSpan
from tests.conftest import CONVERSATION, SECRET, TRACE_ID

PATH = "/v1/actions/start-call-trace"


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, object]]]]:
    """Return the lines logged so far, each parsed, as the service would write them."""

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(self.format(record))

    kept: list[str] = []
    handler = Keep()
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("callspan")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in kept]
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_a_start_is_logged_in_one_line_that_is_found_from_its_trace(
    client: FlaskClient, bearer: Callable[[], dict[str, str]], lines: Callable[[], list], started: list[FinishedSpan]
) -> None:
    headers = {**bearer(), "ININ-Correlation-Id": "0f8c"}
    client.post(PATH, json={"conversationId": CONVERSATION, "tags": "priority:high"}, headers=headers)
    (line,) = lines()
    assert line.pop("duration") > 0
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "status": "info",
        "logger.name": "callspan.request",
        "message": "request",
        "dd.service": "callspan",
        "http.method": "POST",
        "http.route": PATH,
        "http.status_code": 200,
        "client": "genesys",
        "outcome": "ok",
        "genesys.correlation_id": "0f8c",
        "conversation.id": CONVERSATION,
        "dd.trace_id": TRACE_ID,
        "dd.span_id": str(int(started[0].span_id, 16)),
        "origin": "minted",
    }


def test_docs_datadog_shows_such_a_line(
    client: FlaskClient, bearer: Callable[[], dict[str, str]], lines: Callable[[], list]
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "datadog.md").read_text()
    (shown,) = re.findall(r'^\{"timestamp".*\}$', page, re.MULTILINE)
    client.post(PATH, json={"conversationId": CONVERSATION}, headers={**bearer(), "ININ-Correlation-Id": "0f8c"})
    (line,) = lines()
    assert [name for name in json.loads(shown) if name not in ("dd.env", "dd.version")] == list(line)


@pytest.mark.parametrize(
    ("body", "kind", "outcome", "code"),
    [
        ({"conversationId": "x"}, "application/json", "rejected", "invalid_conversation_id"),
        ({}, "text/plain", "refused", None),
    ],
)
def test_a_refusal_is_logged_with_its_reason(
    client: FlaskClient,
    bearer: Callable[[], dict[str, str]],
    lines: Callable[[], list],
    body: dict[str, str],
    kind: str,
    outcome: str,
    code: str | None,
) -> None:
    client.post(PATH, data=json.dumps(body), content_type=kind, headers=bearer())
    (line,) = lines()
    assert line["outcome"] == outcome
    assert line.get("error_code") == code


def test_what_callers_send_is_not_logged(
    client: FlaskClient, bearer: Callable[[], dict[str, str]], lines: Callable[[], list]
) -> None:
    headers = bearer()
    client.post(PATH, json={"conversationId": "+15551234567", "tags": "mail:ann@example.com"}, headers=headers)
    client.post("/oauth/token", data={"grant_type": "x", "client_id": "genesys", "client_secret": SECRET})
    client.get("/+15551234567?token=abc")
    client.post(PATH, json={}, headers={**headers, "ININ-Correlation-Id": "ann@example.com"})
    text = json.dumps(lines())
    assert len(lines()) == 4
    for secret in ("5551234567", "ann@example.com", SECRET, headers["Authorization"], "abc"):
        assert secret not in text


@pytest.mark.parametrize("odd", ["\n", "\r", "\u2028", "\x85", "\x1b", "\u202e", "\ud800"], ids=ascii)
def test_a_message_is_one_line_of_visible_ascii(odd: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, f"one{odd}two", (), None)
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == f"one{odd}two"


def test_the_process_logs_nothing_twice() -> None:
    config = log_config("INFO")
    assert config["root"]["handlers"] == ["stdout"]
    assert config["loggers"]["gunicorn.error"]["handlers"] == []
