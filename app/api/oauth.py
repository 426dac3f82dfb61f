"""`POST /oauth/token`: the client credentials grant of RFC 6749, section 4.4."""

from __future__ import annotations

import math
import time
from urllib.parse import unquote_plus

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter, RateLimitExceeded
from limits import parse_many
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import TooManyRequests

from app.config import Settings
from app.errors import OAuthError, problem_answer
from app.logs import note
from app.oauth import ClientRegistry, Tokens
from app.values import SCOPES

# One address may try this many times as often as one client at it, for clients that share a way out.
CLIENTS_PER_ADDRESS = 4


def blueprint(registry: ClientRegistry, tokens: Tokens, limiter: Limiter, settings: Settings) -> Blueprint:
    """Return the token endpoint."""
    oauth = Blueprint("oauth", __name__)
    rate = settings.token_rate_limit

    def token() -> Response:
        form = _form()
        credentials = _credentials(form)
        if "grant_type" not in form:
            raise OAuthError("invalid_request", "grant_type is missing; send grant_type=client_credentials")
        if form["grant_type"] != "client_credentials":
            raise OAuthError("unsupported_grant_type", "the only grant is client_credentials")
        client = registry.authenticate(*credentials)
        note({"client": client.id})
        scopes = _granted(form.get("scope", ""), client.scopes)
        answer = jsonify(
            access_token=tokens.issue(client, scopes, settings.token_lifetime),
            token_type="Bearer",  # noqa: S106  the name of a kind of token
            expires_in=settings.token_lifetime,
            scope=" ".join(sorted(scopes)),
        )
        answer.headers.update({"Cache-Control": "no-store", "Pragma": "no-cache"})
        return answer

    limited = limiter.limit(rate, key_func=_client_at_address)(
        limiter.limit(_times(CLIENTS_PER_ADDRESS, rate), key_func=address)(token)
    )
    oauth.add_url_rule("/oauth/token", "token", limited, methods=["POST"])

    @oauth.errorhandler(RateLimitExceeded)
    def too_often(_: RateLimitExceeded) -> ResponseReturnValue:
        window = limiter.current_limit
        seconds = max(1, math.ceil(window.reset_at - time.time())) if window else 60
        return problem_answer(
            TooManyRequests("Too many token requests; a token is good for hours.", retry_after=seconds)
        )

    return oauth


def _form() -> MultiDict[str, str]:
    """Return the request's parameters; one without a value counts as left out (RFC 6749, section 3.2)."""
    if any(len(values) > 1 for _, values in request.form.lists()):
        raise OAuthError("invalid_request", "a parameter is given twice")
    return MultiDict({name: value for name, value in request.form.items() if value})


def _credentials(form: MultiDict[str, str]) -> tuple[str, str]:
    """Return the client's id and secret, from the Basic header or from the form, but not from both."""
    header = request.headers.get("Authorization")
    in_form = "client_id" in form and "client_secret" in form
    if header is None:
        if not in_form:
            raise OAuthError("invalid_client", "send the client's id and secret with HTTP Basic or in the form")
        return form["client_id"], form["client_secret"]
    if "client_secret" in form:
        raise OAuthError("invalid_request", "the client's secret is given twice, in the header and in the form")
    basic = request.authorization
    if basic is None or basic.type != "basic" or basic.username is None or basic.password is None:
        raise OAuthError("invalid_client", "the Authorization header is not HTTP Basic")
    # Both halves are form-encoded before they are joined (RFC 6749, section 2.3.1).
    return unquote_plus(basic.username), unquote_plus(basic.password)


def _granted(asked: str, allowed: frozenset[str]) -> frozenset[str]:
    scopes = frozenset(asked.split()) or allowed
    if not scopes <= allowed:
        raise OAuthError("invalid_scope", f"ask for some of the client's own scopes, out of {', '.join(SCOPES)}")
    return scopes


def address() -> str:
    """Return the address that a request came from."""
    return request.remote_addr or ""


def _client_at_address() -> str:
    basic = request.authorization
    client_id = basic.username if basic and basic.type == "basic" else request.form.get("client_id")
    return f"{(client_id or '')[:100]}@{address()}"


def _times(factor: int, rate: str) -> str:
    """Return a rate that allows several times as much."""
    limits = (f"{limit.amount * factor} per {limit.multiples} {limit.GRANULARITY.name}" for limit in parse_many(rate))
    return "; ".join(limits)
