"""`callspan flow`: run, lint and draw Architect flows, offline.

Exit codes: 0 all is well; 1 something was found, the flow did not end in order, or the file is no flow that can be run;
2 the command was used wrongly or a file cannot be read.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from architect.command_parts import FILE, dependencies, format_option, pairs, read, report, severity_option, watched

if TYPE_CHECKING:
    from architect.linter.finding import Finding
    from architect.runner import Flow, Scenario, Transcript

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_SUBSTITUTE = click.option(
    "--substitute", "substitutions", multiple=True, metavar="KEY=VALUE", help="A {{substitution}}; may be repeated."
)


@click.group()
def flow() -> None:
    """Architect flows: run, lint and draw Archy YAML."""


@flow.command("run", epilog="\b\nExample:\n  callspan flow run architect/flows/inbound-call.yaml --scenario timeout")
@click.argument("file", type=FILE)
@click.option("--scenario", "scenario_name", required=True, metavar="FILE|NAME", help="The call, see below.")
@click.option("--actions", type=_FOLDER, help="The folder of exported data actions, for replies over HTTP.")
@click.option("--modules", type=_FOLDER, help="The folder of common modules; by default that of FILE.")
@click.option("--base-url", metavar="URL", help="Where to send requests instead of the exports' own addresses.")
@click.option("--credentials", multiple=True, metavar="NAME=VALUE", help="A field of the credential; may be repeated.")
@_SUBSTITUTE
@click.option("--participant-data", "found", multiple=True, metavar="NAME=VALUE", help="On the call before the flow.")
@click.option("--conversation-id", metavar="UUID", help="The conversation.")
@click.option("--step-timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="Per action.")
@click.option("--format", "form", default="text", type=click.Choice(["text", "json"]), help="How to report.")
def run_command(file: Path, scenario_name: str, form: str, **changes: Any) -> None:
    """Run a flow for one call and print what happens, step by step.

    SCENARIO is a YAML file, or one of answered, rejected, failure, timeout, http, existing-context, malformed-context.
    Exits with 0 when the flow ends in order, with 1 when it does not.
    """
    with dependencies():
        from architect.runner import FlowError, ScenarioError, load_flow
    try:
        scenario = _changed(_scenario(scenario_name), file, changes)
        course = _run(load_flow(file, scenario.substitutions), scenario)
    except FlowError as error:
        raise click.ClickException(str(error)) from None
    except ScenarioError as error:
        raise click.BadParameter(str(error), param_hint="--scenario") from None
    if form == "json":
        from architect.emulator.json_text import dumps

        click.echo(dumps(course.as_dict()))
    else:
        click.echo(course.text())
    sys.exit(not course.in_order)


@flow.command("lint", epilog="\b\nExample:\n  callspan flow lint architect/flows/*.yaml --actions architect/actions")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option("--actions", type=_FOLDER, help="The folder of exported data actions to compare with.")
@_SUBSTITUTE
@format_option
@severity_option
def lint_command(
    files: tuple[Path, ...], actions: Path | None, substitutions: tuple[str, ...], form: str, min_severity: Any
) -> None:
    """Find what Archy refuses, or calls will suffer from.

    Without any --substitute, substitutions are not compared. Exits with 1 when an error or a warning is reported,
    with 0 when nothing or only notes are.
    """
    with dependencies():
        from architect.runner import ScenarioError
        from architect.runner.back_end import exports_in
        from architect.runner.lint.linting import lint_flow
        from architect.runner.lint.rules import FLOW_RULES
    try:
        exports = exports_in(actions) if actions is not None else None
    except ScenarioError as error:
        raise click.BadParameter(str(error), param_hint="--actions") from None
    given = pairs(substitutions, "--substitute") or None
    findings: list[Finding] = []
    for path in watched(files):
        findings += lint_flow(read(path), name=str(path), given=given, actions=exports)
    report(findings, len(files), form, min_severity, FLOW_RULES)


@flow.command(
    "draw",
    epilog="\b\nExample:\n  callspan flow draw your-flow.yaml --out your-flow.svg --substitute queue_name=Sales",
)
@click.argument("file", type=FILE)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the SVG instead.")
@_SUBSTITUTE
def draw_command(file: Path, out: Path | None, substitutions: tuple[str, ...]) -> None:
    """Draw a flow as an SVG: its actions, the paths between them, and those that are missing.

    A data action without a failure or timeout path shows it in red, with the word missing. Where participant data is
    set is marked with a tag.
    """
    with dependencies():
        from architect.runner import Flow, FlowError
        from architect.runner.picture import draw_flow
    try:
        svg = draw_flow(Flow.load(file, pairs(substitutions, "--substitute")))
    except FlowError as error:
        raise click.ClickException(str(error)) from None
    if out is None:
        click.echo(svg, nl=False)
        return
    try:
        out.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise click.BadParameter(f"{out}: {error.strerror}", param_hint="--out") from None
    click.echo(out)


def _scenario(name: str) -> Scenario:
    from architect.runner import Scenario, ScenarioError
    from architect.runner.examples import EXAMPLES

    if name in EXAMPLES:
        return EXAMPLES[name]
    if not Path(name).is_file():
        raise ScenarioError(f"{name} is neither a file nor one of {', '.join(EXAMPLES)}")
    try:
        return Scenario.load(name)
    except OSError as error:
        raise ScenarioError(f"{name}: {error.strerror}") from None


def _changed(scenario: Scenario, file: Path, changes: dict[str, Any]) -> Scenario:
    """Give the scenario with what the command line says differently."""
    data = pairs(changes["found"], "--participant-data")
    values = pairs(changes["substitutions"], "--substitute")
    credentials = pairs(changes["credentials"], "--credentials")
    return replace(
        scenario,
        actions=changes["actions"] or scenario.actions,
        modules=changes["modules"] or scenario.modules or file.parent,
        base_url=changes["base_url"] or scenario.base_url,
        credentials={**scenario.credentials, **credentials},
        substitutions={**scenario.substitutions, **values},
        participant_data={**scenario.participant_data, **data},
        conversation_id=changes["conversation_id"] or scenario.conversation_id,
        step_timeout_seconds=changes["step_timeout"] or scenario.step_timeout_seconds,
    )


def _run(loaded: Flow, scenario: Scenario) -> Transcript:
    """Run without waiting for requests that the flow gave up on: the process ends and takes them along."""
    from architect.runner.back_end import BackEnd
    from architect.runner.run import Run

    back_end = BackEnd(scenario)
    try:
        return Run(loaded, scenario, back_end).perform()
    finally:
        back_end.abandon()
