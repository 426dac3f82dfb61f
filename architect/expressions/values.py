"""Architect's values as Python values.

| Architect | Python |
| --- | --- |
| String | str |
| Integer | int, at most 15 digits |
| Decimal | decimal.Decimal, at most 40 digits |
| Boolean | bool |
| DateTime | datetime.datetime in UTC |
| Duration | datetime.timedelta, in milliseconds |
| Currency, PhoneNumber, Audio | `Currency`, `PhoneNumber`, `Audio` |
| a prompt, queue, user, external contact, ... | `Entity` |
| JSON | dict; an expression may also give a str, int, Decimal, bool or list that stood in one |
| a collection | list |
| NOT_SET of any type | `NOT_SET` |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Final, NamedTuple

from architect.emulator.json_text import from_python
from architect.expressions.datatypes import (
    ANY,
    AUDIO,
    BOOLEAN,
    CURRENCY,
    DATE_TIME,
    DECIMAL,
    DURATION,
    INTEGER,
    JSON,
    PHONE_NUMBER,
    STRING,
    DataType,
    data_type,
)
from architect.expressions.phone_number import PhoneNumber


class NotSet(Enum):
    """The class of `NOT_SET`, the value that Architect's variables of every type have before they are given one."""

    NOT_SET = "NOT_SET"

    def __repr__(self) -> str:
        return "NOT_SET"

    def __bool__(self) -> bool:
        return False


NOT_SET: Final = NotSet.NOT_SET


@dataclass(frozen=True, slots=True)
class Currency:
    """An amount with an ISO 4217 code; either may be NOT_SET."""

    amount: Decimal | NotSet
    code: str | NotSet


@dataclass(frozen=True, slots=True)
class Entity:
    """An object that Architect knows by type and properties, such as `Entity("Queue", {"name": "Sales"})`."""

    type: str
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AudioPart:
    """One piece of audio. `kind` is prompt, tts, blank (milliseconds) or duration; `content` says what to play."""

    kind: str
    content: str | int | timedelta | NotSet


@dataclass(frozen=True, slots=True)
class Audio:
    """What a caller would hear, part by part, and whether a key press ends it."""

    parts: tuple[AudioPart, ...]
    barge_in: bool | None = None


class Value(NamedTuple):
    """A Python value together with the Architect type it is a value of."""

    type: DataType
    content: object


_TYPES: dict[type, DataType] = {
    str: STRING,
    bool: BOOLEAN,
    int: INTEGER,
    Decimal: DECIMAL,
    datetime: DATE_TIME,
    timedelta: DURATION,
    Currency: CURRENCY,
    PhoneNumber: PHONE_NUMBER,
    Audio: AUDIO,
    dict: JSON,
}


def type_of(content: object) -> DataType:
    """Tell which type a Python value has here. Raises TypeError for one that stands for no Architect value."""
    if content is NOT_SET:
        return ANY
    if isinstance(content, Entity):
        return data_type(content.type)
    if isinstance(content, list | tuple):
        return next((type_of(item) for item in content if item is not NOT_SET), ANY).element.collection
    for kind, named in _TYPES.items():
        if isinstance(content, kind):
            return named
    message = f"a {type(content).__name__} stands for no value of Architect; see architect.expressions.values"
    raise TypeError(message)


def typed(content: object) -> Value:
    """Take a value from outside: find its type, bring a DateTime to UTC and the numbers of JSON to int and Decimal.

    Raises TypeError for what stands for no value of Architect's, ValueError for a DateTime without a zone and for JSON
    nested too deeply.
    """
    if isinstance(content, datetime):
        if content.tzinfo is None:
            message = "a DateTime needs a time zone"
            raise ValueError(message)
        content = content.astimezone(UTC)
    elif isinstance(content, list | tuple):
        content = [typed(item).content for item in content]
    elif isinstance(content, dict):
        content = from_python(content)
    return Value(type_of(content), content)
