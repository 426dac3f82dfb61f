"""A file of spans, one a line, that belongs to one process; or the same in memory where no file can be written."""

from __future__ import annotations

import fcntl
import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

log = logging.getLogger("callspan.outbox")

SUFFIX = ".spans"


class Segment:
    """Lines in the order in which they came. `delivered` is how many of the first need not be delivered again."""

    def __init__(self, folder: Path | None, descriptor: int | None = None, path: Path | None = None) -> None:
        self.size = 0
        self.count = 0
        self.delivered = 0
        self._memory: list[bytes] = []
        self._path, self._file = path, descriptor
        if folder is not None and descriptor is None:
            self._create(folder)

    def _create(self, folder: Path) -> None:
        path = folder / f"{uuid.uuid4().hex}{SUFFIX}"
        unnamed = path.with_suffix(".new")
        try:
            self._file = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            # Before it has the name by which others find it, for they take what nobody has locked.
            fcntl.flock(self._file, fcntl.LOCK_EX)
            unnamed.rename(path)
            self._path = path
        except OSError as error:
            self.release()
            unnamed.unlink(missing_ok=True)
            _warn(folder, error)

    @property
    def on_disk(self) -> bool:
        """Whether all of it would outlive the process."""
        return self._path is not None and not self._memory

    def append(self, text: bytes, lines: int = 1) -> None:
        """Add some lines, each with its line feed."""
        self.size += len(text)
        self.count += lines
        # A line after one that was cut off would be lost with it.
        if self._file is not None and not self._memory:
            try:
                if os.write(self._file, text) == len(text):
                    return
            except OSError as error:
                _warn(self._path, error)
        self._memory.extend(text.splitlines(keepends=True))

    def batches(self, size: int) -> Iterator[list[bytes]]:
        """Return what has not been delivered, so many lines at a time."""
        lines = islice(self._lines(), self.delivered, None)
        while batch := list(islice(lines, size)):
            yield batch

    def _lines(self) -> Iterator[bytes]:
        if self._path is not None:
            with self._path.open("rb") as file:
                yield from file
        yield from self._memory

    def release(self) -> None:
        """Leave the file to whoever comes next."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def delete(self) -> None:
        """Forget everything."""
        self.size = 0
        self.release()
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def orphans(folder: Path) -> Iterator[Segment]:
    """Return the segments whose process is gone, which now belong to this one."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            descriptor = os.open(path, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            size = os.fstat(descriptor).st_size
        except OSError:
            os.close(descriptor)
            continue
        segment = Segment(None, descriptor, path)
        segment.size = size
        yield segment


def size_of(folder: Path) -> int:
    """Return how many bytes all segments in a folder have, whoever they belong to."""
    total = 0
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def _warn(where: Path | None, error: OSError) -> None:
    fields = {"path": str(where), "error.message": error.strerror or str(error)}
    log.warning("spans are kept in memory, since a file cannot be written", extra={"fields": fields})
