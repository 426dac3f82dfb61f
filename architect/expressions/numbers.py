"""Integers of 15 digits and Decimals of 40, and arithmetic that stays within them (choices `division`, `overflow`)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow

from architect.expressions.errors import FailureError

MAX_DIGITS = 15
MAX_INTEGER = 10**MAX_DIGITS - 1
"""The largest Integer; the smallest is its negative (Genesys' own expression parser; Architect Scripting SDK)."""

MAX_PRECISION = 40
"""Significant digits of a Decimal (same sources)."""

MAX_PLACES = 28
"""Digits after the point that ToString and Round can be asked for (Architect expression help)."""

_CONTEXT = Context(
    prec=MAX_PRECISION,
    rounding=ROUND_HALF_UP,
    Emax=MAX_PRECISION - 1,
    Emin=-MAX_PRECISION,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
# Room for the largest Decimal with the most digits after the point.
_WIDE = Context(prec=2 * MAX_PRECISION + MAX_PLACES, rounding=ROUND_HALF_UP, traps=[InvalidOperation])


def fits(text: str) -> bool:
    """Tell whether a number written with a point has no more digits than a Decimal can have."""
    return len(text.rstrip("0").replace(".", "").lstrip("0")) <= MAX_PRECISION


def bounded_integer(value: int) -> int:
    """Return the value. Raises `FailureError` when it is no Integer of Architect's."""
    if abs(value) > MAX_INTEGER:
        raise FailureError(f"the result is beyond the largest Integer, {MAX_INTEGER}")
    return value


def bounded_decimal(value: Decimal) -> Decimal:
    """Round to the digits a Decimal has. Raises `FailureError` when it is too large."""
    return _calculated(lambda: _CONTEXT.plus(value))


def add(left: int | Decimal, right: int | Decimal) -> int | Decimal:
    """Add; two Integers give an Integer."""
    if isinstance(left, int) and isinstance(right, int):
        return left + right
    return _calculated(lambda: _CONTEXT.add(Decimal(left), Decimal(right)))


def subtract(left: int | Decimal, right: int | Decimal) -> int | Decimal:
    """Subtract; two Integers give an Integer."""
    return add(left, negated(right))


def negated(value: int | Decimal) -> int | Decimal:
    """Change the sign without rounding, which Python's own minus does. There is no negative nought."""
    return value.copy_negate() if isinstance(value, Decimal) and value else -value


def multiply(left: int | Decimal, right: int | Decimal) -> int | Decimal:
    """Multiply; two Integers give an Integer."""
    if isinstance(left, int) and isinstance(right, int):
        return left * right
    return _calculated(lambda: _CONTEXT.multiply(Decimal(left), Decimal(right)))


def divide(left: int | Decimal, right: int | Decimal) -> Decimal:
    """Divide; the result is a Decimal even for two Integers."""
    return _calculated(lambda: _CONTEXT.divide(Decimal(left), Decimal(right)))


def remainder(left: int | Decimal, right: int | Decimal) -> int | Decimal:
    """Give what a division leaves, with the dividend's sign."""
    if isinstance(left, int) and isinstance(right, int):
        return abs(left) % abs(right) * (-1 if left < 0 else 1)
    return _calculated(lambda: _WIDE.remainder(Decimal(left), Decimal(right)))


def power(base: int | Decimal, exponent: int | Decimal) -> Decimal:
    """Raise to a power; the result is a Decimal even for two Integers."""
    return _calculated(lambda: _CONTEXT.power(Decimal(base), Decimal(exponent)))


def rounded(value: Decimal, places: int) -> Decimal:
    """Round half up to a number of digits after the point, 28 at most."""
    return _WIDE.quantize(value, Decimal((0, (1,), -places)))


def decimal_text(value: Decimal) -> str:
    """Write a Decimal with the digits it has, at least one after the point (choice `decimal-text`)."""
    if abs(value.adjusted()) > _WIDE.prec:
        # Only JSON holds such numbers; written out they could fill the memory.
        return str(value)
    text = f"{value:f}"
    return text if "." in text else f"{text}.0"


def _calculated(work: Callable[[], Decimal]) -> Decimal:
    try:
        result = work()
    except DecimalException:
        result = Decimal("NaN")
    if not result.is_finite():
        raise FailureError("the result is no number that a Decimal can hold")
    return result
