from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.genesys.errors import RateLimitedError, TimedOutError
from app.genesys.limiter import RateLimiter

from .clocks import FakeTime


@given(
    per_minute=st.integers(2, 400),
    gaps=st.lists(st.floats(0, 90) | st.just(0.0), min_size=1, max_size=300),
)
def test_no_60_seconds_hold_more_requests_than_the_limit(per_minute: int, gaps: list[float]) -> None:
    time = FakeTime()
    limiter = RateLimiter(per_minute, time.clock)
    left: list[float] = []
    for gap in gaps:
        time.now += gap
        limiter.take(time.budget(1e9))
        left.append(time.now)
    # Arithmetic with moments is exact to about a millionth of a second.
    for first, last in zip(left, left[per_minute:], strict=False):
        assert last - first >= 60 - 1e-6


def test_a_tenth_of_the_limit_leaves_at_once_and_the_rest_evenly() -> None:
    time = FakeTime()
    limiter = RateLimiter(280, time.clock)
    for _ in range(28):
        limiter.take(time.budget())
    assert time.slept == []
    limiter.take(time.budget())
    assert time.slept == [pytest.approx(60 / 252)]


def test_a_turn_that_would_come_too_late_is_refused_at_once_and_not_taken() -> None:
    time = FakeTime()
    limiter = RateLimiter(60, time.clock)
    for _ in range(6):
        limiter.take(time.budget())
    for _ in range(3):
        with pytest.raises(RateLimitedError) as caught:
            limiter.take(time.budget(0.5))
        assert caught.value.retry_after == pytest.approx(60 / 54)
    assert time.slept == []


def test_a_pause_holds_back_everything_for_as_long() -> None:
    time = FakeTime()
    limiter = RateLimiter(280, time.clock)
    limiter.pause(42)
    with pytest.raises(RateLimitedError) as caught:
        limiter.take(time.budget(10))
    assert caught.value.retry_after == pytest.approx(42)
    limiter.take(time.budget(60))
    assert time.slept == [pytest.approx(42)]


def test_threads_share_one_limit() -> None:
    time = FakeTime()
    limiter = RateLimiter(300, time.clock)

    def work() -> None:
        for _ in range(50):
            limiter.take(time.budget(1e9))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # 400 turns: 30 at once, and 370 at 270 a minute; waits overlap here, so the last of them tells.
    assert limiter._full_at - 1000.0 >= (400 - 30) / 270 * 60


def test_a_budget_does_not_wait_beyond_its_end() -> None:
    time = FakeTime()
    budget = time.budget(5)
    budget.wait(3)
    assert (budget.spent, budget.left) == (3, 2)
    with pytest.raises(TimedOutError):
        budget.wait(2)
    assert time.slept == [3]
