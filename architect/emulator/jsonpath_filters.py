"""The conditions inside a JSONPath filter, `[?( ... )]`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

from architect.emulator.java_values import java_text
from architect.emulator.json_text import Json
from architect.emulator.jsonpath_steps import Path, PathNotFoundError


class Undefined:
    """What a path in a filter gives when it leads nowhere; not even null equals it."""


UNDEFINED: Final = Undefined()
Value: TypeAlias = "Json | Undefined | re.Pattern[str]"


@dataclass(frozen=True, slots=True)
class Operand:
    """A path in a filter, from the value tested (`@`) or from the document (`$`)."""

    path: Path
    from_root: bool

    def value(self, tested: Json, root: Json) -> Value:
        """Follow the path."""
        try:
            return self.path.read(root if self.from_root else tested, root)
        except PathNotFoundError:
            return UNDEFINED


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the filter."""

    literal: Value

    def value(self, tested: Json, root: Json) -> Value:  # noqa: ARG002
        """Give the value."""
        return self.literal


@dataclass(frozen=True, slots=True)
class Exists:
    """`@.a` alone."""

    operand: Operand | Literal

    def holds(self, value: Json, root: Json) -> bool:
        """Tell whether the path leads somewhere, be it to null."""
        return self.operand.value(value, root) is not UNDEFINED


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`."""

    left: Operand | Literal
    operator: str
    right: Operand | Literal

    def holds(self, value: Json, root: Json) -> bool:
        """Compare the two sides."""
        return _OPERATORS[self.operator](self.left.value(value, root), self.right.value(value, root))


Condition: TypeAlias = "Exists | Comparison | Junction | Negation"


@dataclass(frozen=True, slots=True)
class Junction:
    """`a && b` or `a || b`."""

    conditions: tuple[Condition, ...]
    any_suffices: bool

    def holds(self, value: Json, root: Json) -> bool:
        """Tell whether any, or every, condition holds."""
        results = (condition.holds(value, root) for condition in self.conditions)
        return any(results) if self.any_suffices else all(results)


@dataclass(frozen=True, slots=True)
class Negation:
    """`!condition`."""

    condition: Condition

    def holds(self, value: Json, root: Json) -> bool:
        """Tell whether the condition does not hold."""
        return not self.condition.holds(value, root)


def _equal(left: Value, right: Value) -> bool:
    """Compare as Jayway does: the left side decides whether a number and a string meet as numbers or as text."""
    if _is_number(left) and isinstance(right, str):
        try:
            return Decimal(str(left)) == Decimal(right)
        except InvalidOperation:
            return False
    if isinstance(left, str) and _is_number(right):
        return left == java_text(right)
    return _strictly_equal(left, right)


def _strictly_equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right


def _ordered(compare: Callable[[Any, Any], Any]) -> Callable[[Value, Value], bool]:
    def holds(left: Value, right: Value) -> bool:
        comparable = (_is_number(left) and _is_number(right)) or (isinstance(left, str) and isinstance(right, str))
        return comparable and bool(compare(left, right))

    return holds


def _matches(left: Value, right: Value) -> bool:
    return isinstance(right, re.Pattern) and isinstance(left, str) and right.fullmatch(left) is not None


def _contains(left: Value, right: Value) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return _in(right, left)


def _in(left: Value, right: Value) -> bool:
    return isinstance(right, list) and any(_equal(left, each) for each in right)


def _all_in(left: Value, right: Value) -> bool:
    return isinstance(left, list) and all(_in(each, right) for each in left)


def _any_in(left: Value, right: Value) -> bool:
    return isinstance(left, list) and any(_in(each, right) for each in left)


def _none_in(left: Value, right: Value) -> bool:
    return isinstance(left, list) and not _any_in(left, right)


def _has_size(left: Value, right: Value) -> bool:
    return isinstance(left, str | list) and len(left) == right


def _is_empty(left: Value, right: Value) -> bool:
    return isinstance(left, str | list) and (not left) is right


def _is_number(value: Value) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


_OPERATORS: dict[str, Callable[[Value, Value], bool]] = {
    "==": _equal,
    "===": _strictly_equal,
    "!=": lambda left, right: not _equal(left, right),
    "!==": lambda left, right: not _strictly_equal(left, right),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "=~": _matches,
    "in": _in,
    "nin": lambda left, right: not _in(left, right),
    "contains": _contains,
    "subsetof": _all_in,
    "anyof": _any_in,
    "noneof": _none_in,
    "size": _has_size,
    "empty": _is_empty,
}
