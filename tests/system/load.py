"""Calls in flight, for tests of what happens to them meanwhile."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from architect.sandbox import wait_for
from tests.system.conftest import START, Caller, new_conversation


class HalfSent:
    """A start request of which the service has everything but the last byte."""

    def __init__(self, caller: Caller, conversation: str) -> None:
        body = json.dumps({"conversationId": conversation}).encode()
        headers = {**caller.headers, "Host": caller.address, "Content-Length": str(len(body)), "Connection": "close"}
        head = f"POST {START} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        host, _, port = caller.address.partition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=30)
        self._socket.sendall(head.encode() + b"\r\n" + body[:-1])
        self._rest = body[-1:]
        self.address: tuple[str, int] = self._socket.getsockname()

    def finish(self) -> bytes:
        """Send the last byte and return the whole response."""
        with self._socket:
            self._socket.sendall(self._rest)
            return b"".join(iter(lambda: self._socket.recv(65536), b""))


class Load:
    """Starts calls from several threads while its block runs; a thread ends with the first call that fails."""

    def __init__(self, start: Callable[[str], object], threads: int = 8) -> None:
        self.answered: list[str] = []
        self.failures: list[Exception] = []
        self._start = start
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads)
        self._stop = threading.Event()

    def __enter__(self) -> Self:
        for _ in range(self._threads):
            self._pool.submit(self._keep_starting)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._pool.shutdown()

    def _keep_starting(self) -> None:
        while not self._stop.is_set():
            conversation = new_conversation()
            try:
                self._start(conversation)
            except Exception as error:  # noqa: BLE001  the test decides what may fail
                self.failures.append(error)
                return
            self.answered.append(conversation)

    def wait_for_more(self, calls: int) -> None:
        """Wait until so many more calls were answered, or the load gave up."""
        enough = len(self.answered) + calls
        wait_for(f"{calls} more calls", lambda: bool(self.failures) or len(self.answered) >= enough or None)

    def wait_until_refused(self) -> None:
        """Wait until every thread met a call that failed, as when the service is gone."""
        wait_for("the service to be gone", lambda: len(self.failures) == self._threads or None)
