"""`callspan monitoring`: writes the bodies for Datadog's API, for those who do not use Terraform."""

from __future__ import annotations

from pathlib import Path

import click

from app.values import parse_metric_tags
from architect.command_parts import pairs
from monitoring.bodies import Choices, bodies, write

_DEFAULTS = Choices()


@click.command(
    epilog="\b\nExample:\n  callspan monitoring --metric-tags priority,line --notify @slack-calls --out datadog",
)
@click.option("--env", default=_DEFAULTS.env, show_default=True, help="DD_ENV of the service to watch.")
@click.option("--metric-tags", default="", metavar="KEY,...", help="The service's CALLSPAN_METRIC_TAGS.")
@click.option("--notify", multiple=True, metavar="@HANDLE", help="Whom monitors tell; may be repeated.")
@click.option("--threshold", "thresholds", multiple=True, metavar="MONITOR=NUMBER", help="May be repeated.")
@click.option(
    "--no-calls-minutes", default=_DEFAULTS.no_calls_minutes, show_default=True, help="How long no call is normal."
)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write to.")
def monitoring(
    env: str, metric_tags: str, notify: tuple[str, ...], thresholds: tuple[str, ...], no_calls_minutes: int, out: Path
) -> None:
    """Write the dashboard, monitors, retention filters and metrics as bodies for Datadog's API."""
    try:
        tags = parse_metric_tags(metric_tags)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--metric-tags") from None
    try:
        criticals = {name: _number(text) for name, text in pairs(thresholds, "--threshold").items()}
        choices = Choices(env, tags, notify, criticals, no_calls_minutes)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    for path in write(bodies(choices), out):
        click.echo(path)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise click.BadParameter(f'"{text}" is not a number', param_hint="--threshold") from None
