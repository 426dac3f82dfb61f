"""What the API shows of a conversation. Names and types: the models of Genesys' platform SDK 269, named at each.

Made here: the choice `no-attributes`.
"""

from __future__ import annotations

from typing import Any

from architect.emulator.platform.clock import iso
from architect.emulator.platform.conversation import Conversation, Participant

Document = dict[str, Any]

_MEDIA_TYPES = {"calls": "voice", "callbacks": "callback", "emails": "email", "messages": "message"}


def conversation(of: Conversation) -> Document:
    """Return a `Conversation`: participants as `Participant`, each with its session under its medium."""
    return _given(
        {
            "id": of.id,
            "startTime": iso(of.started),
            "endTime": _moment(of.ended),
            "participants": [_participant(each, of) for each in of.participants],
            "conversationIds": [],
            "recordingState": "NONE",
            "securePause": False,
            "divisions": [],
            "selfUri": f"/api/v2/conversations/{of.id}",
        }
    )


def media_conversation(of: Conversation) -> Document:
    """Return a `CallConversation`, or its like of another medium: participants flattened with their session."""
    return {
        "id": of.id,
        "participants": [_media_participant(each, of) for each in of.participants],
        "otherMediaUris": [],
        "recentTransfers": [],
        "divisions": [],
        "selfUri": f"/api/v2/conversations/{of.media}/{of.id}",
    }


def analytics(of: Conversation) -> Document:
    """Return an `AnalyticsConversationWithoutAttributes`: as its name says, the one place not to look for them."""
    return _given(
        {
            "conversationId": of.id,
            "conversationStart": iso(of.started),
            "conversationEnd": _moment(of.ended),
            "originatingDirection": of.direction,
            "divisionIds": [],
            "participants": [_analytics_participant(each, of) for each in of.participants],
        }
    )


def _participant(of: Participant, within: Conversation) -> Document:
    return _given(
        {
            **_person(of),
            "connectedTime": iso(of.started),
            "userId": of.user_id,
            "queueId": of.queue_id,
            "wrapupRequired": False,
            "mediaRoles": ["full"],
            "attributes": dict(of.attributes),
            within.media: [_session(of, within)],
        }
    )


def _session(of: Participant, within: Conversation) -> Document:
    """Return a `Call`, or its like of another medium."""
    return _given(
        {
            "state": _state(of),
            "id": of.session_id,
            "direction": within.direction,
            "held": False,
            "segments": [],
            "disconnectType": "client" if of.ended else None,
            "connectedTime": iso(of.started),
            "disconnectedTime": _moment(of.ended),
            "provider": "Edge",
        }
    )


def _media_participant(of: Participant, within: Conversation) -> Document:
    return _given(
        {
            **_person(of),
            "connectedTime": iso(of.started),
            "state": _state(of),
            "direction": within.direction,
            "disconnectType": "client" if of.ended else None,
            "held": False,
            "wrapupRequired": False,
            "mediaRoles": ["full"],
            "user": _reference("users", of.user_id),
            "queue": _reference("routing/queues", of.queue_id),
            "attributes": dict(of.attributes),
            "provider": "Edge",
        }
    )


def _analytics_participant(of: Participant, within: Conversation) -> Document:
    session = {"mediaType": _MEDIA_TYPES[within.media], "sessionId": of.session_id, "direction": within.direction}
    return _given(
        {
            "participantId": of.id,
            "participantName": of.name,
            "purpose": of.purpose,
            "userId": of.user_id,
            "sessions": [session],
        }
    )


def _person(of: Participant) -> Document:
    return {
        "id": of.id,
        "name": of.name,
        "address": of.address,
        "startTime": iso(of.started),
        "endTime": _moment(of.ended),
        "purpose": of.purpose,
    }


def _state(of: Participant) -> str:
    return "connected" if of.ended is None else "terminated"


def _reference(folder: str, identity: str | None) -> Document | None:
    return None if identity is None else {"id": identity, "selfUri": f"/api/v2/{folder}/{identity}"}


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else iso(seconds)


def _given(document: Document) -> Document:
    return {name: value for name, value in document.items() if value is not None}
