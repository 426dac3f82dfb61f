"""How values are written as text, and how text is read as a value, the way Architect's conversions do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from architect.emulator.json_text import dumps
from architect.expressions.errors import FailureError
from architect.expressions.numbers import decimal_text
from architect.expressions.phone_number import PhoneNumber
from architect.expressions.values import NOT_SET, Currency, Entity, NotSet

MAX_TEXT = 1_000_000
"""Characters of a String (choice `text-size`)."""

MAX_MILLISECONDS = 999_999_999_999_999
"""The longest Duration (Genesys' own expression parser)."""

_TEXT_PROPERTY = {"User": "username", "Skill": "name", "WrapupCode": "name", "Prompt": "name", "Queue": "name"}
_TEXT_PROPERTY |= {"Group": "name", "LanguageSkill": "name", "ExternalPhoneNumber": "display"}
_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_DURATION = re.compile(
    r"(-)?P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?",
    re.ASCII,
)
_INTEGER = re.compile(r"[+-]?\d{1,4000}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:\d{1,4000}(?:\.\d*)?|\.\d+)", re.ASCII)


def to_text(content: object) -> str | NotSet:
    """Write a value as ToString does. Raises `FailureError` for audio, which has no text."""
    for kind, write in _WRITERS:
        if isinstance(content, kind):
            return write(content)
    raise FailureError(f"a value of type {type(content).__name__} cannot be written as text")


def _object_text(value: Entity) -> str | NotSet:
    return to_text(value.properties.get(_TEXT_PROPERTY.get(value.type, "id"), NOT_SET))


def currency_text(value: Currency, places: str | None = None) -> str:
    """Write `amount|code`; what is NOT_SET is left empty. `places` replaces the amount's own text."""
    amount = "" if value.amount is NOT_SET else places if places is not None else decimal_text(value.amount)
    return f"{amount}|{'' if value.code is NOT_SET else value.code}"


def joined(delimiter: str, parts: Iterable[str | NotSet]) -> str:
    """Join texts, NOT_SET as an empty one. Raises `FailureError` before a result becomes too long."""
    texts = ["" if part is NOT_SET else str(part) for part in parts]
    require_length(sum(map(len, texts)) + len(delimiter) * max(len(texts) - 1, 0))
    return delimiter.join(texts)


def require_length(length: int) -> None:
    """Refuse a text of so many characters before it is made."""
    if length > MAX_TEXT:
        raise FailureError(f"the result has more than {MAX_TEXT} characters")


def milliseconds(value: timedelta) -> int:
    """Count a Duration's milliseconds; what is shorter is cut off."""
    microseconds = value // timedelta(microseconds=1)
    return abs(microseconds) // 1000 * (-1 if microseconds < 0 else 1)


def duration(milliseconds: int) -> timedelta:
    """Make a Duration. Raises `FailureError` when it is too long."""
    if abs(milliseconds) > MAX_MILLISECONDS:
        raise FailureError(f"a Duration has at most {MAX_MILLISECONDS} milliseconds")
    return timedelta(milliseconds=milliseconds)


def duration_text(value: timedelta) -> str:
    """Write an XSD duration in days, hours, minutes and seconds, leaving out what is nought."""
    total = milliseconds(value)
    seconds, fraction = divmod(abs(total), 1000)
    days, seconds = divmod(seconds, 86400)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    second_text = f"{seconds}.{fraction:03}".rstrip("0") if fraction else str(seconds)
    time = "".join(
        f"{number}{unit}"
        for number, unit in ((hours, "H"), (minutes, "M"), (second_text if seconds or fraction else 0, "S"))
        if number
    )
    date = f"{days}D" if days else ""
    return f"{'-' if total < 0 else ''}P{date}{'T' + time if time else ''}" if total else "PT0S"


def read_duration(text: str) -> timedelta:
    """Read `(-)PnDTnHnMnS`; seconds may have a fraction, which is cut off after milliseconds."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or any(part and len(part) > 15 for part in found.groups()[1:5]):
        raise FailureError(f"{quoted(text)} is no duration such as P1DT2H3M4.5S")
    sign, days, hours, minutes, seconds, fraction = found.groups()
    whole = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    total = whole * 1000 + int(f"{fraction or ''}000"[:3])
    return duration(-total if sign else total)


def read_date_time(text: str) -> datetime:
    """Read `YYYY-MM-DDThh:mm:ss` with Z or an offset, and bring it to UTC (choice `date-time-text`)."""
    found = _DATE_TIME.fullmatch(text.strip())
    try:
        if found:
            fraction = f"{found[2] or '.'}000000"[:7]
            offset = "+00:00" if found[3] in (None, "Z") else found[3]
            return datetime.fromisoformat(f"{found[1]}{fraction}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise FailureError(f"{quoted(text)} is no date and time such as 2009-01-10T06:30:00Z")


def read_integer(text: str) -> int:
    """Read an Integer (choice `number-text`)."""
    if not _INTEGER.fullmatch(text.strip()):
        raise FailureError(f"{quoted(text)} is no Integer")
    return int(text.strip())


def read_decimal(text: str) -> Decimal:
    """Read a Decimal (choice `number-text`)."""
    if not _DECIMAL.fullmatch(text.strip()):
        raise FailureError(f"{quoted(text)} is no Decimal")
    return Decimal(text.strip())


_WRITERS: tuple[tuple[type, Callable[[Any], str | NotSet]], ...] = (
    (NotSet, lambda value: value),
    (str, lambda value: value),
    (bool, lambda value: "true" if value else "false"),
    (int, str),
    (Decimal, decimal_text),
    (datetime, lambda value: value.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"),
    (timedelta, duration_text),
    (Currency, currency_text),
    (PhoneNumber, lambda value: value.uri),
    (Entity, _object_text),
    (dict, dumps),
    (list, dumps),
)


def quoted(text: str) -> str:
    """Show text in a message, its beginning if it is long."""
    return f'"{text[:40]}"' if len(text) <= 40 else f'"{text[:40]}..."'
