"""What `callspan action` and `callspan flow` have in common: their options, and how findings are reported."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from architect.linter.finding import Finding
    from architect.linter.rule import Rule

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEEDED = frozenset({"jsonschema", "lark", "rich", "urllib3", "yaml"})
MANY = 20
"""From how many files on it is worth showing how far their reading has come: about a second's work."""

format_option = click.option(
    "--format", "form", default="text", type=click.Choice(["text", "json", "sarif"]), help="How to report."
)
severity_option = click.option(
    "--min-severity",
    default="note",
    type=click.Choice(["error", "warning", "note"]),
    help="Leave out what is less severe.",
)


class MissingError(click.ClickException):
    """A library that running things offline needs is not installed."""

    exit_code = 2


@contextmanager
def dependencies() -> Iterator[None]:
    """Turn a missing library into one line that says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _NEEDED:
            raise
        raise MissingError(f"{error.name} is missing: pip install '.[emulator]' in the folder of Callspan") from None


def report(findings: Sequence[Finding], files: int, form: str, least: Any, rules: Mapping[str, Rule]) -> None:
    """Print the findings that are severe enough, and exit: with 1 when there is an error or a warning among them."""
    from architect.linter.rule import at_least
    from architect.linter.sarif import sarif
    from architect.linter.text_output import findings_text, summary

    findings = [finding for finding in findings if at_least(finding.rule.severity, least)]
    if form == "sarif":
        click.echo(json.dumps(sarif(findings, rules), indent=2))
    elif form == "json":
        click.echo(json.dumps([finding.as_dict() for finding in findings], indent=2))
    else:
        if findings:
            click.echo(findings_text(findings) + "\n")
        click.echo(summary(findings, files))
    sys.exit(any(at_least(finding.rule.severity, "warning") for finding in findings))


def watched(files: Sequence[Path]) -> Iterator[Path]:
    """Give the files one by one; where there are many and a person looks on, show how far it has come, on stderr."""
    if len(files) < MANY or not sys.stderr.isatty():
        yield from files
        return
    with dependencies():
        from rich.console import Console
        from rich.progress import track
    yield from track(files, description="Reading", console=Console(stderr=True), transient=True)


def read(path: Path) -> bytes:
    """Return a file's content."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", param_hint="FILE") from None


def pairs(given: tuple[str, ...], option: str) -> dict[str, str]:
    """Read `NAME=VALUE` options. What was typed may be a secret, so a wrong one is not repeated."""
    found = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not sign or not name:
            raise click.BadParameter("write NAME=VALUE", param_hint=option)
        found[name] = value
    return found
