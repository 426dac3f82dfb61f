"""A back end as a flow's data actions ask it: Flask under `ddtrace-run`, with nothing about traces in its code.

Its log is JSON with the fields that ddtrace puts on each record (`DD_LOGS_INJECTION`). Nothing here knows Callspan.
"""

from __future__ import annotations

import json
import logging

from flask import Flask

CORRELATION = ("dd.trace_id", "dd.span_id", "dd.service", "dd.env", "dd.version")


class JsonFormatter(logging.Formatter):
    """One line of JSON a record, with what ddtrace put on it."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"status": record.levelname.lower(), "message": record.getMessage()}
        return json.dumps({**line, **{name: getattr(record, name, "") for name in CORRELATION}})


handler = logging.StreamHandler()
handler.setFormatter(JsonFormatter())
log = logging.getLogger("orders")
log.addHandler(handler)
log.setLevel(logging.INFO)

app = Flask(__name__)


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return {}


@app.get("/v1/orders/<order_id>")
def order_status(order_id: str) -> dict[str, str]:
    log.info("looked up order %s", order_id)
    return {"state": "shipped"}
