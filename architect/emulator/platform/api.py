"""The routes of the platform API that a stand-in serves.

Paths, permissions and statuses: Genesys' platform SDK 269 and its 257.1 documentation, which lists permissions; the 202
of the attribute routes is in Genesys' API description of 2018 and its command line of 2026. Choices made here:
`malformed-id`, `other-medium`, `media-specific-answer`, `ended-conversation`, `other-values`, `missing-attributes`,
`participant-resource`, `analytics-at-once`, `rate-limit-of`, `order-of-checks`.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from architect.emulator.platform import documents
from architect.emulator.platform.clients import VIEW_ANALYTICS, VIEW_CONVERSATION, Client
from architect.emulator.platform.conversation import MEDIA, Conversation
from architect.emulator.platform.errors import (
    authentication_required,
    error,
    invalid_id,
    invalid_value,
    missing_permission,
    rate_limited,
)
from architect.emulator.platform.faults import WRITES
from architect.emulator.platform.served import served

_CONVERSATION = "/conversations/<conversation_id>"
_OF_MEDIUM = f"/conversations/<any({','.join(sorted(MEDIA))}):media>/<conversation_id>"

api = Blueprint("api", __name__, url_prefix="/api/v2")


@api.before_request
def authenticate() -> None:
    """Find out whose token the request carries, and count it."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise authentication_required()
    organization = served()
    client = g.client = organization.clients.holder(token)
    counted = client.id if organization.behaviour.rate_limit_of == "client" else token
    seconds = organization.requests_limit.take(counted)
    if seconds is not None:
        raise rate_limited(seconds, retry_after=organization.behaviour.retry_after)


@api.get(_CONVERSATION)
def get_conversation(conversation_id: str) -> Response:
    """Show a conversation of any medium."""
    _require(VIEW_CONVERSATION)
    return jsonify(documents.conversation(_conversation(conversation_id)))


@api.get(_OF_MEDIUM)
def get_media_conversation(media: str, conversation_id: str) -> Response:
    """Show a conversation flattened; no permission is listed for that."""
    return jsonify(documents.media_conversation(_conversation(conversation_id, media)))


@api.get("/analytics/conversations/<conversation_id>/details")
def get_analytics(conversation_id: str) -> Response:
    """Show what analytics knows of a conversation, which is never an attribute."""
    _require(VIEW_ANALYTICS)
    return jsonify(documents.analytics(_conversation(conversation_id)))


@api.patch(f"{_CONVERSATION}/participants/<participant_id>/attributes")
@api.patch(f"{_OF_MEDIUM}/participants/<participant_id>/attributes")
def patch_attributes(conversation_id: str, participant_id: str, media: str | None = None) -> Response:
    """Accept a `ParticipantAttributes`; no permission is required for that."""
    behaviour = served().behaviour
    conversation = _conversation(conversation_id, media)
    identity = _participant(conversation, participant_id)
    attributes = _attributes(_object(_body(), "ParticipantAttributes"), as_text=behaviour.other_values == "text")
    if conversation.ended is not None and behaviour.ended_conversation == "not-found":
        raise error(404)
    _write(conversation, identity, attributes)
    echoes = media is not None and behaviour.media_specific_answer == "echo"
    return _accepted({"attributes": attributes} if echoes else None)


@api.patch(f"{_CONVERSATION}/participants/<participant_id>")
@api.patch(f"{_OF_MEDIUM}/participants/<participant_id>")
def patch_participant(conversation_id: str, participant_id: str, media: str | None = None) -> Response:
    """Accept a `MediaParticipantRequest`, a model without attributes: any that are sent here are ignored."""
    _participant(_conversation(conversation_id, media), participant_id)
    _object(_body(), "MediaParticipantRequest")
    return _accepted(None)


def _require(permission: str) -> None:
    client: Client = g.client
    if permission not in client.permissions:
        raise missing_permission(permission)


def _conversation(conversation_id: str, media: str | None = None) -> Conversation:
    try:
        conversation = served().conversation(_uuid("conversationId", conversation_id))
    except KeyError:
        raise error(404) from None
    if media not in (None, conversation.media):
        raise error(404)
    return conversation


def _participant(conversation: Conversation, participant_id: str) -> str:
    try:
        return conversation.participant(_uuid("participantId", participant_id)).id
    except KeyError:
        raise error(404) from None


def _uuid(field: str, value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise invalid_id(field, value) from None


def _body() -> Any:
    if request.mimetype != "application/json":
        raise error(415)
    try:
        return json.loads(request.get_data())
    except ValueError:
        raise error(400) from None


def _object(value: Any, field_type: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid_value(value, field_type)
    return value


def _attributes(body: dict[str, Any], *, as_text: bool) -> dict[str, str]:
    """Return the attributes of a `ParticipantAttributes`, whose values are strings, or made strings of."""
    given = body.get("attributes")
    attributes = {} if given is None else _object(given, "Map")
    for name, value in attributes.items():
        if not isinstance(value, str):
            if not as_text:
                raise invalid_value(value, "String")
            attributes[name] = json.dumps(value)
    return attributes


def _write(conversation: Conversation, participant_id: str, attributes: dict[str, str]) -> None:
    fault = served().faults.take(WRITES, request.method, request.path)
    if fault is None:
        conversation.patch(participant_id, attributes)
    elif fault.kind == "slow-write":
        conversation.patch(participant_id, attributes, delay=fault.seconds)
    elif fault.kind == "overwritten":
        conversation.patch(participant_id, attributes)
        conversation.patch(participant_id, dict.fromkeys(attributes, fault.value))


def _accepted(document: dict[str, Any] | None) -> Response:
    """Return a 202 with this document, or with an empty body."""
    response = Response() if document is None else jsonify(document)
    if document is None:
        del response.headers["Content-Type"]
    response.status_code = 202
    return response
