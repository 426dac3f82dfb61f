"""gunicorn's ASGI worker with three things put right; `gunicorn.conf.py` names it."""

from __future__ import annotations

import asyncio
import logging
import time
import weakref
from collections.abc import Callable
from typing import Any

from gunicorn.workers.gasgi import ASGIWorker

from app.gateway import BUSY

log = logging.getLogger("callspan")

WARN_SECONDS = 10


class Refusal(asyncio.Protocol):
    """Answers whatever a connection sends with 503, and closes it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember how to answer."""
        self.transport: Any = transport

    def data_received(self, _data: bytes) -> None:
        """Refuse the request, once it has come: closed before, the answer might not be read."""
        self.transport.write(BUSY)
        self.transport.close()


class Worker(ASGIWorker):
    """A worker that keeps to `worker_connections` and `backlog`, and does not wait for idle connections at the end.

    As it comes (gunicorn 27), it takes in any number of connections, until every caller has hung up before the answer;
    it queues 100 whatever is configured; and told to stop it stays for the whole `graceful_timeout` while a client
    merely keeps a connection for later.
    """

    def run(self) -> None:
        """Serve until told to stop."""
        self.connections: weakref.WeakSet[Any] = weakref.WeakSet()
        self._warned = float("-inf")
        loop: Any = self.loop
        create_server = loop.create_server

        async def create(protocol: Callable[[], Any], **options: Any) -> asyncio.Server:
            def connect() -> Any:
                if self.nr_conns >= self.cfg.worker_connections:
                    self._warn()
                    return Refusal()
                connection = protocol()
                self.connections.add(connection)
                return connection

            server: asyncio.Server = await create_server(connect, backlog=self.cfg.backlog, **options)
            return server

        loop.create_server = create
        super().run()

    def _warn(self) -> None:
        if time.monotonic() - self._warned > WARN_SECONDS:
            self._warned = time.monotonic()
            log.warning("more connections come than can be served; some are refused")

    def handle_exit_signal(self) -> None:
        """Take no new requests; those begun are answered."""
        super().handle_exit_signal()
        for connection in list(self.connections):
            if connection._awaiting_request:  # noqa: SLF001  there is no public way to tell
                connection.transport.close()
