"""Lints one flow: every check in turn, findings in the order of the file."""

from __future__ import annotations

from collections.abc import Mapping

from architect.emulator.export import DataAction
from architect.linter.finding import Finding
from architect.runner.errors import FlowError
from architect.runner.flow import Flow
from architect.runner.lint.attributes import attributes
from architect.runner.lint.bench import Bench, finding
from architect.runner.lint.data_actions import data_actions
from architect.runner.lint.meaning import expressions, targets, types
from architect.runner.lint.spelling import names, quotes, substitutions
from architect.runner.source import Place


def lint_flow(
    raw: bytes,
    *,
    name: str,
    given: Mapping[str, str] | None = None,
    actions: Mapping[str, DataAction] | None = None,
) -> list[Finding]:
    """Lint a file's content; `name` is what findings call it.

    `given` are the substitutions, None when they are not to be checked. `actions` are the exports of data actions to
    compare with, by name; None when there are none.
    """
    try:
        flow = Flow.parse(raw.decode("utf-8-sig"), name=name, substitutions=given)
    except UnicodeDecodeError as error:
        told = f"byte {error.start} cannot be UTF-8: {error.reason}"
        return [_unreadable(name, Place(1, 1), "The file is not UTF-8 text.", told, "Save it as UTF-8.")]
    except FlowError as error:
        return [
            _unreadable(name, Place(each.line, each.column), "The flow cannot be read.", each.text, "Mend it there.")
            for each in error.problems
        ]
    bench = Bench(flow, actions=actions)
    found = [
        *names(bench),
        *quotes(bench),
        *substitutions(bench, given),
        *expressions(bench),
        *types(bench),
        *targets(bench),
        *data_actions(bench),
        *attributes(bench),
    ]
    return sorted(found, key=lambda each: (each.line or 0, each.column or 0, each.rule.id))


def _unreadable(file: str, place: Place, problem: str, shown: str, remedy: str) -> Finding:
    return finding(file, "flow-unreadable", place, problem, shown=shown, remedy=remedy)
