"""The short way for what a caller on the phone waits for: a well-formed call of a data action, without Flask.

It answers only what Flask would answer 200: a token that holds the scope, JSON by its header and in a body of the size
allowed, inputs that keep the contract. On everything else it passes, and Flask gives the answer. Contracts, views,
answers and log lines are the same objects on both ways.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping

from app import MAX_BODY
from app.api.actions import Action
from app.calls import Caller
from app.genesys.ids import identifier
from app.logs import RequestLog
from app.messages import Request
from app.oauth import InvalidTokenError, Tokens


class HotPath:
    """Answers the data actions."""

    def __init__(self, actions: Iterable[Action], tokens: Tokens, requests: RequestLog) -> None:
        self._actions = {action.contract.path.encode(): action for action in actions}
        self._tokens = tokens
        self._requests = requests

    def answer(self, request: Request) -> str | None:
        """Return the JSON that a request is answered with, or None when it has to go through Flask."""
        started_ns, now_ns = time.perf_counter_ns(), time.time_ns()
        action = self._actions.get(request.target)
        headers = request.fields
        if action is None or request.method != "POST" or len(headers) < len(request.headers):
            return None
        inputs = _inputs(action, headers, request.body)
        if inputs is None:
            return None
        try:
            client, scopes = self._tokens.verify(_bearer_token(headers))
        except InvalidTokenError:
            return None
        if action.contract.scope not in scopes:
            return None
        caller = Caller(client, _id(headers, b"inin-correlation-id"), _id(headers, b"inin-organization-id"))
        answer = action.answer(inputs, caller, now_ns)
        fields = {"client": client, **answer.fields}
        self._requests.write("POST", action.contract.path, 200, time.perf_counter_ns() - started_ns, fields)
        return answer.body


def _inputs(action: Action, headers: Mapping[bytes, bytes], body: bytes) -> dict[str, str] | None:
    if len(body) > MAX_BODY or headers.get(b"content-type", b"").partition(b";")[0] != b"application/json":
        return None
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return action.load_well_formed(parsed) if type(parsed) is dict else None


def _bearer_token(headers: Mapping[bytes, bytes]) -> str:
    kind, _, token = headers.get(b"authorization", b"").partition(b" ")
    return token.decode("latin-1") if kind == b"Bearer" else ""


def _id(headers: Mapping[bytes, bytes], name: bytes) -> str:
    return identifier(headers.get(name, b"").decode("latin-1"))
