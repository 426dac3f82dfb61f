"""What a platform and its people ask of the service itself."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Blueprint, Response, jsonify

import app
from app.telemetry import Telemetry

OPENAPI = Path(__file__).parents[2] / "schemas" / "openapi.json"


def blueprint(telemetry: Telemetry) -> Blueprint:
    """Return the routes."""
    health = Blueprint("health", __name__)
    openapi = OPENAPI.read_bytes()

    @health.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @health.get("/readyz")
    def readyz() -> Response:
        """Report the agent without failing for it: calls are answered and tagged while it is away."""
        return jsonify(
            status="ready",
            agent_reachable=telemetry.agent_reachable(),
            undelivered_spans=telemetry.undelivered_spans(),
            waiting_bytes=telemetry.waiting_bytes(),
        )

    @health.get("/version")
    def version() -> Response:
        return jsonify(name="callspan", version=app.__version__, commit=os.environ.get("HEROKU_SLUG_COMMIT", ""))

    @health.get("/openapi.json")
    def openapi_json() -> Response:
        return Response(openapi, mimetype="application/json")

    return health
