"""Lints one file: every check in turn, secrets masked, findings in the order of the file."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path

from architect.emulator.export import DataAction
from architect.emulator.transport import masked
from architect.linter.bodies import Body
from architect.linter.contracts import Contracts
from architect.linter.document import Document
from architect.linter.finding import Finding
from architect.linter.literal_secrets import LiteralSecrets
from architect.linter.metadata import check_metadata
from architect.linter.optional import OptionalInputs
from architect.linter.reading import UnreadableError, read
from architect.linter.references import References
from architect.linter.responses import Responses
from architect.linter.shape import Shape
from architect.linter.urls import Headers, Url
from architect.linter.workbench import Workbench

_SHOWN = 600


def lint(path: str | PathLike[str]) -> list[Finding]:
    """Lint a file. Raises OSError when it cannot be read."""
    return lint_bytes(Path(path).read_bytes(), name=str(path))


def lint_bytes(raw: bytes, *, name: str) -> list[Finding]:
    """Lint a file's content; `name` is what findings call it."""
    try:
        document, value, findings = read(raw, name)
    except UnreadableError as error:
        return [error.finding]
    shape = Shape(document, value)
    action = shape.action()
    findings += shape.findings
    findings += check_metadata(document, value, action)
    return _presented(document, action, findings + checked(document, action))


def checked(document: Document, action: DataAction) -> list[Finding]:
    """Check contracts and templates; of built-in actions, which nobody can change, neither."""
    if action.action_type == "static":
        return []
    contracts = Contracts(document, action)
    findings = contracts.findings()
    findings += LiteralSecrets(document, action).findings()
    bench = Workbench(action)
    references = References(document, bench)
    findings += references.findings()
    body = None
    for place in references.places:
        if place.kind == "url":
            findings += Url(document, bench, place).findings()
        elif place.kind == "body":
            body = Body(document, bench, place)
            findings += body.findings()
    findings += Headers(document, bench, references.places).findings()
    findings += OptionalInputs(document, bench, body).findings(references.places)
    findings += Responses(document, action, usable=contracts.usable_output).findings()
    return findings


def secrets_of(raw: bytes, name: str) -> frozenset[str]:
    """Give what must not be shown of a file."""
    try:
        document, value, _ = read(raw, name)
    except UnreadableError:
        return frozenset()
    return LiteralSecrets(document, Shape(document, value).action()).masked_forms


def _presented(document: Document, action: DataAction, findings: list[Finding]) -> list[Finding]:
    secrets = LiteralSecrets(document, action).masked_forms
    shown = [
        replace(
            each,
            problem=masked(each.problem, secrets),
            trigger=masked(each.trigger, secrets),
            shown=_shortened(masked(each.shown, secrets)),
            remedy=masked(each.remedy, secrets),
        )
        for each in findings
    ]
    return sorted(shown, key=lambda each: (each.line or 0, each.column or 0, each.rule.id))


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]} [...] {text[-_SHOWN // 2 :]}"
