"""Logs as JSON, one line a record and one record a request.

Field names are Datadog's standard attributes where there is one, so that a line is found from its trace and back
(Datadog, "Correlate logs and traces"). Nothing that a caller sends is logged but ids that were checked first.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, g, request

from app.metrics import REQUEST_DURATION, Metrics

log = logging.getLogger("callspan.request")


class JsonFormatter(logging.Formatter):
    """Formats a record, with the fields it was given as `extra={"fields": {...}}`, as one line of JSON."""

    def __init__(self) -> None:
        super().__init__()
        names = {"dd.service": "DD_SERVICE", "dd.env": "DD_ENV", "dd.version": "DD_VERSION"}
        self._unified = {field: os.environ[name] for field, name in names.items() if os.environ.get(name)}

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its line feed."""
        line: dict[str, Any] = {
            "timestamp": f"{_second(int(record.created))}.{int(record.created * 1000) % 1000:03d}+00:00",
            "status": record.levelname.lower(),
            "logger.name": record.name,
            "message": record.getMessage(),
            **self._unified,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error.stack"] = self.formatException(record.exc_info)
        return json.dumps(line)


@functools.lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def log_config(level: str) -> dict[str, Any]:
    """Return the `logging.config` dictionary of the whole process, gunicorn's own loggers included."""
    # Where in the code a line comes from, by which thread and process, is not in it (Python, "Logging HOWTO",
    # "Optimization").
    logging._srcfile = None  # noqa: SLF001
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    gunicorn = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
        "root": {"level": level, "handlers": ["stdout"]},
        "loggers": {"gunicorn.error": gunicorn},
    }


def note(fields: Mapping[str, str]) -> None:
    """Add fields to the line of the request being answered."""
    g.log_fields.update(fields)


class RequestLog:
    """Writes a line for each request, and measures how long it took."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def write(self, method: str, route: str, status: int, duration_ns: int, fields: Mapping[str, str]) -> None:
        """Log a request that was answered; `fields` has what the routes noted of it."""
        tags = {"route": route, "status_code": str(status)}
        self._metrics.distribution(REQUEST_DURATION, duration_ns / 1e6, tags)
        line = {
            "http.method": method,
            "http.route": route,
            "http.status_code": status,
            "duration": duration_ns,
            "client": "",
            "outcome": "ok" if status < 400 else "refused" if status < 500 else "failed",
            **fields,
        }
        if log.isEnabledFor(logging.INFO):
            record = logging.LogRecord(log.name, logging.INFO, "", 0, "request", (), None)
            record.fields = line
            log.handle(record)


def log_requests(app: Flask, requests: RequestLog) -> None:
    """Log every request that the app answers."""

    @app.before_request
    def begin() -> None:
        g.log_fields = {}
        g.started = time.perf_counter_ns()

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else ""
        duration_ns = time.perf_counter_ns() - g.started
        fields = {"client": g.get("client", ""), **g.log_fields}
        requests.write(request.method, route, response.status_code, duration_ns, fields)
        return response
