"""What can go wrong between Callspan and Genesys Cloud.

No error repeats what Genesys Cloud wrote for people: it quotes values, which may be personal data. Its error code and
its correlation id, by which its support finds the request, are kept.
"""

from __future__ import annotations


class PlatformError(Exception):
    """A request that was not answered as it should be. The message is a sentence for whoever called Callspan.

    `status` is that of the answer, 0 when there was none. `retry_after` is in how many seconds another try makes
    sense, None where that is not known or none does. `accepted` is whether a write had been accepted before.
    """

    accepted = False

    def __init__(
        self, message: str, *, status: int = 0, correlation_id: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.correlation_id, self.retry_after = status, correlation_id, retry_after


class RefusedError(PlatformError):
    """A refusal that another try would meet again: 4xx other than 429."""


class UnknownConversationError(RefusedError):
    """Genesys Cloud knows no conversation of that id."""


class NotWritableError(RefusedError):
    """The participant or its conversation is gone since it was read."""


class UnavailableError(PlatformError):
    """No connection, an answer of 5xx or one that cannot be read, and tries came to an end."""


class RateLimitedError(PlatformError):
    """Too many requests, by Genesys Cloud's count (429) or by our own."""


class TimedOutError(PlatformError):
    """Genesys Cloud took longer than there was time."""
