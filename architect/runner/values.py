"""Values as flows write them: `lit`, `exp`, `noValue` and `tts`, each in a record of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache

from architect.expressions import NOT_SET, Entity, EvaluationError, Expression, ExpressionError
from architect.runner.source import Node, Place, Record, Scalar, Sequence, scalar_value

WRAPPERS = frozenset({"lit", "exp", "noValue", "noValueWithNoFallback", "tts", "var"})
_UNITS = {"days": "days", "hours": "hours", "minutes": "minutes", "seconds": "seconds", "ms": "milliseconds"}
_OBJECTS = {
    "queue": "Queue",
    "user": "User",
    "skill": "Skill",
    "language": "Language",
    "prompt": "Prompt",
    "group": "Group",
    "schedule": "Schedule",
    "wrapupCode": "Wrapup Code",
    "externalContact": "External Contact",
}


class StepError(Exception):
    """An action cannot be carried out with the values it has: Architect goes to the flow's error handling.

    `place` is that of the value in the file, when there is one.
    """

    def __init__(self, message: str, place: Place | None = None) -> None:
        super().__init__(message)
        self.place = place


@lru_cache(maxsize=4096)
def parsed(text: str) -> Expression:
    """Give an expression; the same text is read once. Raises `ExpressionError`."""
    return Expression.parse(text)


def expression_place(scalar: Scalar, error: ExpressionError) -> Place:
    """Give the place in the file of an error in an expression, as exactly as its YAML spelling allows."""
    if not scalar.single_line or error.line != 1:
        return scalar.place
    return Place(scalar.place.line, scalar.place.column + (0 if scalar.plain else 1) + error.column - 1)


def evaluate(node: Node | None, variables: Mapping[str, object], kind: str = "") -> object:
    """Give the value of a wrapped value; NOT_SET for `noValue` and for nothing at all.

    `kind` is the type wanted, as in `stringVariable` and `string`, which decides what a literal is; "" leaves it to
    how the literal is written. Raises `StepError` when an expression fails.
    """
    if not isinstance(node, Record):
        return NOT_SET
    written = node.get("exp")
    if isinstance(written, Scalar):
        try:
            return parsed(written.text).evaluate(variables)
        except ExpressionError as error:
            place = expression_place(written, error)
            verb = "failed" if isinstance(error, EvaluationError) else "is not valid"
            raise StepError(f"the expression {verb} at its {error}", place) from None
        except (TypeError, ValueError) as error:
            # A scenario or a data action gave a variable what Architect has no type for, such as a 20-digit integer.
            raise StepError(
                f"a variable in the expression has no value of Architect's: {error}", written.place
            ) from None
    literal = node.get("lit")
    if literal is not None:
        return literal_value(literal, kind)
    spoken = node.text("tts")
    return NOT_SET if spoken is None else spoken


def literal_value(node: Node, kind: str = "") -> object:
    """Give the value of a literal, as the type `kind`. Raises `StepError` when it is none of that type."""
    if isinstance(node, Sequence):
        element = kind.removesuffix("Collection")
        return [
            evaluate(each, {}, element) if _is_wrapped(each) else literal_value(each, element) for each in node.nodes
        ]
    if isinstance(node, Record):
        return _object(node, kind)
    return _scalar(node, kind)


def _is_wrapped(node: Node) -> bool:
    return isinstance(node, Record) and len(node.items) == 1 and WRAPPERS.issuperset(node.items)


def _object(node: Record, kind: str) -> object:
    found = {name: scalar_value(each) for name, each in node.items.items() if isinstance(each, Scalar)}
    if found and _UNITS.keys() >= found.keys():
        try:
            return timedelta(**{_UNITS[name]: float(str(amount)) for name, amount in found.items()})
        except (ValueError, OverflowError):
            raise StepError("a duration's parts should be numbers", node.place) from None
    return Entity(_OBJECTS.get(kind, kind[:1].upper() + kind[1:] or "Queue"), found)


def _scalar(scalar: Scalar, kind: str) -> object:
    if kind == "string":
        return scalar.text
    value = scalar_value(scalar)
    if kind == "json" and isinstance(value, str):
        return value
    kinds: dict[str, tuple[type, ...]] = {"integer": (int,), "boolean": (bool,), "decimal": (Decimal, int)}
    wanted = kinds.get(kind)
    if wanted is not None and (not isinstance(value, wanted) or (kind != "boolean" and isinstance(value, bool))):
        raise StepError(f"`{scalar.text}` is no {kind}", scalar.place)
    if kind == "decimal" and isinstance(value, int):
        return Decimal(value)
    return NOT_SET if value is None else value
