"""`$math`: the MathTool of velocity-tools 2.0, which calculates in doubles and drops a fraction of zero.

Arguments are numbers or text that starts with one; anything else makes the result null. `random` is left out, as a
result that cannot be repeated has no place in a test.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from architect.emulator.java_values import Tool

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d*)?")
_LONG = 2**63 - 1
_INT = 2**31 - 1


class MathTool(Tool):
    """Arithmetic for templates."""

    java_class = "org.apache.velocity.tools.generic.MathTool"

    def methods(self) -> Mapping[str, Callable[..., object]]:
        """Give the methods by name."""
        return _METHODS


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        return float(value)
    found = _NUMBER.match(value) if isinstance(value, str) else None
    return float(found[0].replace(",", "")) if found else None


def _tidy(result: float) -> int | float:
    if not math.isfinite(result) or result != math.floor(result):
        return result
    return max(-_LONG - 1, min(_LONG, int(result)))


def _as_int(value: float) -> int:
    return max(-_INT - 1, min(_INT, int(value)))


def _fold(step: Callable[[float, float], float]) -> Callable[..., object]:
    def method(first: object, second: object, *others: object) -> object:
        total: float | None = None
        for value in (first, second, *others):
            number = _number(value)
            if number is None:
                return None
            try:
                total = number if total is None else step(total, number)
            except ArithmeticError:
                return None
        return None if total is None else _tidy(total)

    return method


def _of_one(step: Callable[[float], object]) -> Callable[[object], object]:
    def method(value: object) -> object:
        number = _number(value)
        return None if number is None else step(number)

    return method


def _whole(step: Callable[[int, int], int]) -> Callable[[object, object], object]:
    def method(first: object, second: object) -> object:
        left, right = _number(first), _number(second)
        if left is None or right is None or int(right) == 0:
            return None
        return step(_as_int(left), _as_int(right))

    return method


def _round_to(places: object, value: object) -> object:
    digits, number = _number(places), _number(value)
    if digits is None or number is None or abs(digits) > 300:
        return None
    shift: float = 10.0 ** int(digits)
    return round(number * shift) / shift


_METHODS: dict[str, Callable[..., object]] = {
    "abs": _of_one(lambda number: _tidy(abs(number))),
    "add": _fold(lambda left, right: left + right),
    "ceil": _of_one(lambda number: _as_int(math.ceil(number))),
    "div": _fold(lambda left, right: left / right),
    "floor": _of_one(lambda number: _as_int(math.floor(number))),
    "idiv": _whole(lambda left, right: int(left / right)),
    "max": _fold(max),
    "min": _fold(min),
    "mod": _whole(lambda left, right: int(math.fmod(left, right))),
    "mul": _fold(lambda left, right: left * right),
    "pow": _fold(lambda left, right: float(left**right)),
    "round": _of_one(lambda number: _as_int(round(number))),
    "roundTo": _round_to,
    "sub": _fold(lambda left, right: left - right),
    "toDouble": _of_one(lambda number: number),
    "toInteger": _of_one(_as_int),
    "toNumber": _of_one(_tidy),
}
