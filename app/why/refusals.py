"""What keeps the conversation from being read, and with it the writer from seeing what it wrote. Pure."""

from __future__ import annotations

from app.genesys.errors import PlatformError, UnknownConversationError
from app.why.causes import Cause


def refusal(error: PlatformError) -> Cause:
    """Return the cause that an error of the platform API stands for."""
    evidence = str(error) + (f" Correlation id {error.correlation_id}." if error.correlation_id else "")
    if isinstance(error, UnknownConversationError):
        return Cause(
            "unknown-conversation",
            "certain",
            "Genesys Cloud has no conversation of this id here",
            evidence,
            "See that the id is Call.ConversationId and not that of a participant or a session, that the "
            "organisation and the region are those of the call, and that the client's divisions include the call's.",
        )
    if error.status == 403:
        return Cause(
            "permission",
            "certain",
            "the OAuth client may not see conversations",
            evidence,
            "Give its role conversation:communication:view, in the divisions of your calls. Writing attributes needs "
            "no permission, so a write succeeds that the same client cannot read back.",
        )
    if error.status in (400, 401):
        return Cause(
            "token",
            "certain",
            "Genesys Cloud does not take the token, or issues none",
            evidence,
            "Use a client with the grant Client Credentials, at the login host of its own region; fetch a new token "
            "on 401. Scopes do not matter: such clients have none.",
        )
    if error.status == 429:
        seconds = f"{error.retry_after:.0f} seconds" if error.retry_after else "as long as Retry-After says"
        return Cause(
            "rate-limited",
            "certain",
            "the OAuth client makes too many requests: 300 a minute are allowed",
            evidence,
            f"Wait {seconds}. A write that is answered 429 is not done: repeat it. What a flow writes is not counted.",
        )
    return Cause(
        "unreachable",
        "certain",
        "Genesys Cloud could not be asked",
        evidence,
        "Run `callspan doctor`, which tells what is in the way.",
    )
