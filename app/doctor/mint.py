"""Starting a call that does not exist, and holding the answer against what its conversation id stands for.

Its conversation id begins with `d0c70000`, and its flow's name is `callspan doctor`, by which its trace is told from
those of calls.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from typing import Any

from app.config import Settings
from app.doctor.check import Check
from app.doctor.web import Reply, UnreachableError, Web
from app.identity import TRACESTATE, conversation_trace
from schemas import START_CALL_TRACE

MINT, SIGN_IN = "start of a call", "sign-in"
FLOW_NAME = "callspan doctor"
_MARK = "d0c70000"


def throw_away_conversation() -> str:
    """Return a new conversation id that is none of Genesys Cloud's, and shows it."""
    return _MARK + str(uuid.uuid4())[len(_MARK) :]


def in_process(settings: Settings, conversation: str) -> Check:
    """Start the call in a service in this process, which sends neither spans nor metrics."""
    from app import create_app

    client = next((each for each in settings.clients.values() if "actions" in each.scopes), None)
    if client is None:
        return Check(MINT, "skipped", "no client may call the actions", "Give one the scope actions.")
    app = create_app(settings)
    parts = app.extensions["callspan"]
    parts.telemetry.emit = lambda *_: None
    parts.metrics.count = parts.metrics.distribution = lambda *_arguments, **_options: None
    headers = {"Authorization": f"Bearer {parts.tokens.issue(client, client.scopes, 60)}"}
    answer = app.test_client().post(START_CALL_TRACE.path, json=_inputs(conversation), headers=headers)
    return _judged(Reply(answer.status_code, dict(answer.headers), answer.data), conversation, "in this process")


def over_http(web: Web, url: str, credentials: tuple[str, str], conversation: str) -> list[Check]:
    """Sign in and start the call as the data action does, at a service that may send spans and metrics."""
    try:
        token = _token(web, url, credentials)
        if isinstance(token, Check):
            return [token]
        reply = web.ask(
            "the service",
            "POST",
            url,
            START_CALL_TRACE.path,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            body=json.dumps(_inputs(conversation)).encode(),
        )
    except UnreachableError as error:
        return [Check(SIGN_IN, "failed", f"{url}: {error}", "Start the service, or correct --url.")]
    return [Check(SIGN_IN, "ok", f"{url}/oauth/token issued a token to the client"), _judged(reply, conversation, url)]


def _token(web: Web, url: str, credentials: tuple[str, str]) -> str | Check:
    basic = base64.b64encode(":".join(credentials).encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    reply = web.ask("the service", "POST", url, "/oauth/token", headers=headers, body=b"grant_type=client_credentials")
    token = reply.field("access_token")
    if reply.status == 200 and isinstance(token, str):
        return token
    if reply.status == 401:
        what = "the service does not know this client, or its secret is another"
        fix = "Take id and secret as `callspan client new` printed them for the CALLSPAN_CLIENTS that the service has."
    elif reply.status == 429:
        what = "the service issues no more tokens to this client for now"
        fix = f"Ask again in {reply.headers.get('Retry-After', '60')} seconds."
    else:
        what, fix = f"{url}/oauth/token answers {reply.status} without a token", "Look at the service's log."
    return Check(SIGN_IN, "failed", what, fix)


def _inputs(conversation: str) -> dict[str, str]:
    return {"conversationId": conversation, "flowName": FLOW_NAME}


def _judged(reply: Reply, conversation: str, where: str) -> Check:
    if reply.status == 403:
        return Check(
            MINT, "failed", "the client may not call the actions", 'Give it the scope "actions" in CALLSPAN_CLIENTS.'
        )
    outputs = reply.document
    if reply.status != 200 or not isinstance(outputs, dict):
        what = f"{START_CALL_TRACE.path} {where} answers {reply.status}"
        return Check(MINT, "failed", what, "Look at the service's log.")
    if wrong := differences(outputs, conversation):
        return Check(
            MINT,
            "failed",
            f"{where}, conversation {conversation}: {'; '.join(wrong)}",
            "Run the same version of Callspan here and there, with nothing in between that changes answers.",
        )
    trace = conversation_trace(conversation)
    return Check(MINT, "ok", f"{where}, conversation {conversation} got the ids it stands for: {trace.traceparent}")


def differences(outputs: Mapping[str, Any], conversation: str) -> list[str]:
    """Name each output of a start that is not as the conversation's id makes it."""
    trace = conversation_trace(conversation)
    expected = {
        "status": "ok",
        "trace_id": trace.trace_id,
        "trace_id_decimal": trace.trace_id_decimal,
        "span_id": trace.span_id,
        "span_id_decimal": trace.span_id_decimal,
        "traceparent": trace.traceparent,
        "tracestate": TRACESTATE,
        "origin": "minted",
    }
    wrong = [
        f"{name} is {str(outputs.get(name))[:80]!r} and should be {value!r}"
        for name, value in expected.items()
        if outputs.get(name) != value
    ]
    missing = START_CALL_TRACE.outputs.fields.keys() - outputs.keys()
    return wrong + [f"{name} is missing" for name in sorted(missing - expected.keys())]
