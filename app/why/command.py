"""`callspan why`. Exit codes: 0 the attribute is there; 1 it is not, or nobody could tell; 2 wrong use."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from app.identity import conversation_id
from app.lookup import UnrecognisedError, recognise
from app.printing import echo_lines

_PER_MINUTE = 120
"""Requests at most, so that the same OAuth client has some left for the service."""


@click.command(
    epilog="\b\nExample:\n  callspan why 8f14e45f-ceea-467f-a34e-7d5c3b2a1908 --attribute priority --expected high"
)
@click.argument("conversation", metavar="CONVERSATION_ID")
@click.option("--attribute", default="traceparent", show_default=True, metavar="NAME", help="What does not show up.")
@click.option("--expected", metavar="VALUE", help="The value it should have; any, when this is left out.")
@click.option("--wrote-to", metavar="URL", help="The address that was written to, to have it looked at.")
@click.option("--looked-at", type=click.Choice(["conversation", "analytics"]), help="Where it was looked for.")
@click.option(
    "--wait",
    type=click.FloatRange(1, 60),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to look for it, since writes take a while.",
)
@click.option("--show-value", is_flag=True, help="Show its value, unless that looks like personal data.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def why(conversation: str, wait: float, *, show_value: bool, as_json: bool, **asked: Any) -> None:
    """Explain why an attribute that was written on a conversation does not show up.

    Reads the conversation from Genesys Cloud, as the OAuth client of GENESYSCLOUD_REGION, GENESYSCLOUD_OAUTHCLIENT_ID
    and GENESYSCLOUD_OAUTHCLIENT_SECRET, and writes nothing. Exits with 0 when the attribute is there, with 1 when it
    is not.
    """
    from app.config import ConfigurationError
    from app.genesys.access import GenesysSettings, platform_client
    from app.genesys.budget import Budget
    from app.why.diagnosis import diagnose
    from app.why.question import Question
    from app.why.report import as_dict, lines
    from app.why.watching import watch

    try:
        found = conversation_id(recognise(conversation).trace.trace_id)
    except UnrecognisedError as error:
        raise click.BadParameter(str(error), param_hint="CONVERSATION_ID") from None
    try:
        client = platform_client(GenesysSettings.from_environ(os.environ), _PER_MINUTE)
    except ConfigurationError as error:
        raise click.UsageError("\n".join(error.problems)) from None
    if client is None:
        raise click.UsageError(
            "Set GENESYSCLOUD_REGION, GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET to those of an "
            "OAuth client (client credentials) whose role has conversation:communication:view."
        )
    question = Question(found, **asked)
    if sys.stderr.isatty():
        click.echo(f"Reading the conversation, for up to {wait:.0f} s ...", err=True)
    seen = watch(client, question, Budget(wait))
    diagnosis = diagnose(seen)
    if as_json:
        click.echo(json.dumps(as_dict(seen, diagnosis, show_value=show_value), indent=2))
    else:
        echo_lines(lines(seen, diagnosis, show_value=show_value))
    sys.exit(not diagnosis.visible)
