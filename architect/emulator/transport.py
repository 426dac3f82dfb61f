"""One HTTP request as Genesys Cloud sends it: chunked or buffered, without redirects or retries, within a deadline."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, quote_plus, urlsplit, urlunsplit

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError, NewConnectionError
from urllib3.exceptions import TimeoutError as ConnectTimeout

from architect.emulator.failure import ActionError
from architect.emulator.json_text import Json, quoted

MAX_RESPONSE_BYTES = 10_000_000
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
_NO_URL_CHARACTER = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}]|[^\x00-\x7f]|%(?![0-9A-Fa-f]{2})")
_REMOTE = "ACTION.REMOTE_ENDPOINT"
_SCHEMES = frozenset({"http", "https"})
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})
_MASK = "********"


@dataclass(frozen=True, slots=True)
class SentRequest:
    """What is put on the wire, but for Host, User-Agent and the framing. `text()` masks `secrets`."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str | None
    chunked: bool
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    def text(self) -> str:
        """Give the request for reading, credentials masked."""
        lines = [
            f"{self.method} {self.url}",
            *(f"{name}: {value}" for name, value in masked_headers(self.headers, self.secrets).items()),
        ]
        if self.body is not None:
            lines += ["", self.body]
        return masked("\n".join(lines), self.secrets)

    __str__ = text

    def __repr__(self) -> str:
        """Show only what cannot hold a secret."""
        return f"<SentRequest {self.method} {masked(self.url, self.secrets)}>"


@dataclass(frozen=True, slots=True)
class ReceivedResponse:
    """What came back. `body` is decoded from UTF-8, with replacement characters where it is not UTF-8."""

    status: int
    headers: Mapping[str, str]
    body: str


def secret_forms(secrets: Iterable[str], *, shortest: int = 4) -> frozenset[str]:
    """Give each secret as it is and as a form, a URL or JSON would hold it; shorter ones than `shortest` are none."""
    return frozenset(
        form
        for secret in secrets
        if len(secret) >= shortest
        for form in (secret, quote_plus(secret), quote(secret, safe=""), quoted(secret)[1:-1])
    )


def masked(text: str, secrets: frozenset[str]) -> str:
    """Replace every secret in `text`, longest first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, _MASK)
    return text


def masked_json(value: Json, secrets: frozenset[str]) -> Json:
    """Replace every secret in the strings of a JSON value."""
    if isinstance(value, dict):
        return {key: masked_json(item, secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [masked_json(item, secrets) for item in value]
    return masked(value, secrets) if isinstance(value, str) else value


def masked_headers(headers: Mapping[str, str], secrets: frozenset[str]) -> dict[str, str]:
    """Mask what headers carry of secrets, and the headers that carry nothing else whole."""
    return {
        name: _MASK if name.lower() in _SECRET_HEADERS else masked(value, secrets) for name, value in headers.items()
    }


def sends_body(method: str) -> bool:
    """Tell whether requests of this method carry the request template (choice `request-bodies`)."""
    return method in _BODY_METHODS


def final_url(url: str, base_url: str | None) -> str:
    """Check a URL and put `base_url` in place of its scheme and host, or before it when it is only a path.

    Raises `ActionError` for what no request can be sent to; a wrong character is named by its index, 0-based.
    """
    illegal = _NO_URL_CHARACTER.search(url)
    if illegal:
        raise ActionError(
            f"Illegal character in request URL at index {illegal.start()}: {url}. "
            "Escape values with $esc.uriEncode or $esc.url",
            choice="url-characters",
        )
    try:
        parts = urlsplit(url)
        if base_url is not None and (parts.scheme in _SCHEMES or url.startswith("/")):
            base = urlsplit(base_url)
            path = base.path.rstrip("/") + (parts.path or "/")
            parts = SplitResult(base.scheme, base.netloc, path, parts.query, "")
        usable = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ActionError(f"Request URL is not an absolute http or https URL: {url}")
    return urlunsplit(parts)


class Transport:
    """Sends requests over pooled connections; TLS certificates are verified. Thread-safe."""

    def __init__(self) -> None:
        self._pools = urllib3.PoolManager(maxsize=50, retries=False)

    def close(self) -> None:
        """Close every connection."""
        for key in self._pools.pools.keys():  # noqa: SIM118 - the container cannot be iterated
            self._pools.pools[key].close()
        self._pools.clear()

    def send(self, request: SentRequest, *, timeout_seconds: float) -> ReceivedResponse:
        """Send and read the whole answer. Raises `ActionError` when that does not succeed within the time."""
        deadline = time.monotonic() + timeout_seconds
        parts = urlsplit(request.url)
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        body = None if request.body is None else request.body.encode("utf-8", "replace")
        try:
            response = self._pools.connection_from_url(request.url).urlopen(
                request.method,
                target,
                body=_pieces(body) if request.chunked and body is not None else body,
                headers=_with_user_agent(request.headers),
                retries=False,
                redirect=False,
                timeout=urllib3.Timeout(total=timeout_seconds),
                preload_content=False,
                chunked=request.chunked,
            )
            content = self._read(response, deadline)
        except NewConnectionError as error:
            # The library counts a refused connection among the timeouts.
            raise _unreachable(error) from None
        except ConnectTimeout:
            raise _late(timeout_seconds) from None
        except (HTTPError, LocationParseError, OSError, ValueError) as error:
            if time.monotonic() >= deadline:
                raise _late(timeout_seconds) from None
            raise _unreachable(error) from None
        return ReceivedResponse(response.status, dict(response.headers), content.decode("utf-8", "replace"))

    @staticmethod
    def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        # A socket's timeout starts anew with every byte, so a dripping server needs a clock of its own.
        watchdog = threading.Timer(max(deadline - time.monotonic(), 0), _interrupt, (response,))
        watchdog.daemon = True
        watchdog.start()
        try:
            content = _collected(response)
        except BaseException:
            response.close()
            raise
        finally:
            watchdog.cancel()
        if time.monotonic() >= deadline:
            raise ConnectTimeout
        return content


def _collected(response: urllib3.BaseHTTPResponse) -> bytes:
    content = bytearray()
    for piece in response.stream(65536, decode_content=True):
        content += piece
        if len(content) > MAX_RESPONSE_BYTES:
            raise ActionError(
                f"The response is longer than {MAX_RESPONSE_BYTES} bytes", detail=_REMOTE, choice="response-size"
            )
    return bytes(content)


def _interrupt(response: urllib3.BaseHTTPResponse) -> None:
    # The response may have been read to its end in the meantime, which leaves nothing to interrupt.
    with suppress(ValueError, RuntimeError, OSError):
        response.shutdown()


def _with_user_agent(headers: Mapping[str, str]) -> urllib3.HTTPHeaderDict:
    sent = urllib3.HTTPHeaderDict({"User-Agent": "callspan-emulator"})
    for name, value in headers.items():
        sent[name] = value
    return sent


def _pieces(body: bytes) -> Iterator[bytes]:
    if body:
        yield body


def _late(timeout_seconds: float) -> ActionError:
    return ActionError(f"No complete response within {timeout_seconds:g} s", detail=_REMOTE, status=504)


def _unreachable(error: Exception) -> ActionError:
    return ActionError(f"Request to backend service failed: {type(error).__name__}: {error}", detail=_REMOTE)
