"""The service that comes to mind first: a Flask view, a schema made for each request, each token verified by PyJWT.

It runs under `ddtrace-run`, whose automatic spans come on top of the job's two.
"""

from __future__ import annotations

import jwt
from flask import Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields

from bench.peers import job

OPTIONAL = ("traceparent", "flowName", "tags", "channel", "direction", "queueName")

app = Flask(__name__)


@app.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Tell that the process answers."""
    return jsonify({})


@app.post("/v1/actions/start-call-trace")
def start_call_trace() -> ResponseReturnValue:
    """Do the job."""
    client = verified_client()
    inputs = {name: fields.String(load_default="") for name in OPTIONAL}
    schema = Schema.from_dict({"conversationId": fields.String(required=True), **inputs})
    outputs = Schema.from_dict({name: fields.String() for name in job.OUTPUTS})
    headers = request.headers
    try:
        body = {name: value for name, value in request.get_json().items() if value is not None}
        loaded = schema(unknown=EXCLUDE).load(body)
        ids = headers.get("ININ-Correlation-Id", ""), headers.get("ININ-Organization-Id", "")
        answer = job.start(loaded, client, *ids)
    except ValidationError as error:
        answer = job.rejection("missing_input", str(error))
    except job.RejectedError as error:
        answer = job.rejection(error.code, error.message)
    return jsonify(outputs().dump(answer))


def verified_client() -> str:
    """Return the client whose token came with the request."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        options = {"require": job.CLAIMS}
        claims = jwt.decode(token, job.KEY, ["HS256"], issuer="callspan", audience="callspan", options=options)  # type: ignore[arg-type]
    except jwt.InvalidTokenError:
        abort(401)
    if scheme != "Bearer":
        abort(401)
    if "actions" not in claims["scope"].split():
        abort(403)
    return str(claims["sub"])
