"""Reads a flow to be run, and says beforehand what of it cannot be run here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike

from architect.expressions import ExpressionError
from architect.runner.errors import FlowError, Problem
from architect.runner.flow import Flow, reference_id
from architect.runner.source import Node, Record, Scalar, walk
from architect.runner.steps import STEPS
from architect.runner.values import expression_place, parsed


def load_flow(path: str | PathLike[str], substitutions: Mapping[str, str] | None = None) -> Flow:
    """Read a flow that is to be run. Raises `FlowError` with everything that prevents it, OSError."""
    flow = Flow.load(path, substitutions)
    require_runnable(flow, substitutions or {})
    return flow


def require_runnable(flow: Flow, substitutions: Mapping[str, str]) -> None:
    """Make sure that a flow can be run. Raises `FlowError` with everything that prevents it."""
    found = [*_unsubstituted(flow, substitutions), *_unsupported(flow), *_unreadable(flow)]
    if found:
        raise FlowError(flow.source.name, sorted(found, key=lambda each: (each.line, each.column)))


def expressions(flow: Flow) -> Iterator[Scalar]:
    """Give every expression of a flow as it is written: the scalars under the key `exp`."""
    return _expressions(flow.source.root)


def _expressions(node: Node) -> Iterator[Scalar]:
    for each in walk(node):
        written = each.get("exp") if isinstance(each, Record) else None
        if isinstance(written, Scalar):
            yield written


def _unsubstituted(flow: Flow, substitutions: Mapping[str, str]) -> Iterator[Problem]:
    for key, place in flow.source.substituted.items():
        if key not in substitutions:
            yield Problem(place.line, place.column, f"the substitution `{key}` is not given")


def _unsupported(flow: Flow) -> Iterator[Problem]:
    for action in flow.actions:
        if action.kind not in STEPS:
            yield Problem(action.place.line, action.place.column, f"the action `{action.kind}` cannot be run offline")
        for key in ("targetTaskRef", "targetStateRef"):
            target = action.body.get(key)
            if isinstance(target, Scalar) and reference_id(target.text) not in flow.places:
                yield Problem(
                    target.place.line, target.place.column, f"{key}: there is no `{target.text}` in this file"
                )


def _unreadable(flow: Flow) -> Iterator[Problem]:
    for written in expressions(flow):
        try:
            parsed(written.text)
        except ExpressionError as error:
            place = expression_place(written, error)
            yield Problem(place.line, place.column, f"not an expression: {error}")
