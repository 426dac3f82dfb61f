"""Conversions from one type to another: `ToString`, `ToInt`, `ToDecimal`, `ToBool`, `ToDateTime`, ..."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from architect.expressions.errors import FailureError
from architect.expressions.numbers import decimal_text, rounded
from architect.expressions.overloads import Overload, overload
from architect.expressions.phone_number import PhoneNumber
from architect.expressions.texts import (
    currency_text,
    duration,
    joined,
    milliseconds,
    quoted,
    read_date_time,
    read_decimal,
    read_duration,
    read_integer,
    to_text,
)
from architect.expressions.values import NOT_SET, Currency, NotSet

_T = TypeVar("_T")
_BOOLEANS = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}
_CURRENCY_CODE = re.compile("[A-Za-z]{3}")
"""What an ISO 4217 code looks like; which ones are in use is not checked."""

_NEW_LINE = "\n"
"""Between the items of a collection when no delimiter is given (Architect expression help)."""


def _unless_not_set(convert: Callable[[_T], object]) -> Callable[[_T | NotSet], object]:
    return lambda value: NOT_SET if value is NOT_SET else convert(value)


def _unless_blank(read: Callable[[str], object]) -> Callable[[str | NotSet], object]:
    """Read text, of which blank text and NOT_SET are NOT_SET (choice `blank-text`)."""
    return lambda text: read(text) if isinstance(text, str) and text.strip() else NOT_SET


def _same(value: object) -> object:
    return value


def _with_places(value: Decimal | Currency | NotSet, places: int) -> str | NotSet:
    if isinstance(value, Currency):
        amount = value.amount
        return currency_text(value, str(rounded(amount, places)) if isinstance(amount, Decimal) else None)
    return f"{rounded(value, places):f}" if isinstance(value, Decimal) else NOT_SET


def _list_text(items: Sequence[object], delimiter: str | NotSet = _NEW_LINE) -> str:
    return joined(_NEW_LINE if delimiter is NOT_SET else str(delimiter), map(to_text, items))


def _list_with_places(items: Sequence[Decimal | Currency | NotSet], delimiter: str | NotSet, places: int) -> str:
    return joined(_NEW_LINE if delimiter is NOT_SET else str(delimiter), (_with_places(item, places) for item in items))


def _from_seconds(seconds: int) -> datetime:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        raise FailureError("the result is no DateTime") from None


def _currency_code(code: str | NotSet) -> str | NotSet:
    if isinstance(code, str) and not _CURRENCY_CODE.fullmatch(code):
        raise FailureError(f"{quoted(code)} is no ISO 4217 currency code")
    return code.upper() if isinstance(code, str) else code


def _to_currency(text: str) -> Currency:
    amount, separator, code = text.partition("|")
    if not separator:
        raise FailureError("a Currency is written as amount|code")
    return Currency(read_decimal(amount) if amount.strip() else NOT_SET, _currency_code(code.strip() or NOT_SET))


def _make_currency(amount: int | Decimal | NotSet, code: str | NotSet) -> Currency:
    return Currency(Decimal(amount) if isinstance(amount, int) else amount, _currency_code(code))


def _plain_currency(amount: int | Decimal) -> Currency:
    return Currency(Decimal(amount), NOT_SET)


def _decimal_of(value: int) -> Decimal:
    """Give an Integer the digit after the point that a Decimal has."""
    return Decimal(decimal_text(Decimal(value)))


def _overloads_to(name: str, result: str, conversions: dict[str, Callable[..., object]]) -> list[Overload]:
    return [
        overload(f"{name}(valueToConvert: {given}?) -> {result}", convert) for given, convert in conversions.items()
    ]


OVERLOADS: tuple[Overload, ...] = (
    *(
        each
        for kind in ("Decimal", "Currency")
        for each in (
            overload(f"ToString(value: {kind}?, decimalPlaces: Integer[1..28]) -> String", _with_places),
            overload(
                f"ToString(collection: {kind} Collection, decimalPlaces: Integer[1..28]) -> String",
                lambda items, places: _list_with_places(items, _NEW_LINE, places),
            ),
            overload(
                f"ToString(collection: {kind} Collection, delimiter: String?, decimalPlaces: Integer[1..28]) -> String",
                _list_with_places,
            ),
        )
    ),
    overload("ToString(valueToConvert: Any?) -> String", to_text),
    overload("ToString(valueToConvert: Any Collection) -> String", _list_text),
    overload("ToString(valueToConvert: Any Collection, delimiter: String?) -> String", _list_text),
    overload("ToDisplayString(valueToConvert: Any?) -> String", to_text),
    overload("ToDisplayString(valueToConvert: Any Collection) -> String", _list_text),
    *_overloads_to(
        "ToInt",
        "Integer",
        {
            "Boolean": _unless_not_set(int),
            "Decimal": _unless_not_set(int),
            "String": _unless_blank(read_integer),
            "Integer": _same,
            "Duration": _unless_not_set(milliseconds),
        },
    ),
    *_overloads_to(
        "ToDecimal",
        "Decimal",
        {
            "Boolean": _unless_not_set(lambda value: _decimal_of(int(value))),
            "Currency": _unless_not_set(lambda value: value.amount),
            "String": _unless_blank(read_decimal),
            "Integer": _unless_not_set(_decimal_of),
            "Decimal": _same,
        },
    ),
    *_overloads_to(
        "ToBool",
        "Boolean",
        {
            "Decimal": _unless_not_set(bool),
            "String": _unless_not_set(lambda text: _BOOLEANS.get(text.lower(), NOT_SET)),
            "Integer": _unless_not_set(bool),
            "Boolean": _same,
        },
    ),
    *_overloads_to(
        "ToDateTime",
        "DateTime",
        {"String": _unless_blank(read_date_time), "Integer": _unless_not_set(_from_seconds), "DateTime": _same},
    ),
    *_overloads_to(
        "ToDuration",
        "Duration",
        {"String": _unless_blank(read_duration), "Integer": _unless_not_set(duration), "Duration": _same},
    ),
    *_overloads_to(
        "ToCurrency",
        "Currency",
        {
            "String": _unless_blank(_to_currency),
            "Decimal": _unless_not_set(_plain_currency),
            "Integer": _unless_not_set(_plain_currency),
            "Currency": _same,
        },
    ),
    overload("MakeCurrency(amount: Decimal?, currencyCode: String?) -> Currency", _make_currency),
    overload("MakeCurrency(amount: Integer?, currencyCode: String?) -> Currency", _make_currency),
    overload("ToPhoneNumber(valueToConvert: String) -> PhoneNumber", PhoneNumber),
    overload("ToPhoneNumber(valueToConvert: PhoneNumber?) -> PhoneNumber", _same),
)
