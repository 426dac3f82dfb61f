"""HTTP as bytes, for what no well-behaved client would send."""

from __future__ import annotations

import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from architect.sandbox import Service


class Response(NamedTuple):
    """One response as it came over the wire; a body that is chunked is left as it is."""

    status: int
    headers: dict[str, str]
    body: bytes


class Exchange(NamedTuple):
    """The responses that came, and whether the server closed the connection after them."""

    responses: list[Response]
    closed: bool

    @property
    def statuses(self) -> list[int]:
        return [response.status for response in self.responses]


def connect(service: Service, seconds: float = 5) -> socket.socket:
    address = urlsplit(service.url)
    assert address.port is not None
    return socket.create_connection(("127.0.0.1", address.port), timeout=seconds)


def send(service: Service, data: bytes, *, quiet_seconds: float = 1) -> Exchange:
    """Send bytes on a connection of their own, and return what came until the server closed it or fell silent."""
    received, closed = b"", False
    with connect(service) as connection:
        try:
            connection.sendall(data)
            connection.settimeout(5)
            while chunk := connection.recv(65536):
                received += chunk
                connection.settimeout(quiet_seconds)
            closed = True
        except TimeoutError:
            pass
        except (ConnectionResetError, BrokenPipeError):
            closed = True
    return Exchange(list(_responses(received)), closed)


def _responses(data: bytes) -> list[Response]:
    found = []
    while data.startswith(b"HTTP/1."):
        head, _, rest = data.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(status_line.split()[1])
        length = int(headers.get("content-length", len(rest) if status >= 200 else 0))
        found.append(Response(status, headers, rest[:length]))
        data = rest[length:]
    return found
