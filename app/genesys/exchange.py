"""One request to Genesys Cloud and its answer: sent again when that may help, and always within a budget.

`urllib3.Retry` is not used for it: it knows no budget for all tries together, and each try has to pass the limiter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError, InvalidHeader, NewConnectionError

from app.genesys.budget import Budget
from app.genesys.errors import PlatformError, RateLimitedError, RefusedError, TimedOutError, UnavailableError
from app.genesys.ids import identifier

CONNECT_SECONDS = 3.0
READ_SECONDS = 5.0
"""How long a connection may be silent."""

MAX_ANSWER = 8 * 1024 * 1024
"""Bytes of the largest answer that is read; a conversation of hundreds of participants is a few hundred thousand."""

WAITS = (0.25, 0.5, 1.0)
"""Seconds between the tries of a request, where the answer names none."""

_ERROR_CODE = re.compile(r"[a-z0-9._ -]{1,80}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and what the body says as JSON: None where it says nothing or is none."""

    status: int
    document: Any
    correlation_id: str
    retry_after: float | None

    def refusal(self, told: str = "", kind: type[PlatformError] = RefusedError) -> PlatformError:
        """Return what an answer other than 2xx means, as an error; of 4xx the caller tells what they are about."""
        if self.status == 429:
            kind, told = RateLimitedError, "Genesys Cloud takes no more requests of this OAuth client for now"
        elif not 400 <= self.status < 500:
            kind, told = UnavailableError, "Genesys Cloud could not answer"
        code = self.document.get("code") if isinstance(self.document, dict) else None
        word = f" {code}" if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else ""
        return kind(
            f"{told} ({self.status}{word}).",
            status=self.status,
            correlation_id=self.correlation_id,
            retry_after=self.retry_after,
        )


class Exchange:
    """Sends requests over connections that are kept open and shared by threads.

    Only requests that may be repeated belong here: reading, asking for a token, and writing values by key.
    """

    def __init__(self, connections: int = 8) -> None:
        # No cookies, no redirects, nothing of the environment: what is sent is what is written here.
        self._pool = urllib3.PoolManager(maxsize=connections, retries=False)

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        budget: Budget,
        *,
        body: bytes | None = None,
        turn: Callable[[Budget], None] = lambda _: None,
        pause: Callable[[float], None] = lambda _: None,
    ) -> Answer:
        """Return the answer, whatever it is but 429 and 5xx.

        Each try waits for its `turn`; the seconds that a 429 asks for go to `pause`.

        Raises:
            PlatformError: that of the last try, when there is no time or sense in another.

        """
        for wait in (*WAITS, None):
            try:
                turn(budget)
                answer = self._try(method, url, headers, body, budget)
            except PlatformError as error:
                failure = error
            else:
                if answer.status != 429 and answer.status < 500:
                    return answer
                failure = answer.refusal()
            seconds = failure.retry_after or wait or WAITS[-1]
            if failure.status == 429:
                pause(seconds)
            if wait is None or seconds >= budget.left:
                break
            budget.wait(seconds)
        raise failure

    def _try(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, budget: Budget) -> Answer:
        left = budget.left
        if not left:
            raise TimedOutError("There was no time left to ask Genesys Cloud.")
        timeout = urllib3.Timeout(connect=min(CONNECT_SECONDS, left), read=min(READ_SECONDS, left))
        try:
            response = self._pool.request(
                method,
                url,
                body=body,
                headers=dict(headers),
                timeout=timeout,
                preload_content=False,
                redirect=False,
            )
            try:
                return _answer(response, _content(response, budget))
            finally:
                # A connection that was read to its end is back in the pool by now; any other ends here.
                response.close()
        except HTTPError as error:
            # A refused connection counts as one that timed out, among urllib3's exceptions.
            if isinstance(error, urllib3.exceptions.TimeoutError) and not isinstance(error, NewConnectionError):
                raise TimedOutError("Genesys Cloud did not answer in time.") from None
            raise UnavailableError(f"Genesys Cloud could not be reached ({type(error).__name__}).") from None


def _content(response: urllib3.BaseHTTPResponse, budget: Budget) -> bytes:
    """Read the body as it comes, so that one that trickles in does not outlast the budget."""
    content = bytearray()
    while part := response.read1(65_536):
        content += part
        if len(content) > MAX_ANSWER:
            raise UnavailableError(f"Genesys Cloud answered more than {MAX_ANSWER} bytes.", status=response.status)
        if not budget.left:
            raise TimedOutError("Genesys Cloud did not answer to the end in time.")
    return bytes(content)


def _answer(response: urllib3.BaseHTTPResponse, content: bytes) -> Answer:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    told = document.get("contextId") if isinstance(document, dict) else None
    correlation_id = identifier(response.headers.get("ININ-Correlation-Id")) or identifier(told)
    return Answer(response.status, document, correlation_id, _retry_after(response.headers.get("Retry-After")))


def _retry_after(value: str | None) -> float | None:
    """Return the header's seconds, whether it gives seconds or a date; None when it gives neither."""
    try:
        return urllib3.Retry().parse_retry_after(value) if value else None
    except InvalidHeader:
        return None
