"""A file of records that belongs to one process; or the same in memory where no file can be written."""

from __future__ import annotations

import fcntl
import logging
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from app.record import Record, read_records

log = logging.getLogger("callspan.outbox")

SUFFIX = ".journal"


class Segment:
    """Records in the order in which they came; once the first is read, no more are added.

    `size` is in bytes. `spans` is how many wait in it, which is not known of one that another process began.
    """

    def __init__(self, folder: Path | None, descriptor: int | None = None, path: Path | None = None) -> None:
        self.size = 0
        self.spans = 0
        self.path = path
        self._memory: list[Record] = []
        self._file = descriptor
        self._ahead: list[Record] = []
        self._records = self._read()
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
            self.path = path
        except OSError as error:
            self.release()
            unnamed.unlink(missing_ok=True)
            _warn(folder, error)

    @property
    def on_disk(self) -> bool:
        """Whether all of it would outlive the process."""
        return self.path is not None and not self._memory

    def append(self, records: Sequence[Record]) -> None:
        """Add records, which are in the file when this returns unless it cannot be written."""
        text = b"".join([record.to_bytes() for record in records])
        self.size += len(text)
        self.spans += sum([record.spans for record in records])
        # A record after one that was cut off would not be found.
        if self._file is not None and not self._memory:
            try:
                if os.write(self._file, text) == len(text):
                    return
            except OSError as error:
                _warn(self.path, error)
        self._memory.extend(records)

    def first(self, count: int) -> list[Record]:
        """Return so many of the first records that were not removed, or what there is."""
        self._ahead.extend(islice(self._records, max(count - len(self._ahead), 0)))
        return self._ahead[:count]

    def remove(self, records: Sequence[Record]) -> None:
        """Go on behind these, the first."""
        self.spans -= sum(record.spans for record in records)
        del self._ahead[: len(records)]

    def _read(self) -> Iterator[Record]:
        if self._file is not None:
            with os.fdopen(self._file, "rb", closefd=False) as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(0)
                yield from read_records(file, size)
        yield from self._memory

    def release(self) -> None:
        """Leave the file to whoever comes next."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def delete(self) -> None:
        """Forget everything."""
        self.size = 0
        # While it is locked, so that whoever opened it meanwhile can see that it is gone.
        if self.path is not None:
            self.path.unlink(missing_ok=True)
        self.release()


def orphans(folder: Path) -> Iterator[Segment]:
    """Return the segments whose process is gone, which now belong to this one."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            descriptor = os.open(path, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found = os.fstat(descriptor)
        except OSError:
            os.close(descriptor)
            continue
        if not found.st_nlink:
            os.close(descriptor)
            continue
        segment = Segment(None, descriptor, path)
        segment.size = found.st_size
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
