"""The login host of Genesys Cloud, of which a stand-in has the client credentials grant, at the API's own address.

Request and answer: Genesys' platform SDK 269 (Basic header, form body; access_token, token_type, expires_in). Choices
made here: `token-refusals`, `token-calls-limited`.
"""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from architect.emulator.platform.errors import rate_limited
from architect.emulator.platform.served import served

login = Blueprint("login", __name__)


@login.post("/oauth/token")
def token() -> ResponseReturnValue:
    """Issue a token to a client that gives its id and secret."""
    given = request.authorization
    client_id, secret = (given.username, given.password) if given and given.type == "basic" else (None, None)
    if not client_id or not secret:
        return _refusal("invalid_client", "client credentials are required in a Basic Authorization header")
    organization = served()
    seconds = organization.tokens_limit.take(client_id)
    if seconds is not None:
        raise rate_limited(seconds, retry_after=organization.behaviour.retry_after)
    if request.form.get("grant_type") != "client_credentials":
        return _refusal("unsupported_grant_type", "grant_type must be client_credentials")
    issued = organization.clients.token(client_id, secret)
    if issued is None:
        return _refusal("invalid_client", "authentication failed")
    access_token, lifetime = issued
    return jsonify({"access_token": access_token, "token_type": "bearer", "expires_in": lifetime})


def _refusal(code: str, description: str) -> ResponseReturnValue:
    """Return an error of the login host, which has a shape of its own: users of Genesys' SDKs quote it."""
    return jsonify({"error": code, "description": description, "error_description": description}), 400
