"""Arithmetic: `+ - * / % ^ & | ~`, rounding and sums."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import reduce

from architect.expressions.agreement import totalled
from architect.expressions.errors import FailureError
from architect.expressions.numbers import add, divide, multiply, negated, power, remainder, rounded, subtract
from architect.expressions.overloads import Overload, overload
from architect.expressions.texts import joined
from architect.expressions.tree import NEGATION
from architect.expressions.values import NOT_SET, Audio, Currency

Number = int | Decimal
Operation = Callable[[Number, Number], Number]


def _amount(value: Currency) -> Decimal:
    if isinstance(value.amount, Decimal):
        return value.amount
    raise FailureError("a Currency without an amount takes no part in arithmetic")


def _on_amounts(operation: Operation) -> Callable[[Currency, Currency], Currency]:
    def run(left: Currency, right: Currency) -> Currency:
        if left.code != right.code:
            raise FailureError("the two Currency values have different codes")
        return replace(left, amount=Decimal(operation(_amount(left), _amount(right))))

    return run


def _on_amount(operation: Operation) -> Callable[[Currency, Number], Currency]:
    def run(left: Currency, right: Number) -> Currency:
        return replace(left, amount=Decimal(operation(_amount(left), right)))

    return run


def _shifted(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        raise FailureError("the result is no DateTime") from None


def _played(left: Audio, right: Audio) -> Audio:
    return replace(left, parts=left.parts + right.parts)


def _to_integral(rounding: str) -> Callable[[Decimal], Decimal]:
    return lambda value: value.to_integral_value(rounding)


def _in_money(change: Callable[[Decimal], Decimal]) -> Callable[[Currency], Currency]:
    return lambda value: replace(value, amount=change(_amount(value)))


def _total(*values: object) -> object:
    """Add up; NOT_SET counts as nothing."""
    found = [value for value in values if value is not NOT_SET]
    return reduce(_plus, found) if found else NOT_SET


def _plus(left: object, right: object) -> object:
    if isinstance(left, Currency) and isinstance(right, Currency):
        return _on_amounts(add)(left, right)
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        return left + right
    assert isinstance(left, int | Decimal)  # noqa: S101 - what the declarations of Sum let through
    assert isinstance(right, int | Decimal)  # noqa: S101
    return add(left, right)


def _sum_of(items: Sequence[object]) -> object:
    return _total(*items)


_NUMBERS = (("Integer", "Integer"), ("Decimal", "Decimal"), ("Integer", "Decimal"), ("Decimal", "Integer"))
_OPERATIONS: dict[str, tuple[str, str, Operation]] = {
    "+": ("augend", "addend", add),
    "-": ("minuend", "subtrahend", subtract),
    "*": ("multiplicand", "multiplier", multiply),
    "/": ("dividend", "divisor", divide),
    "%": ("dividend", "divisor", remainder),
    "^": ("base", "exponent", power),
}


def _on_numbers(symbol: str) -> list[Overload]:
    left_name, right_name, run = _OPERATIONS[symbol]
    mark = " nonzero" if right_name == "divisor" else ""
    exact = symbol in "+-*%"
    return [
        overload(
            f"{symbol}({left_name}: {left}, {right_name}: {right}{mark})"
            f" -> {'Integer' if exact and left == right == 'Integer' else 'Decimal'}",
            run,
        )
        for left, right in _NUMBERS
    ]


OVERLOADS: tuple[Overload, ...] = (
    *(each for symbol in _OPERATIONS for each in _on_numbers(symbol)),
    overload("+(augend: Currency, addend: Currency) -> Currency", _on_amounts(add)),
    overload("+(augend: Audio, addend: Audio) -> Audio", _played),
    overload("+(augend: Duration, addend: DateTime) -> DateTime", lambda by, moment: _shifted(moment, by)),
    overload("+(augend: DateTime, addend: Duration) -> DateTime", _shifted),
    overload("+(augend: Duration, addend: Duration) -> Duration", operator.add),
    overload("+(augend: String, addend: String) -> String", lambda left, right: joined("", (left, right))),
    overload("-(minuend: Currency, subtrahend: Currency) -> Currency", _on_amounts(subtract)),
    overload("-(minuend: Duration, subtrahend: Duration) -> Duration", operator.sub),
    overload("-(minuend: DateTime, subtrahend: Duration) -> DateTime", lambda moment, by: _shifted(moment, -by)),
    *(
        each
        for number in ("Decimal", "Integer")
        for each in (
            overload(
                f"*(multiplicand: {number}, multiplier: Currency) -> Currency",
                lambda by, value: _on_amount(multiply)(value, by),
            ),
            overload(f"*(multiplicand: Currency, multiplier: {number}) -> Currency", _on_amount(multiply)),
            overload(f"/(dividend: Currency, divisor: {number} nonzero) -> Currency", _on_amount(divide)),
            overload(f"%(dividend: Currency, divisor: {number} nonzero) -> Currency", _on_amount(remainder)),
        )
    ),
    *(overload(f"{NEGATION}(valueToNegate: {number}) -> {number}", negated) for number in ("Integer", "Decimal")),
    overload(f"{NEGATION}(valueToNegate: Duration) -> Duration", operator.neg),
    overload(
        f"{NEGATION}(valueToNegate: Currency) -> Currency",
        lambda value: replace(value, amount=negated(_amount(value))),
    ),
    overload("&(value1: Integer, value2: Integer) -> Integer", operator.and_),
    overload("|(value1: Integer, value2: Integer) -> Integer", operator.or_),
    overload("~(value1: Integer) -> Integer", operator.inv),
    *(
        each
        for name, rounding in (("Ceiling", ROUND_CEILING), ("Floor", ROUND_FLOOR))
        for each in (
            overload(f"{name}(currencyValue: Currency) -> Currency", _in_money(_to_integral(rounding))),
            overload(f"{name}(decimalValue: Decimal) -> Decimal", _to_integral(rounding)),
            overload(f"{name}(integerValue: Integer) -> Integer", operator.pos),
        )
    ),
    overload("Round(currencyValue: Currency) -> Currency", _in_money(lambda amount: rounded(amount, 0))),
    overload("Round(value: Decimal) -> Decimal", lambda value: rounded(value, 0)),
    overload(
        "Round(value: Currency, digits: Integer[0..28]) -> Currency",
        lambda value, digits: replace(value, amount=rounded(_amount(value), digits)),
    ),
    overload("Round(value: Decimal, digits: Integer[0..28]) -> Decimal", rounded),
    *(
        each
        for kind in ("Integer", "Currency", "Decimal", "Duration")
        for each in (
            overload(f"Sum(value: {kind}?, nextValue: {kind}?...) -> {kind}", _total, result=totalled),
            overload(f"Sum(collection: {kind} Collection) -> {kind}", _sum_of),
        )
    ),
)
