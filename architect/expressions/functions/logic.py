"""Logic and comparison: `and or ! ?: If == != < <= > >= AreEqual IsSet IsNotSetOrEmpty`.

`and`, `or`, `?:` and `If` are declared here for their types alone: what they leave out is never evaluated, so the
evaluator runs them itself.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from architect.expressions.agreement import branched, compared
from architect.expressions.errors import FailureError
from architect.expressions.functions.text import folded, order
from architect.expressions.overloads import Overload, overload
from architect.expressions.values import NOT_SET, Currency, NotSet

Order = Callable[[Any, Any], bool]


def lazily(*_arguments: object) -> object:
    """Stand in for what the evaluator runs itself."""
    raise AssertionError


def equal(left: object, right: object) -> bool:
    """Compare two values of one type, or an Integer with a Decimal, or collections of them item by item."""
    return left == right


def _all_equal(*values: object) -> bool:
    return all(equal(values[0], value) for value in values[1:])


def _equal_texts(ignore_case: bool, *texts: str | NotSet) -> bool:
    return _all_equal(*(_comparable(text, ignore_case) for text in texts))


def _equal_lists(ignore_case: bool, left: list[str | NotSet], right: list[str | NotSet]) -> bool:
    return [_comparable(text, ignore_case) for text in left] == [_comparable(text, ignore_case) for text in right]


def _comparable(text: str | NotSet, ignore_case: bool) -> str | NotSet:
    return folded(text) if ignore_case and isinstance(text, str) else text


def _is_not_set_or_empty(value: object) -> bool:
    if isinstance(value, Currency):
        return value.amount is NOT_SET
    return value is NOT_SET or value in ("", [])


def _ordered(compare: Order) -> Order:
    def run(left: object, right: object) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return compare(order(left), order(right))
        if isinstance(left, Currency) and isinstance(right, Currency):
            if left.code != right.code:
                raise FailureError("the two Currency values have different codes")
            if left.amount is NOT_SET or right.amount is NOT_SET:
                raise FailureError("a Currency without an amount cannot be compared")
            return compare(left.amount, right.amount)
        return compare(left, right)

    return run


_EQUALITY = {"==": equal, "!=": operator.ne}
_ORDER: dict[str, Order] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_EQUAL_TYPES = (
    ("Decimal", "Integer"),
    ("Integer", "Decimal"),
    ("Integer Collection", "Decimal Collection"),
    ("Decimal Collection", "Integer Collection"),
    ("PhoneNumber", "PhoneNumber"),
)
_ORDERED_TYPES = (
    ("Integer", "Decimal"),
    ("Decimal", "Integer"),
    ("Currency", "Currency"),
    ("DateTime", "DateTime"),
    ("Decimal", "Decimal"),
    ("Duration", "Duration"),
    ("Integer", "Integer"),
    ("String", "String"),
)

OVERLOADS: tuple[Overload, ...] = (
    overload("and(value1: Boolean, value2: Boolean) -> Boolean", lazily),
    overload("or(value1: Boolean, value2: Boolean) -> Boolean", lazily),
    overload("!(booleanValue: Boolean) -> Boolean", operator.not_),
    *(
        each
        for name in ("?", "If")
        for each in (
            overload(
                f"{name}(condition: Boolean?, trueValueAudio: Audio, falseValueAudio: Audio) -> Audio",
                lazily,
                result=branched,
            ),
            overload(f"{name}(condition: Boolean?, trueValue: Any?, falseValue: Any?) -> Any", lazily, result=branched),
            overload(
                f"{name}(condition: Boolean?, trueValue: Any Collection, falseValue: Any Collection) -> Any Collection",
                lazily,
                result=branched,
            ),
        )
    ),
    *(
        overload(f"{symbol}(valueToCompare: {left}?, valueToCompareTo: {right}?) -> Boolean", run)
        for symbol, run in _EQUALITY.items()
        for left, right in _EQUAL_TYPES
    ),
    *(
        overload(
            f"{symbol}(valueToCompare: {compared_type}?, valueToCompareTo: {compared_type}?) -> Boolean",
            run,
            result=compared,
        )
        for symbol, run in _EQUALITY.items()
        for compared_type in ("Any", "Any Collection")
    ),
    *(
        overload(f"{symbol}(valueToCompare: {left}, valueToCompareTo: {right}) -> Boolean", _ordered(run))
        for symbol, run in _ORDER.items()
        for left, right in _ORDERED_TYPES
    ),
    overload(
        "AreEqual(ignoreCase: Boolean, valueToCompare: String?, valueToCompareTo: String?...) -> Boolean", _equal_texts
    ),
    overload(
        "AreEqual(ignoreCase: Boolean, valueToCompare: String Collection, valueToCompareTo: String Collection)"
        " -> Boolean",
        _equal_lists,
    ),
    overload("AreEqual(valueToCompare: Any?, valueToCompareTo: Any?...) -> Boolean", _all_equal, result=compared),
    overload(
        "AreEqual(valueToCompare: Any Collection, valueToCompareTo: Any Collection) -> Boolean",
        _all_equal,
        result=compared,
    ),
    overload("IsSet(item: Any?) -> Boolean", lambda value: value is not NOT_SET),
    overload("IsNotSetOrEmpty(item: Any?) -> Boolean", _is_not_set_or_empty),
    overload("IsNotSetOrEmpty(collection: Any Collection) -> Boolean", lambda items: not items),
)
