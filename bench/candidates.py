"""What is measured: Callspan, the same job on other stacks, and two servers that do nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.tags import RESERVED_KEYS, RESERVED_PREFIXES
from architect.sandbox import BIN, Credentials, Process, Service, clean_environment, free_ports

PEERS = Path(__file__).parent / "peers"
PEERS_BIN = PEERS / ".venv" / "bin"
PATH = "/v1/actions/start-call-trace"


@dataclass(frozen=True)
class Surroundings:
    """What every candidate is given: where spans go, and the client and key behind the token."""

    agent_url: str
    credentials: Credentials


@dataclass(frozen=True)
class Candidate:
    """Something to measure. `lacks` says what it needs and this machine does not have."""

    key: str
    name: str
    make: Callable[[Surroundings], Process]
    full: bool = True
    lacks: str = ""


def candidates() -> list[Candidate]:
    """Return all candidates, the unit first."""
    no_fastapi = "" if (PEERS_BIN / "uvicorn").exists() else "bench/peers/.venv is not there"
    no_fastify = "" if shutil.which("node") else "node is not installed"
    if not no_fastify and not (PEERS / "node_modules").is_dir():
        no_fastify = "bench/peers/node_modules is not there"
    return [
        Candidate("constant", "Flask constant, sync worker", constant, full=False),
        Candidate("bare", "bare WSGI callable, sync worker", _bare, full=False),
        Candidate("callspan", "Callspan", callspan),
        Candidate("naive", "Flask, written naively", _naive),
        Candidate("fastapi", "FastAPI", lambda s: _fastapi(s, "0"), lacks=no_fastapi),
        Candidate("fastapi-cache", "FastAPI, tokens cached", lambda s: _fastapi(s, "1"), lacks=no_fastapi),
        Candidate("fastify", "Fastify", lambda s: _fastify(s, "0"), lacks=no_fastify),
        Candidate("fastify-cache", "Fastify, tokens cached", lambda s: _fastify(s, "1"), lacks=no_fastify),
    ]


def callspan(surroundings: Surroundings, processes: int = 1) -> Process:
    """Return Callspan by its Procfile, with so many worker processes."""
    metrics = surroundings.agent_url.replace("http:", "udp:")
    return Service(
        surroundings.agent_url, surroundings.credentials, WEB_CONCURRENCY=str(processes), DD_DOGSTATSD_URL=metrics
    )


def constant(surroundings: Surroundings, processes: int = 1) -> Process:
    """Return the unit of cost."""
    return _gunicorn(surroundings, "bench.peers.constant:app", processes=processes)


def _bare(surroundings: Surroundings) -> Process:
    return _gunicorn(surroundings, "bench.peers.bare:app")


def _naive(surroundings: Surroundings) -> Process:
    return _gunicorn(surroundings, "bench.peers.naive:app", under=(str(BIN / "ddtrace-run"),))


def _gunicorn(surroundings: Surroundings, application: str, under: tuple[str, ...] = (), processes: int = 1) -> Process:
    # With a configuration of nothing, for gunicorn would take Callspan's from the working directory.
    options = ["--config", "/dev/null", "--no-control-socket", "--workers", str(processes), "--bind"]
    return _process(
        surroundings, lambda port: [*under, str(BIN / "gunicorn"), *options, f"127.0.0.1:{port}", application]
    )


def _fastapi(surroundings: Surroundings, cache: str) -> Process:
    options = ["--host", "127.0.0.1", "--no-access-log", "--log-level", "warning", "--port"]
    application = "bench.peers.fastapi_service:app"
    return _process(
        surroundings,
        lambda port: [str(PEERS_BIN / "uvicorn"), *options, str(port), application],
        TOKEN_CACHE=cache,
    )


def _fastify(surroundings: Surroundings, cache: str) -> Process:
    reserved = json.dumps({"keys": sorted(RESERVED_KEYS), "prefixes": RESERVED_PREFIXES})
    return _process(
        surroundings,
        lambda _: [shutil.which("node") or "node", str(PEERS / "fastify-service.js")],
        TOKEN_CACHE=cache,
        RESERVED=reserved,
        NODE_ENV="production",
    )


def _process(surroundings: Surroundings, command: Callable[[int], list[str]], **settings: str) -> Process:
    (port,) = free_ports(1)
    env: Mapping[str, str] = {
        **clean_environment(),
        "CALLSPAN_JWT_KEYS": surroundings.credentials.environment["CALLSPAN_JWT_KEYS"],
        "DD_TRACE_AGENT_URL": surroundings.agent_url,
        "DD_SERVICE": "callspan",
        # The payloads that Callspan sends, without what a tracer reports of itself.
        "DD_TRACE_API_VERSION": "v0.4",
        "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
        "DD_REMOTE_CONFIGURATION_ENABLED": "false",
        "PORT": str(port),
        **settings,
    }
    return Process(command(port), f"http://127.0.0.1:{port}", env, "/healthz")
