"""Callspan in this process, asked as gunicorn would ask it: for profiles and counts, where a server is in the way.

What gunicorn and the sending of spans take is not in it; a span is written down, in a file, as when it is served.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.call import Call
from bench.candidates import PATH
from bench.load import filled


class InProcess:
    """A service of its own, whose spans go to a folder and whose log is made and thrown away."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        from app import MAX_BODY, create_app
        from app.config import Settings
        from app.gateway import Gateway
        from app.logs import JsonFormatter

        settings = Settings.from_environ({**environment, "CALLSPAN_JOURNAL_DIR": str(folder)})
        flask = create_app(settings)
        parts = flask.extensions["callspan"]
        (client,) = settings.clients.values()
        self._call = Call(parts.tokens.issue(client, client.scopes, 3600))
        self._gateway = Gateway(flask.wsgi_app, parts.hot_path, MAX_BODY)
        self._loop = asyncio.new_event_loop()
        log = logging.getLogger("callspan.request")
        handler = logging.StreamHandler(io.StringIO())
        handler.setFormatter(JsonFormatter())
        log.handlers, log.propagate, log.level = [handler], False, logging.INFO

    def request(self) -> tuple[dict[str, Any], bytes]:
        """Return a request that starts a new call, as a scope and a body."""
        conversation = uuid.uuid4()
        headers = [(n.lower().encode(), filled(v, conversation).encode()) for n, v in self._call.headers().items()]
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": PATH,
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8000),
        }
        return scope, filled(self._call.body(), conversation).encode()

    def ask(self, request: tuple[dict[str, Any], bytes]) -> None:
        """Send a request, and end the process when the answer is not the one that a caller waits for."""
        scope, body = request
        sent: list[Mapping[str, Any]] = []

        async def receive() -> Mapping[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        self._loop.run_until_complete(self._gateway(scope, receive, send))
        start, answer = sent
        if start["status"] != 200 or json.loads(answer["body"])["status"] != "ok":
            raise SystemExit(f"the application answered {start['status']} {answer['body'].decode()}")
