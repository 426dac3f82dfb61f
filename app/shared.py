"""What the workers of one service share: small tables in memory that every process forked from this one sees.

None has a lock that a worker killed at the wrong moment could leave held. They must exist before the workers do, so
`gunicorn.conf.py` imports this module; they are gone when the service stops.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager


class _Numbers:
    """Unsigned 64-bit numbers in shared memory, all zero at first; what is never touched takes no memory."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.at = memoryview(mmap.mmap(-1, 8 * count)).cast("Q")


class Counter:
    """A count over all processes. Each adds to a slot of its own; `claim` gives it one that no other has."""

    def __init__(self) -> None:
        self._slots = _Numbers(512)
        self._slot = 0
        self._lock = threading.Lock()

    def claim(self, number: int) -> None:
        """Count into the slot of this number from now on."""
        self._slot = number % self._slots.count

    def add(self, amount: int) -> None:
        """Count this many more."""
        with self._lock:
            self._slots.at[self._slot] += amount

    def total(self) -> int:
        """Return the count of all processes."""
        return sum(self._slots.at)


class RecentIds:
    """Which span ids were met lately, so that what is delivered twice is counted once.

    An id is forgotten when another takes its place: with 65,521 places, and seven spans a call, after some 9,000
    calls. Two processes that meet an id within the same microsecond may both think it new.
    """

    def __init__(self) -> None:
        self._places = _Numbers(65_521)  # a prime, for the bits of an id are not all random

    def is_new(self, span_id: str) -> bool:
        """Remember an id of 16 hex digits, and return whether it was not known."""
        number = int(span_id, 16)
        place = number % self._places.count
        known = self._places.at[place] == number
        self._places.at[place] = number
        return not known


class KnownValues:
    """The first so many values of each of a few tags, over all processes. A restart forgets them."""

    CAPACITY = 2**16
    """How many values all tags may have together."""

    def __init__(self) -> None:
        self._digests = _Numbers(self.CAPACITY)
        self._thread_lock = threading.Lock()
        # The kernel takes a file's lock from a process that dies.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  it is open as long as this object
        weakref.finalize(self, self._file.close)

    def admit(self, tag: int, value: str, limit: int) -> bool:
        """Return whether a value is among the first `limit` of the tag with this number, and keep it if it may be."""
        digest = int.from_bytes(hashlib.blake2b(value.encode(), digest_size=8).digest()) or 1
        row = self._digests.at[tag * limit : (tag + 1) * limit]
        if digest in row:
            return True
        if row[-1]:
            return False
        with self._locked():
            for place in range(limit):
                if row[place] in (0, digest):
                    row[place] = digest
                    return True
        return False

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._thread_lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


UNDELIVERED_SPANS = Counter()
RECENT_SPANS = RecentIds()
KNOWN_VALUES = KnownValues()
