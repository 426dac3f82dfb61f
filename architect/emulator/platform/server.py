"""A stand-in as a server on the loopback interface, in a thread of this process."""

from __future__ import annotations

import logging
import socket
import struct
import threading
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from architect.emulator.platform.api import api
from architect.emulator.platform.control import PREFIX, control
from architect.emulator.platform.errors import PlatformError, error, no_such_path
from architect.emulator.platform.faults import ANSWERS, Fault
from architect.emulator.platform.login import login
from architect.emulator.platform.organization import Organization, Request
from architect.emulator.platform.served import serve

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_FAULT = "callspan.fault"
_logger = logging.getLogger(__name__)


class PlatformStandIn:
    """Genesys Cloud's platform API and login host, at one loopback address: `with PlatformStandIn() as platform:`.

    `organization` is what it answers from, and what a test acts on. Port 0 takes a free one.
    """

    def __init__(self, organization: Organization | None = None, *, port: int = 0) -> None:
        self.organization = organization or Organization()
        self._closing = threading.Event()
        app = application(self.organization)
        faulty = _Faulty(app.wsgi_app, self.organization, self._closing)
        self._server = make_server("127.0.0.1", port, faulty, threaded=True, request_handler=_Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> Self:
        """Serve."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Serve no longer; answers that are held back are given now."""
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def application(organization: Organization) -> Flask:
    """Return the stand-in as a Flask application; answers go wrong only with `PlatformStandIn` around it."""
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider
    serve(app, organization)
    for routes in (api, login, control):
        app.register_blueprint(routes)

    @app.before_request
    def meet_fault() -> None:
        fault: Fault | None = request.environ.get(_FAULT)
        if fault is not None and fault.kind == "status":
            raise error(fault.status, retry_after=fault.retry_after)

    @app.errorhandler(PlatformError)
    def refuse(problem: PlatformError) -> Response:
        response = jsonify(problem.body(_context_id()))
        response.status_code = problem.status
        if problem.retry_after is not None:
            response.headers["Retry-After"] = str(problem.retry_after)
        return response

    @app.errorhandler(HTTPException)
    def refuse_path(problem: HTTPException) -> Response:
        if problem.code not in (404, 405):
            return refuse(error(500))
        _logger.error("Genesys Cloud has no %s %s", request.method, request.path)
        return refuse(no_such_path(problem.code, problem.name))

    @app.after_request
    def record(response: Response) -> Response:
        if not request.path.startswith(PREFIX):
            response.headers["ININ-Correlation-Id"] = _context_id()
            organization.requests.append(_request(response.status_code))
        return response

    return app


def _context_id() -> str:
    if "context_id" not in g:
        g.context_id = str(uuid.uuid4())
    return str(g.context_id)


def _request(status: int) -> Request:
    client = g.get("client")
    headers = {name: value for name, value in request.headers.items() if name != "Authorization"}
    body = request.get_data(as_text=True) if request.mimetype == "application/json" else ""
    return Request(request.method, request.path, status, client and client.id, headers, body)


class _Faulty:
    """The application behind the faults of its connection."""

    def __init__(self, app: WSGIApplication, organization: Organization, closing: threading.Event) -> None:
        self._app = app
        self._organization = organization
        self._closing = closing

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        fault = None if path.startswith(PREFIX) else self._organization.faults.take(ANSWERS, method, path)
        environ[_FAULT] = fault
        if fault is not None and fault.kind == "timeout":
            self._closing.wait(fault.seconds)
        if fault is not None and fault.kind == "reset":
            self._organization.requests.append(Request(method, path, None, None, {}, ""))
            raise ConnectionResetError
        return self._app(environ, start_response)


class _Handler(WSGIRequestHandler):
    """A connection, which says nothing of what it served."""

    def log_request(self, *_: Any) -> None:
        """Say nothing."""

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:  # noqa: ARG002
        """Reset the connection: closed in order, it would look as if the server had chosen to say nothing."""
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True
