"""gunicorn's worker for Callspan, which `gunicorn.conf.py` names: an event loop that serves every connection.

A connection costs no thread, so clients that send half a request, or read slowly, hold up nobody. The application is
Flask's, a WSGI application; only data actions are answered on the loop itself (`app/gateway.py`).
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from gunicorn.workers.base import Worker as BaseWorker

from app.connection import Connection
from app.gateway import Gateway
from app.messages import BUSY

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger("callspan")

LATE_SECONDS = 0.1
"""Of what came in since the loop last looked, what is answered in this time; what is left then is refused. Nobody waits
much longer than twice that, and some hundred calls that begin in one instant are all started."""

ACCEPTED_AT_ONCE = 1024
"""Connections that a worker takes before it goes on with what it has, which under a flood takes tenths of seconds."""

WARN_SECONDS = 10
SPARE_FILES = 64
"""Open files of a process that are no connections."""


class Refusal(asyncio.Protocol):
    """Answers whatever a connection sends with 503, and closes it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember how to answer."""
        self._transport = transport

    def data_received(self, _data: bytes) -> None:
        """Refuse the request, once it has come: closed before, the answer might not be read."""
        assert isinstance(self._transport, asyncio.Transport)  # noqa: S101
        self._transport.write(b"%bconnection: close\r\n\r\n%b" % BUSY)
        self._transport.close()


class Worker(BaseWorker):
    """Keeps to gunicorn's settings `worker_connections`, `backlog`, `keepalive`, `timeout` and `graceful_timeout`.

    `timeout` is also how long a client may take to send a request.
    """

    def run(self) -> None:
        """Serve until told to stop."""
        self.connections: set[Connection] = set()
        self._turn_began: float | None = None
        self._refused, self._warned = 0, float("-inf")
        flask = cast("Flask", self.wsgi)
        self._gateway = Gateway(flask, flask.extensions["callspan"].hot_path)
        self._room = _room(self.cfg.worker_connections)
        self._stopped = asyncio.Event()
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop.add_signal_handler(signal.SIGTERM, self._stop)
        servers = []
        for each in cast("list[Any]", self.sockets):  # gunicorn's own, around those of Python
            servers.append(await self._loop.create_server(self._connect, sock=each.sock, backlog=ACCEPTED_AT_ONCE))
            # asyncio gave the same number to the queue in the kernel.
            each.sock.listen(self.cfg.backlog)
        while self.alive and self.ppid == os.getppid():
            self._look_after()
            await self._pause(1)
        self.alive = False
        for server in servers:
            server.close()
        deadline = time.monotonic() + self.cfg.graceful_timeout
        while self.connections and time.monotonic() < deadline:
            for connection in [each for each in self.connections if each.idle]:
                connection.close()
            self.notify()
            await asyncio.sleep(0.05)

    def _stop(self) -> None:
        """Take no new requests; those begun are answered."""
        self.alive = False
        self._stopped.set()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)

    def _look_after(self) -> None:
        """Tell gunicorn that we are alive, close connections whose time is up, and log what was refused."""
        self.notify()
        now = time.monotonic()
        for connection in tuple(self.connections):
            connection.expire(now)
        if self._refused and now - self._warned > WARN_SECONDS:
            log.warning("more comes than can be answered", extra={"fields": {"refused": self._refused}})
            self._refused, self._warned = 0, now

    def _connect(self) -> asyncio.Protocol:
        if len(self.connections) < self._room:
            return Connection(self._gateway, self)
        self._refused += 1
        return Refusal()

    def late(self) -> bool:
        """Return whether the loop has answered for so long that what else came with it is refused."""
        now = time.monotonic()
        if self._turn_began is None:
            self._turn_began = now
            # The loop calls this before it handles what comes after it has looked again.
            self._loop.call_soon(self._begin_turn)
        late = now - self._turn_began > LATE_SECONDS
        self._refused += late
        return late

    def _begin_turn(self) -> None:
        self._turn_began = None


def _room(wanted: int) -> int:
    """Return how many connections there can be, with as many open files as the system lets a process have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = wanted + SPARE_FILES if hard == resource.RLIM_INFINITY else min(wanted + SPARE_FILES, hard)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return max(1, files - SPARE_FILES)
