"""A loopback service in Genesys Cloud's place, and time that passes only when somebody waits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.emulator.loopback import Service, running_service

from .clocks import FakeTime


@pytest.fixture
def service() -> Iterator[Service]:
    with running_service() as service:
        yield service


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()
