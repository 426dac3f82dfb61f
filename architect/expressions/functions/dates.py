"""Dates, times and durations, all in UTC. "Now" is what the evaluation's clock says, the same throughout it."""

from __future__ import annotations

import calendar
import operator
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from architect.expressions.errors import FailureError
from architect.expressions.overloads import Overload, overload
from architect.expressions.texts import duration

_CLOCK = "hour: Integer[0..23], minute: Integer[0..59], second: Integer[0..59]"
_DATE = "year: Integer[1800..2200], month: Integer[1..12], day: Integer[1..31]"


def _date_time(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise FailureError(f"{year:04}-{month:02} has no day {day}") from None


def _duration(days: int, hours: int, minutes: int, seconds: int, milliseconds: int = 0) -> timedelta:
    return duration((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + milliseconds)


def _shift(unit: str) -> Callable[[datetime, int], datetime]:
    def run(moment: datetime, amount: int) -> datetime:
        try:
            return moment + timedelta(**{unit: amount})
        except OverflowError:
            raise FailureError("the result is no DateTime") from None

    return run


def _add_months(moment: datetime, months: int) -> datetime:
    """Go to the same day of another month, or to its last one where it is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise FailureError("the result is no DateTime")
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _add(moment: datetime, by: timedelta) -> datetime:
    return _shift("microseconds")(moment, by // timedelta(microseconds=1))


OVERLOADS: tuple[Overload, ...] = (
    overload("GetCurrentDateTimeUtc() -> DateTime", lambda now: now, uses_clock=True),
    overload(f"MakeDateTime({_DATE}, {_CLOCK}) -> DateTime", _date_time),
    overload(f"MakeDateTime({_DATE}) -> DateTime", _date_time),
    overload("MakeDuration(day: Integer, hour: Integer, minute: Integer, second: Integer) -> Duration", _duration),
    overload(
        "MakeDuration(day: Integer, hour: Integer, minute: Integer, second: Integer, milliseconds: Integer)"
        " -> Duration",
        _duration,
    ),
    overload(
        "DateTimeDiff(dateTime1: DateTime, dateTime2: DateTime) -> Duration", lambda later, earlier: later - earlier
    ),
    overload("AddDuration(startDateTime: DateTime, durationToAdd: Duration) -> DateTime", _add),
    *(
        overload(f"Add{unit}(startDateTime: DateTime, {unit.lower()}ToAdd: Integer) -> DateTime", _shift(unit.lower()))
        for unit in ("Days", "Hours", "Minutes", "Seconds")
    ),
    overload("AddMonths(startDateTime: DateTime, monthsToAdd: Integer) -> DateTime", _add_months),
    overload(
        "AddYears(startDateTime: DateTime, yearsToAdd: Integer) -> DateTime",
        lambda moment, years: _add_months(moment, 12 * years),
    ),
    *(
        overload(f"{part}(value: DateTime) -> Integer", operator.attrgetter(part.lower()))
        for part in ("Year", "Month", "Day", "Hour", "Minute", "Second")
    ),
)
