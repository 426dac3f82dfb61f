"""A load of HTTP/1.1 requests over a few kept connections, as fast as they are answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit


def request_bytes(url: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return a POST request as it goes over the wire."""
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def run(url: str, requests: Sequence[bytes], connections: int) -> float:
    """Send the requests and return how many seconds it took until the last one was answered.

    Raises:
        AssertionError: when an answer is not 200.

    """
    return asyncio.run(_run(url, iter(requests), connections))


async def _run(url: str, requests: Iterator[bytes], connections: int) -> float:
    parts = urlsplit(url)
    streams = [await asyncio.open_connection(parts.hostname, parts.port) for _ in range(connections)]
    started = time.perf_counter()
    await asyncio.gather(*(_work(reader, writer, requests) for reader, writer in streams))
    seconds = time.perf_counter() - started
    for _, writer in streams:
        writer.close()
        await writer.wait_closed()
    return seconds


async def _work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, requests: Iterator[bytes]) -> None:
    for request in requests:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200 "):
            raise AssertionError(head.decode())
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
