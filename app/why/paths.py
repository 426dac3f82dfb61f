"""Which addresses of the platform API take attributes. Pure.

Source: Genesys' platform SDK 269; the media are those whose paths it has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.genesys.regions import DOMAINS
from app.identity import InvalidConversationIdError, conversation_id, conversation_trace

PATHS = (
    "PATCH /api/v2/conversations/{conversationId}/participants/{participantId}/attributes",
    "PATCH /api/v2/conversations/calls/{conversationId}/participants/{participantId}/attributes",
)
"""What to write to; `calls` may be callbacks, cobrowsesessions, emails or messages."""

_MEDIA = "calls|callbacks|cobrowsesessions|emails|messages"
_ID = r"[0-9A-Za-z-]+"
_PARTICIPANT = re.compile(
    rf"/api/v2/conversations/(?:(?P<media>[A-Za-z]+)/)?(?P<conversation>{_ID})/participants/(?P<participant>{_ID})"
    r"(?P<rest>/.*)?"
)


@dataclass(frozen=True, slots=True)
class Written:
    """What a URL names: "" for what it does not, and the problem that keeps a write to it from having an effect."""

    problem: str = ""
    conversation: str = ""
    participant: str = ""


def read_address(url: str) -> Written:
    """Read a URL, or its path alone; a method before it is passed over.

    >>> read_address("PATCH /api/v2/conversations/voice/8f14/participants/1b/attributes").problem
    'there is no /conversations/voice in the API'
    """
    address = urlsplit(url.strip().split(" ")[-1])
    if problem := _host_problem(address.hostname or ""):
        return Written(problem)
    match = _PARTICIPANT.fullmatch(address.path.rstrip("/"))
    if match is None:
        return Written("the API has no such path to write attributes to")
    named = Written("", _dashed(match["conversation"]), match["participant"].lower())
    media = match["media"]
    if media is not None and not re.fullmatch(_MEDIA, media):
        return Written(f"there is no /conversations/{media[:40]} in the API", named.conversation, named.participant)
    if not match["rest"]:
        problem = "it is the participant itself, which takes no attributes; they go to the same path and /attributes"
        return Written(problem, named.conversation, named.participant)
    if match["rest"] != "/attributes":
        return Written("the path does not end in /attributes", named.conversation, named.participant)
    return named


def _dashed(conversation: str) -> str:
    try:
        return conversation_id(conversation_trace(conversation).trace_id)
    except InvalidConversationIdError:
        return conversation


def _host_problem(host: str) -> str:
    if not host or host in ("localhost", "127.0.0.1", "::1"):
        return ""
    for domain in DOMAINS.values():
        if host == f"api.{domain}":
            return ""
        if host.endswith(f".{domain}"):
            return f"the API is at api.{domain}, not at another host of it"
    return "the host is none of a region of Genesys Cloud"
