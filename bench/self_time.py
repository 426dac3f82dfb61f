"""`make profile`: where the processor time of starting a call goes, by package, and the functions that take most.

The WSGI application is called in this process, so what gunicorn takes is not in it; spans go to the agent double. The
time of functions written in C is added to the package that calls them. A profiler slows Python code down and C code
not, so shares are a guide to where to look and no measure; that is `make bench`.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import json
import logging
import os
import pstats
import sys
import sysconfig
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from architect.sandbox import ROOT, Credentials
from bench.call import ORGANIZATION, Call
from bench.candidates import PATH
from bench.figures import table
from bench.intake import Intake
from bench.load import filled

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Where = tuple[str, int, str]
"""A function as pstats names it: file, line, name; built-in ones have the file `~`."""


def main() -> int:
    """Profile the application and print two tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.self_time", description=__doc__)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--functions", type=int, default=25, help="how many functions to list")
    options = parser.parse_args()
    intake = Intake().start()
    try:
        credentials = Credentials.new()
        os.environ.update(credentials.environment, DD_TRACE_AGENT_URL=intake.url)
        profile = profiled(_application(), Call(_token()), options.requests)
    finally:
        intake.stop()
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    total = sum(entry[2] for entry in stats.values())
    print(f"{options.requests} requests, {total / options.requests * 1e6:.0f} us each under the profiler\n")
    shares = by_package(stats)
    print(table(("package", "self time"), [(name, f"{own / total:.1%}") for name, own in shares.most_common()]))
    print()
    own_time = Counter({where: entry[2] for where, entry in stats.items()})
    print(
        table(
            ("function", "self time", "calls a request"),
            [
                (named(where), f"{own / total:.1%}", f"{stats[where][1] / options.requests:.1f}")
                for where, own in own_time.most_common(options.functions)
            ],
        )
    )
    return 0


def _application() -> WSGIApplication:
    """Return Callspan's own application, which reads the environment; its log is made and thrown away."""
    from app import create_app
    from app.logs import JsonFormatter

    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    return create_app()


def _token() -> str:
    from app.config import Settings
    from app.oauth import Tokens

    settings = Settings.from_environ()
    (client,) = settings.clients.values()
    return Tokens(settings.clients, settings.jwt_keys).issue(client, client.scopes, 3600)


def profiled(application: WSGIApplication, call: Call, requests: int) -> cProfile.Profile:
    """Call the application as a server would, some times to warm up and then under the profiler."""
    environs = [_environ(call) for _ in range(requests + 200)]
    for environ in environs[:200]:
        _serve(application, environ)
    profile = cProfile.Profile()
    profile.enable()
    for environ in environs[200:]:
        _serve(application, environ)
    profile.disable()
    return profile


def _environ(call: Call) -> dict[str, Any]:
    body = filled(call.body(), uuid.uuid4())
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": PATH,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": f"Bearer {call.token}",
        "HTTP_ININ_CORRELATION_ID": str(uuid.uuid4()),
        "HTTP_ININ_ORGANIZATION_ID": ORGANIZATION,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body.encode()),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _serve(application: WSGIApplication, environ: dict[str, Any]) -> None:
    begun: list[str] = []

    def start_response(status: str, _headers: object, _error: object = None) -> Callable[[bytes], object]:
        begun.append(status)
        return lambda _: None

    answer = application(environ, start_response)
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    if not begun[0].startswith("200") or json.loads(body)["status"] != "ok":
        raise SystemExit(f"the application answered {begun[0]} {body.decode()}")


def by_package(stats: dict[Where, Any]) -> Counter[str]:
    """Return each package's own time; that of built-in functions goes to the packages that called them."""
    own: Counter[str] = Counter()
    for where, (_, _, self_time, _, callers) in stats.items():
        if where[0] == "~" and callers:
            for caller, (_, _, called_time, _) in callers.items():
                own[package(caller[0])] += called_time
        else:
            own[package(where[0])] += self_time
    return own


def package(file: str) -> str:
    """Return what a file belongs to: a package, our own folder, or Python itself."""
    path = Path(file)
    for folder, prefix in (
        (sysconfig.get_path("purelib"), ""),
        (ROOT, "callspan: "),
        (sysconfig.get_path("stdlib"), ""),
    ):
        if path.is_relative_to(folder):
            first = path.relative_to(folder).parts[0]
            return "Python" if str(folder) == sysconfig.get_path("stdlib") else prefix + first.removesuffix(".py")
    return "Python"


def named(where: Where) -> str:
    """Return a function's name for people."""
    file, line, name = where
    return name if file == "~" else f"{package(file)} {Path(file).name}:{line} {name}"


if __name__ == "__main__":
    sys.exit(main())
