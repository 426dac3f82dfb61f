"""The `callspan` command: makes credentials, makes what is imported into Genesys Cloud, and tries it offline.

Where the package is not installed, as on a Heroku dyno, it is `python -m app.cli`.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from app import __version__
from app.config import ConfigurationError, Settings
from app.credentials import clients_text, new_client, new_key
from app.doctor.command import doctor
from app.identity import conversation_id
from app.lookup import UnrecognisedError, recognise
from app.setup.command import init
from app.values import SCOPES, parse_clients, parse_url
from app.why.command import why
from architect.action_commands import action
from architect.flow_commands import flow
from architect.trace_commands import CallIds, trace_commands
from monitoring.commands import monitoring
from schemas import CONTRACTS
from schemas.exports import AUTHORIZATIONS, exports, write


def _call_ids(pasted: str) -> CallIds:
    """Read the id of a conversation or of its own trace, in whatever it was copied out of."""
    try:
        trace = recognise(pasted).trace
    except UnrecognisedError as error:
        raise click.BadParameter(str(error)) from None
    return CallIds(conversation_id(trace.trace_id), trace.traceparent)


@click.group()
@click.version_option(__version__, prog_name="callspan")
def main() -> None:
    """Every Genesys Cloud call, one Datadog trace."""


main.add_command(action)
main.add_command(flow)
main.add_command(init)
main.add_command(monitoring)
main.add_command(trace_commands(_call_ids))
main.add_command(doctor)
main.add_command(why)


@main.group()
def key() -> None:
    """Keys that sign access tokens."""


@key.command("new", epilog="\b\nExample:\n  callspan key new")
def key_new() -> None:
    """Print a new signing key.

    To change keys without refusing anybody, put the new one first in CALLSPAN_JWT_KEYS and take the old one out when
    its last token has expired.
    """
    click.echo(new_key())


@main.group()
def client() -> None:
    """Clients: who may call the service."""


@client.command("new", epilog="\b\nExample:\n  callspan client new genesys --scope actions --scope events")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES), help="May be repeated.")
def client_new(name: str, scopes: tuple[str, ...]) -> None:
    """Make a client and print its secret, once, and the value for CALLSPAN_CLIENTS.

    Clients that CALLSPAN_CLIENTS already names are kept.
    """
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise click.BadParameter("use letters, digits, - and _ only", param_hint="NAME")
    present = os.environ.get("CALLSPAN_CLIENTS", "").strip()
    try:
        clients = parse_clients(present) if present else {}
    except (ValueError, TypeError) as error:
        raise click.ClickException(f"CALLSPAN_CLIENTS {error}") from None
    if name in clients:
        raise click.ClickException(
            f'CALLSPAN_CLIENTS names "{name}" already; take it out first to give it a new secret'
        )
    made, secret = new_client(name, scopes)
    click.echo(f"client id      {name}")
    click.echo(f"client secret  {secret}")
    click.echo("The secret is shown this once. Set, for the service:")
    click.echo(f"CALLSPAN_CLIENTS='{clients_text({**clients, name: made})}'")


@main.group()
def token() -> None:
    """Access tokens."""


@token.command("new", epilog="\b\nExample:\n  callspan token new genesys --days 365")
@click.argument("client_id", metavar="CLIENT")
@click.option("--days", required=True, type=click.IntRange(1, 3650), help="How long the token is good.")
def token_new(client_id: str, days: int) -> None:
    """Sign a long-lived token for a client, for a static credential in Genesys Cloud.

    It carries the scopes that the client has, and stops working when its client or its key is taken out of the
    service's configuration.
    """
    from app.oauth import Tokens

    try:
        settings = Settings.from_environ()
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None
    if client_id not in settings.clients:
        raise click.ClickException(f'CALLSPAN_CLIENTS does not name "{client_id}"')
    found = settings.clients[client_id]
    click.echo(Tokens(settings.clients, settings.jwt_keys).issue(found, found.scopes, days * 86_400))


@main.command(epilog="\b\nExample:\n  callspan export --base-url https://callspan.example.com --out actions")
@click.option("--base-url", required=True, help="Where the service runs, such as https://callspan.example.com.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write to.")
@click.option("--auth", default="oauth", type=click.Choice(list(AUTHORIZATIONS)), help="How the actions sign in.")
def export(base_url: str, out: Path, auth: str) -> None:
    """Write the data actions as files for the Import button of Genesys Cloud."""
    try:
        address = parse_url(base_url)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--base-url") from None
    for path in write(exports(CONTRACTS, address, auth), out):
        click.echo(path)


if __name__ == "__main__":
    main()
