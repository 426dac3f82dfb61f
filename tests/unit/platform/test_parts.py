"""The small parts of the stand-in: the limit of requests, faults, tokens, time, and its named choices."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from architect.emulator.platform import Behaviour, Clock, Fault, Organization, StoppedClock
from architect.emulator.platform.choices import CHOICES
from architect.emulator.platform.clients import Clients
from architect.emulator.platform.clock import iso
from architect.emulator.platform.documentation import documented
from architect.emulator.platform.errors import STATUSES, PlatformError
from architect.emulator.platform.faults import ANSWERS, WRITES, Faults
from architect.emulator.platform.rate_limit import RateLimit

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "architect" / "emulator" / "platform"
PAGE = (ROOT / "docs" / "platform.md").read_text()


@settings(deadline=None)
@given(most=st.integers(1, 5), gaps=st.lists(st.floats(0, 40), min_size=1, max_size=30))
def test_no_minute_has_more_requests_than_the_limit(most: int, gaps: list[float]) -> None:
    clock = StoppedClock()
    limit = RateLimit(clock, most)
    taken: list[float] = []
    for gap in gaps:
        clock.advance(gap)
        seconds = limit.take("client")
        if seconds is None:
            taken.append(clock.now())
        else:
            assert 1 <= seconds <= 60
    assert all(sum(1 for other in taken if each <= other < each + 60) <= most for each in taken)


@settings(deadline=None)
@given(most=st.integers(1, 3), start=st.floats(0, 2e9))
def test_who_waits_as_long_as_told_is_served(most: int, start: float) -> None:
    clock = StoppedClock(start)
    limit = RateLimit(clock, most)
    for _ in range(most):
        assert limit.take("client") is None
    seconds = limit.take("client")
    assert seconds is not None
    clock.advance(seconds)
    assert limit.take("client") is None


def test_each_caller_has_a_limit_of_its_own_and_none_of_zero_is_ever_served() -> None:
    limit = RateLimit(StoppedClock(), 1)
    assert [limit.take(caller) for caller in ("a", "b", "a", "b")] == [None, None, 60, 60]
    assert RateLimit(StoppedClock(), 0).take("a") == 60


def test_faults_are_taken_in_order_by_the_requests_they_concern() -> None:
    faults = Faults()
    faults.add(Fault("status", status=503, method="PATCH", times=2))
    faults.add(Fault("status", status=404, path="/calls/"))
    faults.add(Fault("lost-write"))

    def status(method: str, path: str) -> int | None:
        fault = faults.take(ANSWERS, method, path)
        return fault and fault.status

    assert status("GET", "/conversations/x") is None
    assert [status("PATCH", "/calls/x") for _ in range(4)] == [503, 503, 404, None]
    assert faults.take(WRITES, "PATCH", "/x") == Fault("lost-write")
    assert faults.take(WRITES, "PATCH", "/x") is None


def test_faults_can_be_called_off() -> None:
    faults = Faults()
    faults.add(Fault("reset", times=3))
    faults.clear()
    assert faults.take(ANSWERS, "GET", "/") is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "explosion"}, "kind is one of lost-write, overwritten, reset, slow-write, status, timeout"),
        ({"kind": "status", "status": 418}, "status is one of 400, 401, 403, 404, 409, 415, 429, 500, 503, 504"),
        ({"kind": "reset", "times": 0}, "times is 1 or more"),
        ({"kind": "reset", "path": "("}, "path is no regular expression"),
    ],
)
def test_a_fault_that_could_never_happen_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fault(**wrong)  # type: ignore[arg-type]


def test_a_token_is_good_until_it_expires_and_its_client_decides_what_it_may_do() -> None:
    clock = StoppedClock()
    clients = Clients(clock, 300)
    clients.add("client", "secret", ["a"])
    assert clients.token("client", "wrong") is None
    assert clients.token("other", "secret") is None
    issued = clients.token("client", "secret")
    assert issued is not None
    token, lifetime = issued
    clients.add("client", "secret", ["b"])
    assert (lifetime, clients.holder(token).permissions) == (300, {"b"})
    clock.advance(299)
    clients.holder(token)
    clock.advance(1)
    with pytest.raises(PlatformError, match="Invalid login credentials"):
        clients.holder(token)


def test_the_clock_runs_and_can_be_advanced_but_not_turned_back() -> None:
    clock = Clock()
    before = clock.now()
    clock.advance(3600)
    assert clock.now() >= before + 3600
    with pytest.raises(ValueError, match="0 or more seconds, not -1"):
        clock.advance(-1)


def test_moments_are_written_as_genesys_writes_them() -> None:
    assert iso(1_742_808_068.772) == "2025-03-24T09:21:08.772Z"


def test_a_conversation_id_is_taken_once() -> None:
    organization = Organization()
    conversation = organization.start_conversation()
    with pytest.raises(ValueError, match="exists already"):
        organization.start_conversation(conversation.id.upper())


def test_every_choice_is_named_where_it_is_made() -> None:
    """A choice that no module names would be documentation of nothing."""
    text = "".join(path.read_text() for path in PACKAGE.glob("*.py") if path.name != "choices.py")
    assert [name for name in CHOICES if f"`{name}`" not in text] == []


def test_the_pages_example_does_what_it_says() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    assert names["customer"].attributes == {"priority": "high"}


def test_the_page_lists_every_choice_behaviour_and_fault() -> None:
    assert documented(PAGE) == PAGE, "run: python -m architect.emulator.platform.documentation docs/platform.md"
    assert all(f"| `{field.name}` | `{str(field.default).lower()}` |" in PAGE for field in fields(Behaviour))
    assert all(f"| `{kind}` |" in PAGE for kind in ANSWERS | WRITES)
    assert f"({', '.join(map(str, sorted(STATUSES)))})" in PAGE
