"""`callspan action`: lint, run and diff data actions, offline.

Exit codes: 0 all is well; 1 something was found, the run failed, or the file cannot be imported; 2 the command was
used wrongly, a file cannot be read, or a library is not installed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from architect.command_parts import FILE, dependencies, format_option, pairs, read, report, severity_option, watched

if TYPE_CHECKING:
    from architect.emulator.engine import Execution
    from architect.emulator.export import DataAction
    from architect.linter.finding import Finding


@click.group()
def action() -> None:
    """Genesys data actions: lint, run and compare exported files."""


@action.command("lint", epilog="\b\nExample:\n  callspan action lint architect/actions/*.json")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@format_option
@click.option("--diff", "show", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--fix", is_flag=True, help="Repair what has exactly one right answer, and show the change.")
@severity_option
def lint_command(files: tuple[Path, ...], form: str, min_severity: Any, *, show: bool, fix: bool) -> None:
    """Find what will break in Genesys Cloud, each finding with the input that shows it.

    Exits with 1 when an error or a warning is reported, with 0 when nothing or only notes are.
    """
    with dependencies():
        from architect.linter.fixing import repair
        from architect.linter.linting import lint_bytes
        from architect.linter.rules import RULES
        from architect.linter.text_output import printable
    findings: list[Finding] = []
    for path in watched(files):
        raw = read(path)
        if fix or show:
            mended = repair(raw, name=str(path))
            if form == "text" and mended.changed:
                click.echo(printable(mended.diff()))
            if fix and mended.changed:
                _write(path, mended.after)
                if form == "text":
                    click.echo(f"{path}: repaired {len(mended.mended)}\n")
            findings += mended.left if fix else mended.found
        else:
            findings += lint_bytes(raw, name=str(path))
    report(findings, len(files), form, min_severity, RULES)


@action.command(
    "run",
    epilog="\b\nExample:\n  callspan action run find-customer.custom.json --input phone=41441234567 --base-url http://127.0.0.1:8080",
)
@click.argument("file", type=FILE)
@click.option("--input", "inputs", multiple=True, metavar="NAME=VALUE", help="An input; may be repeated.")
@click.option("--credentials", multiple=True, metavar="NAME=VALUE", help="A field of the credential; may be repeated.")
@click.option("--auth", type=FILE, help="The integration's custom auth action, which fetches a token first.")
@click.option("--base-url", help="Send requests here instead of to the action's own scheme and host.")
@click.option("--flow-type", default="inboundCall", show_default=True, help="Voice flows get no failure outputs.")
@click.option("--report", "form", default="text", type=click.Choice(["text", "json"]), help="How to report.")
def run_command(
    file: Path,
    inputs: tuple[str, ...],
    credentials: tuple[str, ...],
    auth: Path | None,
    base_url: str | None,
    flow_type: str,
    form: str,
) -> None:
    """Execute an exported action over real HTTP and report the steps of Genesys' test mode.

    Exits with 0 when the action succeeds and with 1 when it fails. Secrets are masked in what is shown.
    """
    with dependencies():
        from architect.emulator.engine import Engine
        from architect.linter.text_output import printable
    tried = _load(file)
    signing_in = _load(auth) if auth is not None else None
    try:
        engine = Engine(
            auth=signing_in,
            credentials=pairs(credentials, "--credentials"),
            organization_id="00000000-0000-4000-8000-000000000000",
            base_url=base_url,
        )
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--auth") from None
    with engine:
        execution = engine.execute(tried, _typed(tried, pairs(inputs, "--input")), flow_type=flow_type)
    click.echo(_json_report(execution) if form == "json" else printable(_text_report(execution)))
    sys.exit(execution.path != "success")


@action.command(
    "diff",
    epilog="\b\nExample:\n  callspan action diff published.custom.json actions/start-call-trace.custom.json",
)
@click.argument("published", type=FILE)
@click.argument("new", type=FILE)
@click.option("--format", "form", default="text", type=click.Choice(["text", "json"]), help="How to report.")
def diff_command(published: Path, new: Path, form: str) -> None:
    """Tell whether NEW can be imported over PUBLISHED, and what it means for flows.

    A published contract never changes. Exits with 0 when NEW can be imported over PUBLISHED, with 1 when not.
    """
    with dependencies():
        from architect.linter.difference import difference, difference_text
        from architect.linter.text_output import printable
    found = difference(_load(published), _load(new), read(new).decode("utf-8-sig"))
    if form == "json":
        click.echo(json.dumps(found.as_dict(), indent=2))
    else:
        click.echo(printable(difference_text(found, (str(published), str(new)))))
    sys.exit(not found.importable)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", param_hint="FILE") from None


def _load(path: Path) -> DataAction:
    from architect.emulator.export import DataAction, ExportError

    try:
        return DataAction.parse(read(path), source=str(path))
    except ExportError as error:
        raise click.BadParameter(str(error), param_hint="FILE") from None


def _typed(tried: DataAction, given: Mapping[str, str]) -> dict[str, object]:
    """Read numbers, true, false and null where the contract declares them; the contract check sees the rest as text."""
    declared = tried.input_schema.get("properties")
    kinds = {"integer": (int,), "number": (int, float), "boolean": (bool,), "null": (type(None),)}
    values: dict[str, object] = dict(given)
    for name, text in given.items():
        schema = declared.get(name) if isinstance(declared, dict) else None
        kind = schema.get("type") if isinstance(schema, dict) else None
        try:
            value = json.loads(text)
        except ValueError:
            continue
        if isinstance(kind, str) and type(value) in kinds.get(kind, ()):
            values[name] = value
    return values


def _text_report(execution: Execution) -> str:
    lines = [execution.report.text(), f"Flow path: {execution.path}"]
    for label, values in (("Outputs", execution.outputs), ("Failure outputs", execution.failure_outputs or {})):
        shown = {name: value for name, value in values.items() if value is not None}
        if shown and (execution.path == "success") is (label == "Outputs"):
            lines += [f"{label}:", *(f"  {name} = {_json(value)}" for name, value in shown.items())]
    if execution.path == "failure" and execution.failure_outputs is None:
        lines.append("Failure outputs: none in a voice flow")
    return "\n".join(lines)


def _json_report(execution: Execution) -> str:
    request = execution.request
    return _json(
        {
            **execution.report.as_dict(),
            "path": execution.path,
            "outputs": dict(execution.outputs),
            "failureOutputs": None if execution.failure_outputs is None else dict(execution.failure_outputs),
            "request": None if request is None else request.text(),
            "choices": [choice.id for choice in execution.report.choices],
        }
    )


def _json(value: Any) -> str:
    from architect.emulator.json_text import dumps, from_python

    # Halves of surrogate pairs can be neither printed nor encoded.
    return dumps(from_python(value)).encode("utf-8", "backslashreplace").decode("utf-8")
