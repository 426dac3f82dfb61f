"""`callspan init`: asks, makes what is missing, writes the folder, and says what is left to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from app.config import ConfigurationError, Settings
from app.setup import rendering
from app.setup.checklist import checklist
from app.setup.folder import Folder, summary
from app.setup.questions import QUESTIONS, Answers, Question
from app.setup.secrets import (
    Credentials,
    Environment,
    LostSecretError,
    credentials_text,
    read_credentials,
    with_secrets,
)

F = TypeVar("F", bound=Callable[..., Any])


def _options(command: F) -> F:
    for question in reversed(QUESTIONS):
        default = f" [default: {question.default}]" if question.default else ""
        command = click.option(question.option, question.name, metavar="TEXT", help=f"{question.text}.{default}")(
            command
        )
    return command


@click.command(
    epilog="\b\nExample:\n  callspan init --region eu-central-1 --base-url https://callspan.example.com --queue Sales",
)
@click.option(
    "--out",
    default="callspan-setup",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to.",
)
@_options
@click.option("--yes", is_flag=True, help="Ask nothing: take the options, then earlier answers, then the defaults.")
@click.option("--show-secrets", is_flag=True, help="Print the credentials for Genesys Cloud at the end.")
def init(out: Path, *, yes: bool, show_secrets: bool, **given: str | None) -> None:
    """Make keys and a client, and write all that a deployment and an import into Genesys Cloud need.

    Run it again to change an answer: keys, secrets and files that you edited are kept.
    """
    try:
        folder = Folder(out)
    except (ValueError, AttributeError):
        raise click.ClickException(f"{out}/answers.json cannot be read; repair it, or take it away") from None
    answers = _taken(given, folder.answers) if yes else _asked(given, folder.answers)
    credentials = _write(folder, answers)
    click.echo(f"In {out}:\n{summary(folder.outcomes)}\n\n{checklist(answers, out)}")
    if show_secrets:
        click.echo(f"\nCredentials, by client id:\n{credentials_text(credentials)}", nl=False)


def _taken(given: Mapping[str, str | None], earlier: Answers) -> Answers:
    """Return the answers without asking."""
    texts = {q.name: _first(given[q.name], earlier.get(q.name), q.default) for q in QUESTIONS}
    missing = [question.option for question in QUESTIONS if texts[question.name] is None]
    if missing:
        raise click.UsageError(f"Without questions (--yes) these options are needed: {', '.join(missing)}")
    return {question.name: _checked(question, texts[question.name] or "") for question in QUESTIONS}


def _asked(given: Mapping[str, str | None], earlier: Answers) -> Answers:
    """Return the answers, of which those that no option gives are asked for."""
    # What options give is looked at first, so that nobody answers ten questions in vain.
    answers = {q.name: _checked(q, text) for q in QUESTIONS if (text := given[q.name]) is not None}
    for question in QUESTIONS:
        if question.name not in answers:
            default = _first(earlier.get(question.name), question.default)
            answers[question.name] = click.prompt(
                question.text, default=default, show_default=bool(default), value_proc=_prompted(question)
            )
    return answers


def _first(*texts: str | None) -> str | None:
    return next((text for text in texts if text is not None), None)


def _checked(question: Question, text: str) -> str:
    try:
        return question.answer(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=question.option) from None


def _prompted(question: Question) -> Callable[[str], str]:
    def read(text: str) -> str:
        try:
            return question.answer(text)
        except ValueError as error:
            # click shows this and asks again.
            raise click.UsageError(f"This {error}.") from None

    return read


def _write(folder: Folder, answers: Answers) -> Credentials:
    """Write all files, and return the clients' secrets."""
    environment, credentials = _secrets(folder, answers)
    folder.merge(".gitignore", rendering.ignoring_secrets(folder.read(".gitignore")))
    folder.keep_secret(rendering.CREDENTIALS, credentials_text(credentials))
    folder.keep_secret(rendering.ENVIRONMENT, rendering.environment_text(environment))
    folder.keep_secret(rendering.TERRAFORM_SECRETS, rendering.terraform_secrets(answers, credentials))
    folder.generate("terraform.tfvars", rendering.terraform_variables(answers))
    for name, text in rendering.actions(answers).items():
        folder.generate(f"actions/{name}", text)
    for name, text in rendering.flows(answers).items():
        folder.generate(f"flows/{name}", text)
    folder.remember(answers)
    return credentials


def _secrets(folder: Folder, answers: Answers) -> tuple[Environment, Credentials]:
    """Return the service's environment, which is one that it starts with, and the clients' secrets."""
    present = rendering.read_environment(folder.read(rendering.ENVIRONMENT))
    try:
        kept = read_credentials(folder.read(rendering.CREDENTIALS) or "{}")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise click.ClickException(
            f"{folder.path / rendering.CREDENTIALS} cannot be read; repair it, or take it away together with "
            f"{rendering.ENVIRONMENT} to have everything made anew"
        ) from None
    try:
        made, credentials = with_secrets(answers, present, kept)
        environment = {**made, **rendering.settings_of(answers)}
        Settings.from_environ({name: value for name, value in environment.items() if value})
    except LostSecretError as error:
        raise click.ClickException(
            f'{rendering.ENVIRONMENT} has the client "{error}", but {rendering.CREDENTIALS} has no secret for it: put '
            "it back, or take the client out of CALLSPAN_CLIENTS to have another made"
        ) from None
    except (ValueError, TypeError) as error:
        raise click.ClickException(f"{rendering.ENVIRONMENT}: CALLSPAN_CLIENTS {error}") from None
    except ConfigurationError as error:
        problems = "\n".join(f"  - {problem}" for problem in error.problems)
        raise click.ClickException(f"The service would not start with {rendering.ENVIRONMENT}:\n{problems}") from None
    return environment, credentials
