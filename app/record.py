"""Spans of one trace as they are written down: a head, and the chunk that the agent gets. Pure."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from app.span import SMALLEST

_CHECK = struct.Struct("<I")
_HEAD = struct.Struct("<IIq")
_SIZE = _CHECK.size + _HEAD.size


class Record(NamedTuple):
    """A chunk, how many spans it has, and when the oldest of them began, in nanoseconds since 1970.

    What was damaged has no chunk, and counts as many spans as it says and can have held.
    """

    chunk: bytes
    spans: int
    oldest_ns: int

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return _SIZE + len(self.chunk)

    def to_bytes(self) -> bytes:
        """Return it as it is written: the CRC-32 of the rest, the chunk's length, spans, oldest; then the chunk."""
        head = _HEAD.pack(len(self.chunk), self.spans, self.oldest_ns)
        return _CHECK.pack(zlib.crc32(self.chunk, zlib.crc32(head))) + head + self.chunk


def read_records(file: BinaryIO, size: int) -> Iterator[Record]:
    """Return the records of a file of so many bytes.

    What is damaged is passed over by the length it says it has. Where no length can be right, the file ends: so it is
    with a record that a process which was killed did not write to its end.
    """
    while start := file.read(_SIZE):
        size -= _SIZE
        length, spans, oldest_ns = _HEAD.unpack(start[_CHECK.size :]) if size >= 0 else (0, 0, 0)
        if not 0 < length <= size:
            yield Record(b"", 0, 0)
            return
        size -= length
        chunk = file.read(length)
        if zlib.crc32(chunk, zlib.crc32(start[_CHECK.size :])) == _CHECK.unpack(start[: _CHECK.size])[0]:
            yield Record(chunk, spans, oldest_ns)
        else:
            yield Record(b"", min(spans, length // SMALLEST), 0)
