"""Spans wait here until the agent has them.

A span is written down before the call that it tells of is answered, in a file where there is a folder for it: neither a
killed worker nor an agent that is away for a while then costs any. A thread hands spans on in batches, and deletes a
file when all that is in it has arrived. Files that a dead worker left are taken over by another. A span that is handed
on twice does no harm, for it keeps its ids.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from app.segment import Segment, orphans, size_of
from app.span import MAX_AGE_MS, FinishedSpan

log = logging.getLogger("callspan.outbox")

MAX_BYTES = 64 * 1024 * 1024
"""How much one process lets wait, some 80,000 spans; what comes on top is lost, and counted."""

BATCH = 500
INTERVAL_SECONDS = 0.25
RETRY_SECONDS = 1.0
ADOPT_SECONDS = 5.0


class Outbox:
    """Keeps spans and hands them on. `deliver` says whether the agent took a batch; `lose` counts what is given up."""

    def __init__(
        self, deliver: Callable[[list[FinishedSpan]], bool], lose: Callable[[int], object], folder: Path | None = None
    ) -> None:
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
        """Keep spans until they are delivered."""
        lines = [span.to_line() for span in spans]
        text = b"".join(lines)
        with self._lock:
            kept = self._open.size + self._closed_bytes + len(text) <= MAX_BYTES
            if kept:
                self._open.append(text, len(lines))
        if not kept:
            self._lose(len(lines))

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
        self._deliver_all()
        for segment in (*self._closed, self._open):
            if segment.size and segment.on_disk:
                segment.release()
                continue
            if segment.size:
                self._lose(segment.count - segment.delivered)
            segment.delete()

    def _run(self) -> None:
        adopt_at = 0.0
        pause = INTERVAL_SECONDS
        while not self._stopping.wait(pause):
            if self._folder and time.monotonic() >= adopt_at:
                for segment in orphans(self._folder):
                    self._close(segment)
                adopt_at = time.monotonic() + ADOPT_SECONDS
            pause = INTERVAL_SECONDS if self._deliver_all() else RETRY_SECONDS

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
        for lines in segment.batches(BATCH):
            spans = [span for line in lines if (span := FinishedSpan.from_line(line)) is not None]
            young = [span for span in spans if span.started_ns >= oldest_ns]
            if young and not self._deliver(young):
                return False
            if len(young) < len(spans):
                self._lose(len(spans) - len(young))
            segment.delivered += len(lines)
        return True
