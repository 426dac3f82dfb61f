"""`callspan doctor`. Exit codes: 0 all is well, or only warned of; 1 something failed; 2 wrong use."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from app.printing import echo_lines, labelled
from app.values import parse_service_url

_COLOURS = {"ok": "green", "warning": "yellow", "failed": "red", "skipped": "bright_black"}


@click.command(epilog="\b\nExample:\n  callspan doctor --url https://callspan.example.com --actions actions")
@click.option("--url", metavar="URL", help="Look at the service at this address too.")
@click.option(
    "--client-id",
    envvar="CALLSPAN_CLIENT_ID",
    show_envvar=True,
    metavar="ID",
    help="A client of the service at --url, to start a call there that does not exist.",
)
@click.option(
    "--client-secret",
    envvar="CALLSPAN_CLIENT_SECRET",
    show_envvar=True,
    metavar="SECRET",
    help="Its secret; better in the environment than here, where other users of the machine can read it.",
)
@click.option(
    "--actions",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Compare the exported actions in this folder with what this version would export.",
)
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def doctor(
    url: str | None, client_id: str | None, client_secret: str | None, actions: Path | None, *, as_json: bool
) -> None:
    """Check everything that calls depend on, and say what would put right what is wrong.

    Without --url it looks at the service as it would run in this environment, and sends nothing but questions. With
    --url and a client it starts a call at that service, whose conversation id begins with d0c70000 and whose flow is
    called "callspan doctor". Exits with 0 when all is well or only warned of, with 1 when something failed.
    """
    address = _address(url)
    if bool(client_id) != bool(client_secret):
        raise click.UsageError("Give both of --client-id and --client-secret, or neither.")
    from app.doctor.check import as_dict
    from app.doctor.examination import Patient, examine
    from app.doctor.web import Web

    credentials = (client_id, client_secret) if client_id and client_secret else None
    checks = examine(Patient(os.environ, address, credentials, actions), Web())
    found = as_dict(checks)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        width = max(len(check.name) for check in checks)
        for check in checks:
            status = (f"{check.status:<8}", _COLOURS[check.status])
            echo_lines(labelled([status, (f"{check.name:<{width}}  ", None)], check.what))
            if check.fix:
                echo_lines(labelled([(" " * 8, None), (f"{'fix':<{width}}  ", "cyan")], check.fix))
        counts = ", ".join(f"{number} {status}" for status, number in found["summary"].items() if number)
        echo_lines([[(f"{len(checks)} checks: {counts}", None)]])
    sys.exit(found["summary"]["failed"] > 0)


def _address(url: str | None) -> str | None:
    try:
        return None if url is None else parse_service_url(url)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from None
