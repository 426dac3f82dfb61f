"""Whether Genesys Cloud's platform API lets us in, and shows conversations."""

from __future__ import annotations

from contextlib import suppress

from app.doctor.check import Check
from app.doctor.mint import throw_away_conversation
from app.doctor.web import UnreachableError, Web
from app.genesys.access import Access, api_address, platform_client
from app.genesys.budget import Budget
from app.genesys.errors import PlatformError, UnknownConversationError

NAME = "Genesys Cloud"
_SECONDS = 10
_PER_MINUTE = 60


def genesys(web: Web, access: Access) -> Check:
    """Ask for a conversation that does not exist: 404 tells that one that does would be shown, 403 that none would."""
    client = platform_client(access, _PER_MINUTE)
    if client is None:
        return Check(
            NAME,
            "skipped",
            "no access to its API is set up; flows need none, only POST /v1/conversations/{id}/attributes and "
            "`callspan why` do",
            "Set GENESYSCLOUD_REGION, GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET for it.",
        )
    conversation, where = throw_away_conversation(), api_address(access)
    with suppress(UnreachableError):  # for the time it tells; what else is wrong is said below
        web.ask(NAME, "GET", where, f"/api/v2/conversations/{conversation}")
    try:
        client.conversation(conversation, Budget(_SECONDS))
    except UnknownConversationError:
        return Check(NAME, "ok", f"{where} issues tokens, and shows conversations (conversation:communication:view)")
    except PlatformError as error:
        return Check(NAME, "failed", f"{where}: {error}", _fix(error.status))
    return Check(
        NAME,
        "failed",
        f"{where} shows a conversation that cannot exist, so it is not Genesys Cloud",
        "Correct CALLSPAN_GENESYS_URL, or leave it out.",
    )


def _fix(status: int) -> str:
    if status in (400, 401):
        return "Take id and secret from Admin, Integrations, OAuth: a client with the grant Client Credentials."
    if status == 403:
        return "Give the OAuth client's role conversation:communication:view, in the divisions of your calls."
    if status == 429:
        return "Wait a minute: something else uses the same OAuth client up."
    return "See that this machine reaches it: GENESYSCLOUD_REGION, CALLSPAN_GENESYS_URL, the way out of the network."
