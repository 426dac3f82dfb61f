"""A service that runs, a loopback service in the place of anything else, and the doctor's way of asking both."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from app import create_app
from app.doctor.web import Web
from app.span import FinishedSpan
from tests.conftest import make_settings
from tests.unit.emulator.loopback import Service, running_service


class Deployed:
    """Callspan at a loopback address, and the spans that it would have sent."""

    def __init__(self, url: str, spans: list[FinishedSpan]) -> None:
        self.url, self.spans = url, spans


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def service() -> Iterator[Service]:
    with running_service() as service:
        yield service


@pytest.fixture
def deployed() -> Iterator[Deployed]:
    app = create_app(make_settings())
    spans: list[FinishedSpan] = []
    telemetry = app.extensions["callspan"].telemetry
    telemetry.emit, telemetry.agent_reachable, telemetry.undelivered_spans = (
        lambda *new: spans.extend(new),
        lambda: True,
        lambda: 0,
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Deployed(f"http://127.0.0.1:{server.server_port}", spans)
    server.shutdown()
    thread.join()
    server.server_close()
