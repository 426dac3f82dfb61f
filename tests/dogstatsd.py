"""The agent's end of DogStatsD: a UDP socket on a loopback port that keeps what it is sent."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import NamedTuple, Self


class Sample(NamedTuple):
    """One metric of a datagram, in the DogStatsD protocol: `name:value|type|#tag,tag`."""

    name: str
    value: float
    kind: str
    tags: frozenset[str]


class Receiver:
    """Receives datagrams until its `with` block ends."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024 * 1024)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"udp://127.0.0.1:{self.port}"
        self.datagrams: list[bytes] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._receive)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopping.set()
        self._thread.join()
        self._socket.close()

    def _receive(self) -> None:
        while not self._stopping.is_set():
            try:
                self.datagrams.append(self._socket.recv(65536))
            except TimeoutError:
                continue

    def samples(self, name: str = "") -> list[Sample]:
        """Return what came so far, of all metrics or of one."""
        lines = [line for datagram in list(self.datagrams) for line in datagram.decode().splitlines()]
        return [sample for sample in map(_sample, lines) if name in ("", sample.name)]

    def total(self, name: str, *tags: str) -> float:
        """Return the sum of a metric over the samples that have these tags."""
        return sum(sample.value for sample in self.samples(name) if sample.tags >= set(tags))


def _sample(line: str) -> Sample:
    head, kind, *rest = line.split("|")
    name, _, value = head.partition(":")
    tags = [tag for part in rest if part.startswith("#") for tag in part[1:].split(",")]
    return Sample(name, float(value), kind, frozenset(tags))
