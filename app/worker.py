"""gunicorn's ASGI worker with two things put right; `gunicorn.conf.py` names it."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from typing import Any

from gunicorn.workers.gasgi import ASGIWorker


class Worker(ASGIWorker):
    """A worker that keeps to `backlog`, and that does not wait for idle connections when it is told to stop.

    As it comes (gunicorn 27), it queues 100 connections whatever is configured, and stays for the whole
    `graceful_timeout` while a client merely keeps a connection for later.
    """

    def run(self) -> None:
        """Serve until told to stop."""
        self.connections: weakref.WeakSet[Any] = weakref.WeakSet()
        loop: Any = self.loop
        create_server = loop.create_server

        async def create(protocol: Callable[[], Any], **options: Any) -> asyncio.Server:
            def connect() -> Any:
                connection = protocol()
                self.connections.add(connection)
                return connection

            server: asyncio.Server = await create_server(connect, backlog=self.cfg.backlog, **options)
            return server

        loop.create_server = create
        super().run()

    def handle_exit_signal(self) -> None:
        """Take no new requests; those begun are answered."""
        super().handle_exit_signal()
        for connection in list(self.connections):
            if connection._awaiting_request:  # noqa: SLF001  there is no public way to tell
                connection.transport.close()
