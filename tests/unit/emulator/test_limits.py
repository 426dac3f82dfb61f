from __future__ import annotations

import pytest

from architect.emulator.failure import ActionError
from architect.emulator.limits import Limits


class Clock:
    """A clock that goes when told to, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_as_many_may_run_at_once_as_there_are_slots() -> None:
    limits = Limits(concurrent=2)
    limits.enter()
    limits.enter()
    with pytest.raises(ActionError, match="2 executions are running") as refused:
        limits.enter()
    assert refused.value.status == 429
    limits.leave()
    limits.enter()


def test_as_many_may_start_in_any_minute_as_the_limit_says() -> None:
    clock = Clock()
    limits = Limits(per_minute=2, clock=clock)
    for _ in range(2):
        limits.enter()
        limits.leave()
        clock.now += 20
    with pytest.raises(ActionError, match="2 executions were started within a minute"):
        limits.enter()
    clock.now += 20
    limits.enter()


def test_an_organisation_s_own_limits_are_the_defaults() -> None:
    clock = Clock()
    limits = Limits(clock=clock)
    for _ in range(50):
        limits.enter()
    with pytest.raises(ActionError, match="50 executions"):
        limits.enter()
    for _ in range(50):
        limits.leave()
    for _ in range(2450):
        limits.enter()
        limits.leave()
    with pytest.raises(ActionError, match="2500 executions"):
        limits.enter()
