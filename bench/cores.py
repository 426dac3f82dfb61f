"""Which processor core is whose: servers run on one, the load and the agent double on another, where there are two."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

AVAILABLE = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
SERVER = AVAILABLE[0] if len(AVAILABLE) > 1 else None
LOAD = AVAILABLE[1] if len(AVAILABLE) > 1 else None


@contextmanager
def on(core: int | None) -> Iterator[None]:
    """Start what is started inside on this core: children take it over. None leaves them all."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
