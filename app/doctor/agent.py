"""Whether Datadog's agent takes what Callspan sends it: traces over HTTP, metrics over DogStatsD."""

from __future__ import annotations

import errno
import socket
from urllib.parse import urlsplit

from app.doctor.check import Check
from app.doctor.web import UnreachableError, Web

TRACES, METRICS = "traces to the agent", "metrics to the agent"
_TRACES_PATH = "/v0.4/traces"
_PATIENCE = 0.3
"""Seconds in which the news that nobody listens comes back from the network."""

_START = "Start the Datadog agent there"
_FIX = (
    f"{_START} with DogStatsD on, or set DD_DOGSTATSD_URL, or DD_AGENT_HOST and DD_DOGSTATSD_PORT, to where it listens."
)


def traces(web: Web, url: str) -> Check:
    """Ask the trace agent what it is (`GET /info`)."""
    try:
        reply = web.ask("the agent", "GET", url, "/info")
    except UnreachableError as error:
        return Check(
            TRACES,
            "failed",
            f"{url}: {error}; calls are answered all the same, but their spans are lost",
            f"{_START} with APM on (DD_APM_ENABLED=true), or set DD_TRACE_AGENT_URL to where it listens.",
        )
    if reply.status == 404:
        return Check(TRACES, "warning", f"{url} has no /info: an old agent, or none", "Update the agent.")
    version, endpoints = reply.field("version"), reply.field("endpoints")
    if reply.status != 200 or not isinstance(version, str):
        return Check(
            TRACES,
            "failed",
            f"{url}/info answers {reply.status}, and not as an agent does",
            "Set DD_TRACE_AGENT_URL to the agent's trace port, which is 8126 by default.",
        )
    if isinstance(endpoints, list) and _TRACES_PATH not in endpoints:
        return Check(TRACES, "failed", f"agent {version} at {url} takes no {_TRACES_PATH}", "Update the agent.")
    return Check(TRACES, "ok", f"agent {version} at {url} takes {_TRACES_PATH}")


def metrics(host: str, port: int, socket_path: str | None) -> Check:
    """Tell whether something may listen for DogStatsD: certain of a Unix socket, which may be a URL; a guess of UDP."""
    return _over_unix_socket(urlsplit(socket_path).path) if socket_path else _over_udp(host, port)


def _over_unix_socket(path: str) -> Check:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_UNIX, kind) as connection:
            connection.settimeout(_PATIENCE)
            try:
                connection.connect(path)
            except OSError as error:
                if error.errno == errno.EPROTOTYPE:
                    continue
                break
            return Check(METRICS, "ok", f"something listens at {path}")
    return Check(METRICS, "warning", f"nothing listens at {path}: metrics are lost", _FIX)


def _over_udp(host: str, port: int) -> Check:
    where = f"{host}:{port} (UDP)"
    try:
        refused = _refuses_datagrams(host, port)
    except socket.gaierror:
        return Check(METRICS, "warning", f"the name {host} is not known: metrics are lost", _FIX)
    except OSError:
        return Check(METRICS, "warning", f"there is no way to {where}: metrics are lost", _FIX)
    if refused:
        return Check(METRICS, "warning", f"nothing listens at {where}: metrics are lost", _FIX)
    return Check(
        METRICS,
        "ok",
        f"nothing refuses datagrams at {where}; UDP says no more than that. Whether they arrive shows in Datadog, "
        "by the metric callspan.request.duration",
    )


def _refuses_datagrams(host: str, port: int) -> bool:
    """Send a datagram of no bytes, and wait for the ICMP message that a closed port causes."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as connection:
        connection.settimeout(_PATIENCE)
        connection.connect(address)
        try:
            connection.send(b"")
            connection.recv(1)
        except ConnectionRefusedError:
            return True
        except TimeoutError:
            return False
    return False
