"""Shared memory, shown with real processes."""

from __future__ import annotations

import fcntl
import os
import signal
import time
import uuid
from collections.abc import Callable

from app.shared import Counter, KnownValues, RecentIds


def in_process(work: Callable[[], bool]) -> int:
    """Run something in a process of its own, forked from this one, and return its id."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    return child


def went_well(child: int) -> bool:
    return os.waitpid(child, 0)[1] == 0


def test_a_value_is_admitted_again_and_a_value_beyond_the_limit_is_not() -> None:
    known = KnownValues()
    assert [known.admit(0, str(n), 3) for n in range(5)] == [True, True, True, False, False]
    assert [known.admit(0, str(n), 3) for n in range(5)] == [True, True, True, False, False]
    assert known.admit(1, "4", 3), "another tag has places of its own"


def test_several_processes_together_stay_within_the_limit() -> None:
    known, admitted = KnownValues(), Counter()

    def offer(number: int) -> bool:
        admitted.claim(number)
        admitted.add(sum(known.admit(2, f"{number} {n}", 100) for n in range(60)))
        return True

    children = [in_process(lambda number=n: offer(number)) for n in range(4)]
    assert [went_well(child) for child in children] == [True] * 4
    assert admitted.total() == 100


def test_a_process_killed_while_it_holds_the_lock_does_not_keep_others_out() -> None:
    known = KnownValues()

    def hold() -> bool:
        fcntl.lockf(known._file, fcntl.LOCK_EX)
        time.sleep(60)
        return True

    child = in_process(hold)
    while True:
        try:
            fcntl.lockf(known._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            break
        fcntl.lockf(known._file, fcntl.LOCK_UN)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert known.admit(0, "sales", 1)


def test_an_id_is_new_once_over_all_processes() -> None:
    recent = RecentIds()
    ids = [uuid.uuid4().hex[:16] for _ in range(1000)]
    assert went_well(in_process(lambda: all(recent.is_new(each) for each in ids)))
    repeated = sum(not recent.is_new(each) for each in ids)
    # Two of a thousand ids share one of 65,521 places now and then.
    assert repeated >= 950
