"""Checks on expressions and variables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from architect.expressions import ExpressionError
from architect.linter.finding import Finding
from architect.runner.flow import Action, Parts
from architect.runner.lint.bench import Bench, located, type_name
from architect.runner.source import Record, Scalar
from architect.runner.values import expression_place, parsed

_UNTOLD = {"Any", "NOT_SET", "Any Collection", "JSON"}
"""Types of results that fit everywhere, as far as can be told; Genesys' own flows put JSON into strings."""

_UNSUBSTITUTED = re.compile(r"\{\{[^{}]*\}\}|\$\{[^{}]*\}")


def expressions(bench: Bench) -> Iterator[Finding]:
    """Check every expression: that Architect accepts it, and that its variables are there."""
    for parts, node in located(bench.flow.source.root):
        written = node.items.get("exp") if isinstance(node, Record) else None
        if isinstance(written, Scalar):
            yield from _expression(bench, written, (*parts, "exp"))


def _expression(bench: Bench, written: Scalar, parts: Parts) -> Iterator[Finding]:
    try:
        # What is not substituted yet is a word of the same length, so that columns stay right.
        expression = parsed(_UNSUBSTITUTED.sub(lambda found: "x" * len(found.group()), written.text))
        names = expression.variables()
        unknown = [name for name in names if not bench.is_known(name) and name.lower() not in bench.made]
        for name in unknown:
            yield bench.finding(
                "variable-undeclared",
                written.place,
                f"`{name}` is used here and declared nowhere.",
                remedy="Declare it under `variables`, or mend its spelling.",
                parts=parts,
            )
        typed = all(name.lower() in bench.types for name in names)
        expression.check({name: bench.types[name.lower()] for name in names} if typed else None)
    except ExpressionError as error:
        yield bench.finding(
            "expression-invalid",
            expression_place(written, error),
            f"Architect does not accept this expression, {_where(error)}.",
            shown=error.message,
            remedy="Mend it; `callspan flow run` shows what it gives.",
            parts=parts,
        )


def _where(error: ExpressionError) -> str:
    return f"column {error.column}" if error.line == 1 else f"line {error.line}, column {error.column}"


def result_type(bench: Bench, wrapped: object) -> tuple[str, Scalar] | None:
    """Give the type of a wrapped expression; None when there is none, or its type cannot be told."""
    written = wrapped.get("exp") if isinstance(wrapped, Record) else None
    if not isinstance(written, Scalar):
        return None
    try:
        expression = parsed(written.text)
        names = expression.variables()
        if not all(name.lower() in bench.types for name in names):
            return None
        found = expression.check({name: bench.types[name.lower()] for name in names})
    except ExpressionError:
        return None
    return None if found in _UNTOLD else (found, written)


def types(bench: Bench) -> Iterator[Finding]:
    """Check that expressions give the type that is wanted where they stand."""
    for action in bench.flow.actions:
        for wrapped, wanted, parts in _wanted(action):
            found = result_type(bench, wrapped)
            if found is not None and found[0] != wanted and (found[0], wanted) != ("Integer", "Decimal"):
                yield bench.finding(
                    "expression-type",
                    found[1].place,
                    f"The expression gives {found[0]}; {wanted} is wanted here.",
                    remedy="Convert it, for instance with ToString()." if wanted == "String" else "Convert it.",
                    parts=(*action.parts, *parts),
                )


def _wanted(action: Action) -> Iterator[tuple[object, str, Parts]]:
    if action.kind == "decision":
        yield action.body.get("condition"), "Boolean", ("condition",)
    elif action.kind == "updateData":
        for index, item in enumerate(action.body.sequence("statements")):
            for kind, statement in item.items.items() if isinstance(item, Record) else ():
                wanted = type_name(kind)
                if wanted is not None and isinstance(statement, Record):
                    yield statement.get("value"), wanted, ("statements", index, kind, "value")
    elif action.kind in {"setParticipantData", "setConversationData"}:
        for index, item in enumerate(action.body.sequence("attributes")):
            if isinstance(item, Record):
                yield item.get("attribute", "value"), "String", ("attributes", index, "attribute", "value")


def targets(bench: Bench) -> Iterator[Finding]:
    """Find values that are put in variables that nobody declared."""
    for parts, node in located(bench.flow.source.root):
        for key in ("var", "variable"):
            target = node.items.get(key) if isinstance(node, Record) else None
            if isinstance(target, Scalar) and not bench.is_known(target.text):
                yield bench.finding(
                    "target-undeclared",
                    target.place,
                    f"`{target.text}` is declared nowhere.",
                    remedy="Declare it under `variables`, or mend its spelling.",
                    parts=(*parts, key),
                )
