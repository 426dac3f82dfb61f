"""The unit of cost: a Flask route that returns a constant of the size of an answer of Start Call Trace."""

from flask import Flask, Response

ANSWER = b'{"answer": "' + b"x" * 470 + b'"}'

app = Flask(__name__)


@app.post("/v1/actions/start-call-trace")
def constant() -> Response:
    """Return the constant."""
    return Response(ANSWER, mimetype="application/json")


@app.get("/healthz")
def healthz() -> Response:
    """Tell that the process answers."""
    return Response(b"{}", mimetype="application/json")
