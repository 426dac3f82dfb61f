from __future__ import annotations

import time

import pytest

from app.doctor.clock import clock
from app.doctor.web import Web
from tests.unit.emulator.loopback import Service


@pytest.mark.parametrize(
    ("skews", "status", "words"),
    [
        ({}, "skipped", "nobody answered"),
        ({"the agent": 0.2, "Genesys Cloud": -2.0}, "ok", "within 2 s of Genesys Cloud, the agent"),
        ({"the agent": 60.0}, "ok", "within 60 s"),
        ({"the agent": 0.0, "Genesys Cloud": 61.0}, "warning", "61 s ahead of that of Genesys Cloud"),
        ({"Genesys Cloud": -3600.0}, "warning", "3600 s behind that of Genesys Cloud"),
    ],
    ids=["nobody", "right", "just right", "ahead", "behind"],
)
def test_a_clock_that_is_off_by_over_a_minute_is_warned_of(skews: dict[str, float], status: str, words: str) -> None:
    check = clock(skews)
    assert check.status == status
    assert words in check.what
    assert bool(check.fix) is (status != "ok")


def test_the_clock_is_read_from_the_date_of_an_answer(service: Service) -> None:
    now = time.time()
    # The double's own Date comes first, and is right.
    web = Web(now=lambda: now - 300)
    web.ask("the service", "GET", service.url, "/")
    assert web.skews["the service"] == pytest.approx(-300, abs=5)
