"""Asks services over HTTP, or over a Unix socket, once and without following redirects."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as NoAnswerError

TIMEOUT = 5.0
"""Seconds for a connection, and again for its answer."""

_MAX_BODY = 4 * 1024 * 1024


class UnreachableError(Exception):
    """There was no answer; the message is the end of a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """What the body says as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def field(self, name: str) -> Any:
        """Return a member of the JSON object that the body is; None when it is none or has no such member."""
        return self.document.get(name) if isinstance(self.document, dict) else None


class Web:
    """Asks, and remembers how far this machine's clock is from that of everybody who answered."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self.skews: dict[str, float] = {}
        """Seconds by which our clock is ahead, by the name of who answered."""

    def ask(
        self,
        who: str,
        method: str,
        address: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """Return the answer of the service at `address`, an http, https or unix URL.

        Raises:
            UnreachableError: when there is none.

        """
        asked = self._now()
        if urlsplit(address).scheme == "unix":
            reply = _over_unix_socket(urlsplit(address).path, method, path)
        else:
            reply = _over_network(method, address + path, headers or {}, body)
        self._compare_clocks(who, reply, (asked + self._now()) / 2)
        return reply

    def _compare_clocks(self, who: str, reply: Reply, ours: float) -> None:
        try:
            theirs = parsedate_to_datetime(reply.headers["Date"]).timestamp()
        except (KeyError, ValueError, TypeError):
            return
        # The header leaves out the fraction of its second.
        self.skews[who] = ours - (theirs + 0.5)


def _over_network(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
    try:
        # Each question has a connection of its own, which ends with it.
        with urllib3.PoolManager(retries=False, timeout=TIMEOUT) as pool:
            answer = pool.request(method, url, headers=dict(headers), body=body, redirect=False, preload_content=False)
            return Reply(answer.status, answer.headers, answer.read(_MAX_BODY))
    except (HTTPError, OSError) as error:
        raise UnreachableError(_reason(error)) from None


def _reason(error: Exception) -> str:
    if isinstance(error, NameResolutionError):
        return "its name is not known"
    if isinstance(error, SSLError):
        return "its certificate is not trusted, or it does not speak TLS"
    # urllib3 counts a refused connection among the timeouts.
    if isinstance(error, NoAnswerError | TimeoutError) and not isinstance(error, NewConnectionError):
        return f"no answer within {TIMEOUT:.0f} seconds"
    return "nothing listens there, or the connection was cut"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(self._path)


def _over_unix_socket(socket_path: str, method: str, path: str) -> Reply:
    connection = _UnixConnection(socket_path)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return Reply(answer.status, dict(answer.headers), answer.read(_MAX_BODY))
    except FileNotFoundError:
        raise UnreachableError("there is no such socket") from None
    except (OSError, http.client.HTTPException) as error:
        raise UnreachableError(_reason(error)) from None
    finally:
        connection.close()
