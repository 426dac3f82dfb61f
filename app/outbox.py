"""Spans wait here until the agent has them.

A span is written down before the call that it tells of is answered, in a file where there is a folder for it: neither a
killed worker nor an agent that is away for a while then costs any. It is encoded there and then as the agent takes it.
A thread hands spans on in batches, and deletes a file when all that is in it has arrived. Files that a dead worker left
are taken over by another. A span that is handed on twice does no harm, for it keeps its ids.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from app.record import Record
from app.segment import Segment, orphans, size_of
from app.span import MAX_AGE_MS, FinishedSpan

log = logging.getLogger("callspan.outbox")

MAX_BYTES = 64 * 1024 * 1024
"""How much one process lets wait, some 80,000 spans; what comes on top is lost, and counted."""

BATCH = 500
"""How many chunks are handed on at once: some 600 kB, and 20 MB of the largest calls; the agent takes 25 MB."""

INTERVAL_SECONDS = 0.05
"""How often what waits is handed on: so often that it is little, for meanwhile nobody is answered on that core."""

RETRY_SECONDS = 1.0
ADOPT_SECONDS = 5.0


class UnreadableError(Exception):
    """A batch has something in it that cannot be sent, now or later. The message says what."""


class Outbox:
    """Keeps spans and hands them on.

    `encode` makes a chunk of spans of one trace. `deliver` says whether the agent took a batch of chunks, or raises
    UnreadableError. `lose` counts the spans that are given up.
    """

    def __init__(
        self,
        encode: Callable[[Sequence[FinishedSpan]], bytes],
        deliver: Callable[[Sequence[bytes]], bool],
        lose: Callable[[int], object],
        folder: Path | None = None,
    ) -> None:
        self._encode = encode
        self._deliver = deliver
        self._lose = lose
        self._folder = folder
        self._open = Segment(folder)
        self._closed: deque[Segment] = deque()
        self._closed_bytes = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def put(self, *spans: FinishedSpan) -> None:
        """Keep spans until they are delivered; those of one trace leave in one piece."""
        chunks: dict[str, list[FinishedSpan]] = {}
        for span in spans:
            chunks.setdefault(span.trace_id, []).append(span)
        records = [
            Record(self._encode(chunk), len(chunk), min([span.started_ns for span in chunk]))
            for chunk in chunks.values()
        ]
        size = sum([record.size for record in records])
        with self._lock:
            kept = self._open.size + self._closed_bytes + size <= MAX_BYTES
            if kept:
                self._open.append(records)
        if not kept:
            self._lose(len(spans))

    def waiting_bytes(self) -> int:
        """Return how much waits: in the folder, of all processes; without one, in this process."""
        return size_of(self._folder) if self._folder else self._open.size + self._closed_bytes

    def start(self) -> None:
        """Begin to deliver, what earlier processes left first."""
        self._thread.start()

    def stop(self) -> None:
        """Deliver what waits if the agent takes it; the rest stays in its files, or is lost where there are none."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        else:
            self._deliver_all()
        for segment in (*self._closed, self._open):
            if segment.size and segment.on_disk:
                segment.release()
                continue
            if segment.size:
                self._lose(segment.spans)
            segment.delete()

    def _run(self) -> None:
        adopt_at = 0.0
        pause = 0.0
        while True:
            last = self._stopping.wait(pause)
            # At the end too: where the disk goes with the service, nobody comes after us.
            if self._folder and (last or time.monotonic() >= adopt_at):
                for segment in orphans(self._folder):
                    self._close(segment)
                adopt_at = time.monotonic() + ADOPT_SECONDS
            taken = self._deliver_all()
            # Of an agent that did not answer just now, a process that is to end asks no more.
            if last or (self._stopping.is_set() and not taken):
                return
            pause = INTERVAL_SECONDS if taken else RETRY_SECONDS

    def _deliver_all(self) -> bool:
        """Deliver every span that waits; return whether the agent took them."""
        if self._open.size:
            fresh = Segment(self._folder)
            with self._lock:
                full, self._open = self._open, fresh
                self._close(full)
        while self._closed:
            if not self._deliver_segment(self._closed[0]):
                return False
            segment = self._closed.popleft()
            self._closed_bytes -= segment.size
            segment.delete()
        return True

    def _close(self, segment: Segment) -> None:
        self._closed.append(segment)
        self._closed_bytes += segment.size

    def _deliver_segment(self, segment: Segment) -> bool:
        oldest_ns = time.time_ns() - MAX_AGE_MS * 1_000_000
        count = BATCH
        while batch := segment.first(count):
            ready = [record for record in batch if record.chunk and record.oldest_ns >= oldest_ns]
            try:
                if ready and not self._deliver([record.chunk for record in ready]):
                    return False
            except UnreadableError as error:
                if len(batch) > 1:
                    count = 1  # until it is found
                    continue
                count, ready = BATCH, []
                fields = {"error.message": str(error), "spans": batch[0].spans}
                log.error("spans that cannot be sent are given up", extra={"fields": fields})  # noqa: TRY400
            if damaged := sum(not record.chunk for record in batch):
                fields = {"path": str(segment.path), "records": damaged}
                log.warning("records in a file of spans are damaged, and are passed over", extra={"fields": fields})
            if lost := _spans(batch) - _spans(ready):
                self._lose(lost)
            segment.remove(batch)
        return True


def _spans(records: Sequence[Record]) -> int:
    return sum(record.spans for record in records)
