"""One connection of the load generator: it sends one request at a time and says when the answer is complete."""

from __future__ import annotations

import errno
import os
import selectors
import socket


class LoadError(Exception):
    """The load could not be sent, or was not answered as it should be."""


class Connection:
    """A connection that is made when needed, and made again when the server closes it after an answer."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self.reconnects = 0
        self._port, self._selector = port, selector
        self._socket: socket.socket | None = None
        self._request, self._unsent, self._received = b"", b"", b""
        self._due = 0.0
        self._fresh = True

    def send(self, request: bytes, due: float) -> None:
        """Send a request that was due at this time."""
        self._request = self._unsent = request
        self._received, self._due = b"", due
        if self._socket is None:
            self._connect()
        else:
            self._fresh = False
            self._write()

    def advance(self) -> float | None:
        """Go on after the selector's word; return the time at which the request was due once it is answered."""
        if self._unsent:
            self._write()
            return None
        assert self._socket is not None  # noqa: S101 - the selector knows no closed ones
        try:
            data = self._socket.recv(65536)
        except BlockingIOError:
            return None
        except ConnectionResetError:
            data = b""
        if not data:
            self._lost()
            return None
        self._received += data
        return self._due if self._complete() else None

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._socket is not None:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None

    def _connect(self) -> None:
        self._fresh = True
        self._socket = socket.socket()
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        code = self._socket.connect_ex(("127.0.0.1", self._port))
        self._selector.register(self._socket, selectors.EVENT_WRITE, self)
        if code not in (0, errno.EINPROGRESS):
            raise LoadError(f"cannot connect: {os.strerror(code)}")

    def _write(self) -> None:
        assert self._socket is not None  # noqa: S101
        if code := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise LoadError(f"cannot connect: {os.strerror(code)}")
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            self._lost()
            return
        self._selector.modify(self._socket, selectors.EVENT_WRITE if self._unsent else selectors.EVENT_READ, self)

    def _lost(self) -> None:
        """Send the request again when the server had closed an idle connection just before; else give up."""
        if self._fresh or self._received:
            raise LoadError("the server closed a connection without an answer")
        self.close()
        self.reconnects += 1
        self._unsent = self._request
        self._connect()

    def _complete(self) -> bool:
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator:
            return False
        head = head.lower() + b"\r\n"
        if b"content-length: " not in head:
            raise LoadError("an answer without Content-Length")
        if len(body) < int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            return False
        if head[8:13] != b" 200 ":
            status = self._received.partition(b"\r\n")[0]
            raise LoadError(f"not answered 200 but {status.decode(errors='replace')}: {body[:300]!r}")
        if b"\r\nconnection: close\r\n" in head:
            self.close()
        return True
