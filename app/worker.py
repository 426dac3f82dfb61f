"""gunicorn's ASGI worker with four things put right; `gunicorn.conf.py` names it."""

from __future__ import annotations

import asyncio
import logging
import time
import weakref
from collections.abc import Callable
from collections.abc import Set as AbstractSet
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
    """A worker that keeps to `worker_connections` and `backlog`, gives up on heads that do not come, and stops at once.

    As it comes (gunicorn 27), it takes in any number of connections, until every caller has hung up before the answer;
    it queues 100 whatever is configured; it waits for ever for the rest of a head; and told to stop it stays for the
    whole `graceful_timeout` while a client merely keeps a connection for later.
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
        self._give_up(frozenset())
        super().run()

    def _warn(self) -> None:
        if time.monotonic() - self._warned > WARN_SECONDS:
            self._warned = time.monotonic()
            log.warning("more connections come than can be served; some are refused")

    def _give_up(self, seen: AbstractSet[Any]) -> None:
        """Every `timeout` seconds, close connections whose first request had not come the last time either.

        gunicorn closes by itself those whose next request does not come within `keepalive` seconds.
        """
        waiting = {each for each in self.connections if each._awaiting_request and each.req_count == 1}  # noqa: SLF001
        for connection in waiting & seen:
            connection.transport.close()
        loop: Any = self.loop
        loop.call_later(self.cfg.timeout, self._give_up, waiting)

    def handle_exit_signal(self) -> None:
        """Take no new requests; those begun are answered."""
        super().handle_exit_signal()
        for connection in list(self.connections):
            if connection._awaiting_request:  # noqa: SLF001  there is no public way to tell
                connection.transport.close()
