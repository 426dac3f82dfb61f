"""How a stand-in behaves where Genesys Cloud can be configured, or where its sources are silent or disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way to behave; what has no documented value is a choice of `architect.emulator.platform.choices`."""

    write_delay: float = 0.5
    """Seconds until an accepted write is visible (choice `write-delay`)."""

    media_specific_answer: Literal["empty", "echo"] = "empty"
    """What a write below /calls, /callbacks, /emails or /messages answers (choice `media-specific-answer`)."""

    ended_conversation: Literal["accepted", "not-found"] = "accepted"
    """What a write to an ended conversation answers; it is never stored (choice `ended-conversation`)."""

    pending_at_end: Literal["lost", "stored"] = "lost"
    """What becomes of writes not yet visible when the conversation ends (choice `pending-at-end`)."""

    other_values: Literal["refused", "text"] = "refused"
    """What becomes of attribute values that are no strings (choice `other-values`)."""

    flow_holds_reads: bool = True
    """Whether a voice flow also writes back, at its end, what it only read (choice `flow-holds-reads`)."""

    token_lifetime: int = 86_400
    """Seconds a token is valid: an OAuth client's own setting, 300 to 172800 (Genesys' platform SDK)."""

    requests_per_minute: int = 300
    """Requests an OAuth client may make in a minute, `client.credentials.token.rate.per.minute`."""

    rate_limit_of: Literal["client", "token"] = "client"
    """Whose requests are counted together (choice `rate-limit-of`)."""

    retry_after: bool = True
    """Whether a 429 carries Retry-After, as Genesys documents; False is for clients that must do without."""
