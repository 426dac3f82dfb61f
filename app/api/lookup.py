"""From an id to its conversation and back, for people (`/`), agents (`/widget`) and programs (`/v1/conversations/...`).

All of it is computed from the request alone, so it is open to everybody. No cookie is set and no id is logged.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
from pathlib import Path

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest, NotFound

import app
from app.config import Settings
from app.genesys.regions import DOMAINS, apps_url
from app.lookup import MAX_LENGTH, Recognised, UnrecognisedError, describe, expressions, recognise
from schemas.conversation import CONVERSATION

STATIC = Path(__file__).parents[1] / "static"
EXAMPLE = "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"
_OURS_ONLY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'"
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def blueprint(settings: Settings) -> Blueprint:
    """Return the routes."""
    lookup = Blueprint("lookup", __name__)
    assets = {path.name: path.read_bytes() for path in STATIC.iterdir()}
    digest = hashlib.sha256(b"".join(assets.values())).hexdigest()[:12]
    genesys = " ".join(map(apps_url, DOMAINS))

    def show(template: str, policy: str) -> Response:
        """Answer with a page about what was asked for; one that shows an error is 400."""
        text = request.args.get("conversationId", "")
        found, error = _recognised(text) if text.strip() or template == "widget.html" else (None, None)
        html = render_template(
            template,
            text=text[:MAX_LENGTH],
            call=describe(found, settings) if found else None,
            error=error,
            trace_url=settings.trace_url(error.trace) if error and error.trace else "",
            expressions=expressions(settings),
            example=EXAMPLE,
            max_length=MAX_LENGTH,
            assets=digest,
            version=app.__version__,
        )
        policy = f"{_OURS_ONLY}; {policy}"
        return Response(html, 400 if error else 200, {**_HEADERS, "Content-Security-Policy": policy}, "text/html")

    @lookup.get("/")
    def page() -> Response:
        return show("page.html", "form-action 'self'; frame-ancestors 'none'")

    @lookup.get("/widget")
    def widget() -> Response:
        ancestors = f"{genesys} {settings.frame_ancestors}".strip()
        return show("widget.html", f"form-action 'none'; frame-ancestors {ancestors}")

    @lookup.get("/v1/conversations/<conversation_id>")
    def conversation(conversation_id: str) -> Response:
        try:
            fields = describe(recognise(conversation_id), settings)
        except UnrecognisedError as error:
            raise BadRequest(str(error)) from None
        return Response(json.dumps(CONVERSATION.dump(fields)), headers=_HEADERS, mimetype="application/json")

    @lookup.get("/static/<name>")
    def static(name: str) -> Response:
        """Answer with a file of the pages, which name it with the digest of all of them."""
        if name not in assets:
            raise NotFound
        headers = {**_HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
        return Response(assets[name], headers=headers, mimetype=mimetypes.guess_type(name)[0])

    return lookup


def _recognised(text: str) -> tuple[Recognised | None, UnrecognisedError | None]:
    try:
        return recognise(text), None
    except UnrecognisedError as error:
        return None, error
