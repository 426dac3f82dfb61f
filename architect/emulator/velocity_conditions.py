"""Conditions and arithmetic inside `#if( )` and `#set( )`, as Velocity 1.7 evaluates them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, DecimalException

from architect.emulator.java_values import Tool, java_text
from architect.emulator.velocity_tree import Node, Scope, TemplateError


@dataclass(slots=True)
class Negation(Node):
    """`!operand`."""

    operand: Node

    def value(self, scope: Scope) -> object:
        """Tell whether the operand does not hold."""
        return not self.operand.is_true(scope)


@dataclass(slots=True)
class Logic(Node):
    """`a || b` or `a && b`; what decides is enough."""

    operands: tuple[Node, ...]
    any_suffices: bool

    def value(self, scope: Scope) -> object:
        """Tell whether any, or every, operand holds."""
        results = (operand.is_true(scope) for operand in self.operands)
        return any(results) if self.any_suffices else all(results)


_WORDS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_ORDER: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(slots=True)
class Comparison(Node):
    """`left sign right`, for comparisons and arithmetic. The place is the one Velocity names: behind the sign."""

    sign: str
    left: Node
    right: Node
    line: int
    column: int

    def value(self, scope: Scope) -> object:
        """Evaluate both sides and combine them; arithmetic on anything but numbers gives null."""
        sign = _WORDS.get(self.sign, self.sign)
        left, right = self.left.value(scope), self.right.value(scope)
        if sign in {"==", "!="}:
            return _equal(left, right) is (sign == "==")
        if sign in _ORDER:
            return _ORDER[sign](self._number(left, "Left", sign, scope), self._number(right, "Right", sign, scope))
        return _arithmetic(sign, left, right)

    def _number(self, value: object, side: str, sign: str, scope: Scope) -> Decimal:
        place = scope.at(self.line, self.column)
        if value is None:
            source = (self.left if side == "Left" else self.right).source
            raise TemplateError(f"{side} side ({source}) of '{sign}' operation has null value {place}")
        if not _is_number(value):
            # Velocity 1.7 really says '>=' whichever comparison it was.
            valid = "a valid Number" if sign == "<" else "a Number"
            raise TemplateError(f"{side} side of '>=' operation is not {valid} {place}")
        return Decimal(str(value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _equal(left: object, right: object) -> bool:
    if left is None or right is None:
        return left is right
    if _is_number(left) and _is_number(right):
        return Decimal(str(left)) == Decimal(str(right))
    if isinstance(left, Tool) or isinstance(right, Tool):
        return left is right
    return java_text(left) == java_text(right)


def _arithmetic(sign: str, left: object, right: object) -> object:
    if sign == "+" and left is not None and right is not None and not (_is_number(left) and _is_number(right)):
        return java_text(left) + java_text(right)
    if not (_is_number(left) and _is_number(right)):
        return None
    whole = isinstance(left, int) and isinstance(right, int)
    a, b = Decimal(str(left)), Decimal(str(right))
    try:
        result = {
            "+": lambda: a + b,
            "-": lambda: a - b,
            "*": lambda: a * b,
            "/": lambda: a // b if whole else a / b,
            "%": lambda: a % b,
        }[sign]()
    except DecimalException:
        return None
    return int(result) if whole else float(result)
