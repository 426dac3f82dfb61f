"""JSON text read and written without losing a digit.

A 64-bit id such as 18446744073709551615 and a decimal such as 1.10 must come out of the pipeline as they went in, so
integers are read as `int`, every other number as `decimal.Decimal`, and both are written as they are. A JSON value is
therefore None, bool, int, Decimal, str, list or dict; `Json` is the name of that type.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import NoReturn, TypeAlias

Json: TypeAlias = "bool | int | Decimal | str | list[Json] | dict[str, Json] | None"

MAX_DEPTH = 50
"""Levels of nesting a data action may use (Genesys Cloud Developer Center, "Limits"; also "Request configuration")."""

# Python refuses to convert longer integers by default; the digits survive in a Decimal.
_LONGEST_INT = 4000
_LARGEST_INT_BITS = 13_000
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


class JsonTextError(ValueError):
    """The text is not JSON, or is nested too deeply. `offset` is the character where that shows, 0-based."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


def loads(text: str, *, max_depth: int = MAX_DEPTH) -> Json:
    """Read one JSON value. Of a key given twice the last value counts. Raises `JsonTextError`."""
    require_depth(text, max_depth)
    try:
        value: Json = json.loads(text, parse_int=_integer, parse_float=_decimal, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise JsonTextError(error.msg, error.pos) from None
    return value


def require_depth(text: str, max_depth: int = MAX_DEPTH) -> None:
    """Refuse text nested deeper than `max_depth`, in one pass and before any parser recurses into it."""
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        character = found[0][0]
        if character in "[{":
            depth += 1
            if depth > max_depth:
                raise JsonTextError(f"nested deeper than {max_depth} levels", found.start())
        elif character in "]}":
            depth -= 1


def dumps(value: Json) -> str:
    """Write a JSON value on one line without spaces; characters beyond ASCII stay as they are."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{quoted(key)}:{dumps(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(dumps(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def quoted(text: str) -> str:
    """Write `text` as a JSON string, quotes included, escaping only what JSON requires."""
    return json.dumps(text, ensure_ascii=False)


def from_python(value: object, *, depth: int = MAX_DEPTH) -> Json:
    """Turn plain Python data into a JSON value: floats become Decimals with the digits Python shows.

    Raises TypeError for anything JSON cannot hold, ValueError for NaN, infinities and nesting beyond `depth` levels.
    """
    if isinstance(value, int) and value.bit_length() > _LARGEST_INT_BITS:
        raise ValueError(f"an integer of more than {_LONGEST_INT} digits is not written as JSON")
    if value is None or isinstance(value, int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a JSON number")
        return Decimal(repr(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not a JSON number")
        return value
    if depth == 0:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        return {_key(key): from_python(item, depth=depth - 1) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [from_python(item, depth=depth - 1) for item in value]
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def type_name(value: object) -> str:
    """Name the JSON type of a value as JSON Schema does: `integer` for a number written without fraction."""
    if value is None:
        return "null"
    for python_type, name in (
        (bool, "boolean"),
        (int, "integer"),
        (str, "string"),
        (dict, "object"),
        (list, "array"),
    ):
        if isinstance(value, python_type):
            return name
    return "number"


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{key!r} is not a JSON key: keys are strings")
    return key


def _integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= _LONGEST_INT else Decimal(digits)


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise JsonTextError(f"number out of range: {digits[:40]}", 0) from None


def _refuse_constant(name: str) -> NoReturn:
    raise JsonTextError(f"{name} is not JSON", 0)
