"""Callspan in this process, asked as gunicorn would ask it: for profiles and counts, where a server is in the way.

What gunicorn and the sending of spans take is not in it; a span is written down, in a file, as when it is served.
"""

from __future__ import annotations

import io
import json
import logging
import uuid
from collections.abc import Mapping
from pathlib import Path

from app.messages import Request
from bench.call import Call
from bench.candidates import PATH
from bench.load import filled


class InProcess:
    """A service of its own, whose spans go to a folder and whose log is made and thrown away."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        from app import create_app
        from app.config import Settings
        from app.logs import JsonFormatter

        settings = Settings.from_environ({**environment, "CALLSPAN_JOURNAL_DIR": str(folder)})
        parts = create_app(settings).extensions["callspan"]
        (client,) = settings.clients.values()
        self._call = Call(parts.tokens.issue(client, client.scopes, 3600))
        self.hot_path = parts.hot_path
        log = logging.getLogger("callspan.request")
        handler = logging.StreamHandler(io.StringIO())
        handler.setFormatter(JsonFormatter())
        log.handlers, log.propagate, log.level = [handler], False, logging.INFO

    def request(self) -> Request:
        """Return a request that starts a new call, as a connection reads it."""
        conversation = uuid.uuid4()
        headers = [(n.lower().encode(), filled(v, conversation).encode()) for n, v in self._call.headers().items()]
        body = filled(self._call.body(), conversation).encode()
        return Request("127.0.0.1", "POST", PATH.encode(), headers=headers, fields=dict(headers), body=body)

    def ask(self, request: Request) -> None:
        """Send a request, and end the process when the answer is not the one that a caller waits for."""
        text = self.hot_path.answer(request)
        if text is None or json.loads(text)["status"] != "ok":
            raise SystemExit(f"the application answered {text}")
