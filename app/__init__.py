"""Callspan: every Genesys Cloud call, one Datadog trace.

The parts are imported inside `create_app`, so that `app.identity`, `app.tags` and the command line load neither Flask
nor ddtrace.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Blueprint, Flask

    from app.calls import Calls
    from app.config import Settings
    from app.hot_path import HotPath
    from app.metrics import Metrics
    from app.oauth import ClientRegistry, Tokens
    from app.telemetry import Telemetry

__version__ = "0.1.0"

MAX_BODY = 64 * 1024
"""Bytes of the largest body that is read; the inputs of a data action are a few hundred."""


@dataclass
class Parts:
    """What a running service is made of, in `app.extensions["callspan"]`."""

    settings: Settings
    telemetry: Telemetry
    metrics: Metrics
    calls: Calls
    registry: ClientRegistry
    tokens: Tokens
    hot_path: HotPath
    access: dict[str, str] = field(default_factory=dict)
    """The scope that each blueprint asks for, or PUBLIC, by the blueprint's name."""


def create_app(settings: Settings | None = None) -> Flask:
    """Put the service together. Without settings they are read from the environment.

    Raises:
        ConfigurationError: when the environment does not describe a service that can start.

    """
    from flask import Flask
    from flask_limiter import Limiter
    from werkzeug.middleware.proxy_fix import ProxyFix

    from app.api import actions, attributes, events, health, lookup
    from app.api import oauth as token_endpoint
    from app.calls import Calls
    from app.config import Settings
    from app.errors import register_error_answers
    from app.genesys.intake import Intake
    from app.hot_path import HotPath
    from app.logs import RequestLog, log_requests
    from app.metrics import SPANS_UNDELIVERED, Metrics, dogstatsd
    from app.oauth import PUBLIC, ClientRegistry, Tokens, guard
    from app.signature import SignatureCheck
    from app.tagging import tagging
    from app.telemetry import Telemetry

    settings = settings or Settings.from_environ()
    metrics = Metrics(dogstatsd(), settings.metric_tags, settings.metric_tag_values)
    telemetry = Telemetry(settings.journal, lambda spans: metrics.count(SPANS_UNDELIVERED, {}, amount=spans))
    requests = RequestLog(metrics)
    root_at_start = settings.root_span == "start"
    calls = Calls(telemetry, metrics, root_at_start=root_at_start, refuse_personal_data=settings.refuse_personal_data)
    data_actions = actions.actions(calls, metrics, settings)
    tokens = Tokens(settings.clients, settings.jwt_keys)
    parts = Parts(
        settings=settings,
        telemetry=telemetry,
        metrics=metrics,
        calls=calls,
        registry=ClientRegistry(settings.clients),
        tokens=tokens,
        hot_path=HotPath(data_actions, tokens, requests),
    )

    app = Flask(__name__, static_folder=None)
    app.extensions["callspan"] = parts
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    # Genesys documents no redirects for data actions, so there is none, not even for a stray slash.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies)  # type: ignore[method-assign]
    log_requests(app, requests)
    register_error_answers(app)
    limiter = Limiter(
        token_endpoint.address,
        app=app,
        storage_uri=settings.rate_limit_storage,
        in_memory_fallback_enabled=True,
    )

    def register(blueprint: Blueprint, *, requires: str, or_signature: SignatureCheck | None = None) -> None:
        guard(blueprint, parts.tokens, requires, or_signature)
        app.register_blueprint(blueprint)
        parts.access[blueprint.name] = requires

    register(actions.blueprint(data_actions), requires="actions")
    register(
        events.blueprint(Intake(telemetry, metrics, root_at_start=root_at_start)),
        requires="events",
        or_signature=SignatureCheck(
            settings.signature_secret, settings.signature_header, settings.signature_timestamp_header
        )
        if settings.signature_secret
        else None,
    )
    register(
        attributes.blueprint(tagging(settings, parts.calls), refuse_personal_data=settings.refuse_personal_data),
        requires="attributes",
    )
    register(token_endpoint.blueprint(parts.registry, parts.tokens, limiter, settings), requires=PUBLIC)
    register(lookup.blueprint(settings), requires=PUBLIC)
    register(health.blueprint(telemetry), requires=PUBLIC)
    return app
