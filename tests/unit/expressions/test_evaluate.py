"""What expressions give, and what sends a flow to its error handling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from architect.expressions import NOT_SET, Expression

from .support import NOW, evaluate, evaluation_error


class TestNotSet:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ('Append("00-", Flow.unset)', "00-"),
            ("Append(Flow.unset, Flow.unset)", ""),
            ('Replace("a-b", "-", Flow.unset)', "ab"),
            ("IsSet(Flow.unset)", False),
            ("IsNotSetOrEmpty(Flow.unset)", True),
            ("Flow.unset == NOT_SET", True),
            ("Flow.unset == 1", False),
            ('Flow.unset != "a"', True),
            ("Flow.unset == Flow.unset", True),
            ("If(Flow.unset, 1, 2)", 2),
            ("Flow.unset ? 1 : 2", 2),
            ('Append(If(true, NOT_SET, "a"), NOT_SET)', ""),
            ("ToString(Flow.unset)", NOT_SET),
            ("ToInt(Flow.unset)", NOT_SET),
            ("FindQueueById(Flow.unset)", NOT_SET),
            ("Count(MakeList(1, NOT_SET))", 2),
            ("Sum(1, Flow.unset, 2)", 3),
        ],
    )
    def test_some_functions_take_it(self, text: str, value: object) -> None:
        assert evaluate(text, unset=NOT_SET) == value

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('Replace(Flow.unset, "-", "")', "line 1, column 9: Replace: argument 1 (text) must not be NOT_SET"),
            ("Right(Flow.unset, 16)", "line 1, column 7: Right: argument 1 (srcString) must not be NOT_SET"),
            ("Length(Flow.unset)", "line 1, column 8: Length: argument 1 (text) must not be NOT_SET"),
            ('"a" + Flow.unset', "line 1, column 7: +: argument 2 (addend) must not be NOT_SET"),
            ("1 < Flow.unset", "line 1, column 5: <: argument 2 (valueToCompareTo) must not be NOT_SET"),
            ("Flow.unset and true", "line 1, column 1: and: argument 1 must not be NOT_SET"),
            ("true and Flow.unset", "line 1, column 10: and: argument 2 must not be NOT_SET"),
            ("!Flow.unset", "line 1, column 2: !: argument 1 (booleanValue) must not be NOT_SET"),
            ("~If(true, NOT_SET, 1)", "line 1, column 2: ~: argument 1 (value1) must not be NOT_SET"),
            ("Flow.unset[0]", "line 1, column 1: [: argument 1 (collection) must not be NOT_SET"),
            ("Flow.unset.id", "line 1, column 11: the property 'id' of NOT_SET cannot be read"),
            (
                "ToPhoneNumber(Flow.unset)",
                "line 1, column 15: ToPhoneNumber: argument 1 (valueToConvert) must not be NOT_SET",
            ),
        ],
    )
    def test_the_others_send_the_flow_to_its_error_handling(self, text: str, message: str) -> None:
        assert evaluation_error(text, unset=NOT_SET) == message

    def test_it_is_false_and_shows_its_name(self) -> None:
        assert not NOT_SET
        assert repr(NOT_SET) == "NOT_SET"


class TestWhatDoesNotMatterIsNotEvaluated:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ('If(true, 1, ToInt("x"))', 1),
            ('If(false, ToInt("x"), 2)', 2),
            ('true ? 1 : ToInt("x")', 1),
            ('false and ToInt("x") == 1', False),
            ('true or ToInt("x") == 1', True),
            ("If(IsNotSetOrEmpty(Flow.id), NOT_SET, Length(Flow.id))", NOT_SET),
        ],
    )
    def test_a_branch_not_taken_cannot_fail(self, text: str, value: object) -> None:
        assert evaluate(text, id=NOT_SET) == value

    @pytest.mark.parametrize(
        "text", ['true and ToInt("x") == 1', 'false or ToInt("x") == 1', "If(ToInt(Flow.x) == 1, 1, 2)"]
    )
    def test_what_matters_can(self, text: str) -> None:
        assert "is no Integer" in evaluation_error(text, x="x")

    def test_an_unchecked_expression_fails_where_it_would_have_been_refused(self) -> None:
        assert (
            evaluation_error("If(1, 2, 3)")
            == "line 1, column 4: If: argument 1 (condition) must be Boolean, not Integer"
        )
        assert evaluation_error("If()") == "line 1, column 1: If takes 3 arguments, 0 given"
        assert (
            evaluation_error("1 and true") == "line 1, column 1: and: argument 1 (value1) must be Boolean, not Integer"
        )
        assert (
            evaluation_error("true and 1") == "line 1, column 10: and: argument 2 (value2) must be Boolean, not Integer"
        )
        assert (
            evaluation_error("Flow.word.x", word="a")
            == "line 1, column 10: 'x': a value of type String has no properties"
        )
        assert evaluation_error("Foo(1)").startswith("line 1, column 1: there is no function 'Foo'")
        assert evaluation_error("Flow.missing") == "line 1, column 1: there is no variable 'Flow.missing'"


class TestArithmetic:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("7 % 3", 1),
            ("-7 % 3", -1),
            ("7 % -3", 1),
            ("6 & 3", 2),
            ("6 | 3", 7),
            ("~5", -6),
            ("Floor(-1)", -1),
            ("3 * -4", -12),
            ("Sum(1, 2, 3)", 6),
            ("Sum(MakeList(1, NOT_SET, 3))", 4),
        ],
    )
    def test_integers_give_integers(self, text: str, value: int) -> None:
        assert evaluate(text) == value

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("10 / 4", "2.5"),
            ("6 / 2", "3.0"),
            ("2 / 3", "0." + "6" * 39 + "7"),
            ("2 ^ -2", "0.25"),
            ("-2 ^ 2", "4.0"),
            ("1.10 + 1", "2.10"),
            ("7.5 % 2", "1.5"),
            ("-(1234567890123456789012345678901234567.125)", "-1234567890123456789012345678901234567.125"),
            ("0.1 + 0.2", "0.3"),
            ("1.5 - 2", "-0.5"),
            ("Ceiling(1.1)", "2.0"),
            ("Floor(-1.1)", "-2.0"),
            ("Round(2.5)", "3.0"),
            ("Round(2.345, 2)", "2.35"),
        ],
    )
    def test_decimals_have_forty_digits_and_are_rounded_half_up(self, text: str, value: str) -> None:
        assert evaluate(f"ToString({text})") == value

    def test_the_largest_integer_has_fifteen_digits(self) -> None:
        assert evaluate("999999999999998 + 1") == 999_999_999_999_999
        too_large = "the result is beyond the largest Integer, 999999999999999"
        assert evaluation_error("999999999999999 + 1") == f"line 1, column 17: +: {too_large}"
        assert evaluation_error("-999999999999999 - 1") == f"line 1, column 18: -: {too_large}"
        assert evaluation_error('ToInt("18446744073709551615")') == f"line 1, column 1: ToInt: {too_large}"
        assert evaluation_error("Flow.id", id=18446744073709551615) == f"line 1, column 1: Flow.id: {too_large}"

    @pytest.mark.parametrize("text", ["9.0 ^ 99", "10 ^ 40", "9 ^ 999999999999999", "0 ^ -1", "-2 ^ 0.5"])
    def test_what_no_decimal_can_hold_is_an_error(self, text: str) -> None:
        assert "the result is no number that a Decimal can hold" in evaluation_error(text)

    def test_division_by_zero_is_an_error(self) -> None:
        assert evaluation_error("1 / (1 - 1)") == "line 1, column 8: /: argument 2 (divisor) must not be zero"
        assert (
            evaluation_error("1 % Flow.d", d=Decimal("0.0"))
            == "line 1, column 5: %: argument 2 (divisor) must not be zero"
        )

    def test_durations_and_money_are_added_up(self) -> None:
        assert evaluate("ToString(Sum(ToDuration(1000), ToDuration(500)))") == "PT1.5S"
        assert evaluate('ToString(Round(Ceiling(MakeCurrency(1.5, "USD")) / 3, 2))') == "0.67|USD"
        assert evaluate('ToString(Round(-MakeCurrency(1.5, "USD")))') == "-2.0|USD"
        assert evaluate("ToString(Sum(ToCurrency(2), ToCurrency(0.5)))") == "2.5|"
        assert evaluate("Sum(MakeList(NOT_SET, Flow.i))", i=NOT_SET) is NOT_SET

    def test_money_needs_one_currency(self) -> None:
        assert evaluate('ToString(MakeCurrency(1.5, "usd") * 2 + MakeCurrency(1, "USD"))') == "4.0|USD"
        codes = "the two Currency values have different codes"
        assert codes in evaluation_error('MakeCurrency(1, "USD") + MakeCurrency(1, "EUR")')
        assert codes in evaluation_error('MakeCurrency(1, "USD") < MakeCurrency(1, "EUR")')
        assert "without an amount" in evaluation_error('MakeCurrency(NOT_SET, "USD") * 2')
        assert "without an amount" in evaluation_error('MakeCurrency(NOT_SET, "USD") < MakeCurrency(1, "USD")')
        assert "no ISO 4217 currency code" in evaluation_error('MakeCurrency(1, "dollars")')


class TestText:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ('Replace("aXbX", "X", "-")', "a-b-"),
            ('Right("abc", 0)', ""),
            ('Right("abc", 99)', "abc"),
            ('Substring("abc", 3, 1)', ""),
            ('Split("a,b,,c", ",")', ["a", "b", "", "c"]),
            ('FindString("aaa", "aa", 2)', 1),
            ('FindString("İx", "X", true)', 1),
            ('Trim("\u00a0a ")', "\u00a0a"),
            ('"a" < "B"', True),
            ('"b" > "B"', False),
            ('AreEqual(true, "a", NOT_SET)', False),
            ('Length("😀")', 1),
        ],
    )
    def test_text_functions(self, text: str, value: object) -> None:
        assert evaluate(text) == value

    def test_an_empty_delimiter_cannot_split(self) -> None:
        assert evaluation_error('Split("a", "")') == "line 1, column 1: Split: the delimiter is empty"


class TestCollections:
    def test_items_are_counted_from_nought(self) -> None:
        assert evaluate("Flow.list[0]", list=["a", "b"]) == "a"
        assert evaluate("GetAt(Flow.list, 1)", list=("a", "b")) == "b"

    @pytest.mark.parametrize("index", ["2", "-1"])
    def test_an_index_out_of_range_is_an_error(self, index: str) -> None:
        message = f"line 1, column 10: [: there is no item {index} in a collection of 2"
        assert evaluation_error(f"Flow.list[{index}]", list=["a", "b"]) == message

    def test_items_are_found_and_added(self) -> None:
        found = ["IDLE", "BUSY", "IDLE"]
        assert evaluate('FindFirst(Flow.list, "BUSY")', list=found) == 1
        assert evaluate('FindFirst(Flow.list, "AWAY")', list=found) == -1
        assert evaluate('Find(Flow.list, "IDLE")', list=found) == [0, 2]
        assert evaluate('AddItem(Flow.list, "AWAY")', list=found) == [*found, "AWAY"]
        assert evaluate('AddItem(Flow.list, "AWAY")', list=[]) == ["AWAY"]
        assert found == ["IDLE", "BUSY", "IDLE"]

    def test_integers_and_decimals_are_compared_item_by_item(self) -> None:
        assert evaluate("MakeList(1, NOT_SET) == MakeList(1.0, NOT_SET)") is True
        assert evaluate("MakeList(1) != MakeList(1.5)") is True


class TestDatesAndTimes:
    def test_now_is_what_the_clock_says_and_stands_still(self) -> None:
        ticks = iter([NOW])
        expression = Expression.parse("GetCurrentDateTimeUtc() == GetCurrentDateTimeUtc()")
        assert expression.evaluate({}, clock=lambda: next(ticks)) is True

    def test_a_clock_of_another_zone_is_read_in_utc(self) -> None:
        zone = timezone(timedelta(hours=2))
        value = Expression.parse("GetCurrentDateTimeUtc()").evaluate(
            {}, clock=lambda: datetime(2026, 1, 1, 1, tzinfo=zone)
        )
        assert value == datetime(2025, 12, 31, 23, tzinfo=UTC)

    def test_a_clock_without_a_zone_is_the_callers_mistake(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            Expression.parse("GetCurrentDateTimeUtc()").evaluate({}, clock=lambda: datetime(2026, 1, 1))  # noqa: DTZ001

    def test_without_a_clock_it_is_the_real_time(self) -> None:
        before = datetime.now(UTC)
        now = Expression.parse("GetCurrentDateTimeUtc()").evaluate({})
        assert isinstance(now, datetime)
        assert before <= now <= datetime.now(UTC)

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("ToString(GetCurrentDateTimeUtc())", "2026-03-01T12:30:15Z"),
            ("ToString(AddHours(GetCurrentDateTimeUtc(), -13))", "2026-02-28T23:30:15Z"),
            ("ToString(AddMonths(MakeDateTime(2024, 1, 31), 1))", "2024-02-29T00:00:00Z"),
            ("ToString(AddYears(MakeDateTime(2024, 2, 29), -1))", "2023-02-28T00:00:00Z"),
            ('ToString(AddDuration(MakeDateTime(2024, 1, 1), ToDuration("PT0.5S")))', "2024-01-01T00:00:00Z"),
            ("ToString(MakeDateTime(2024, 1, 2) - MakeDuration(1, 0, 0, 1))", "2023-12-31T23:59:59Z"),
            ("ToString(DateTimeDiff(MakeDateTime(2024, 1, 2), MakeDateTime(2024, 1, 1)))", "P1D"),
            ("ToString(ToDuration(0))", "PT0S"),
            ("ToString(ToDuration(-1500))", "-PT1.5S"),
            ('ToString(ToDateTime("2024-01-01T01:30:00+02:00"))', "2023-12-31T23:30:00Z"),
            ('ToString(ToDateTime("2024-01-01T01:30:00.999"))', "2024-01-01T01:30:00Z"),
            ("ToString(ToDateTime(86400))", "1970-01-02T00:00:00Z"),
        ],
    )
    def test_dates_and_durations_are_calculated(self, text: str, value: str) -> None:
        assert evaluate(text) == value

    def test_the_parts_of_a_date_are_read(self) -> None:
        parts = ", ".join(f"{part}(Flow.t)" for part in ("Year", "Month", "Day", "Hour", "Minute", "Second"))
        assert evaluate(f"MakeList({parts})", t=NOW) == [2026, 3, 1, 12, 30, 15]

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("MakeDateTime(2023, 2, 29)", "2023-02 has no day 29"),
            ('ToDateTime("yesterday")', '"yesterday" is no date and time such as 2009-01-10T06:30:00Z'),
            ('ToDateTime("2023-02-30T00:00:00Z")', '"2023-02-30T00:00:00Z" is no date and time'),
            ('ToDateTime("0001-01-01T00:00:00+01:00")', "is no date and time"),
            ('ToDuration("P")', '"P" is no duration such as P1DT2H3M4.5S'),
            ('ToDuration("P1DT")', '"P1DT" is no duration'),
            ('ToDuration("PT9999999999999999S")', "is no duration"),
            ("ToDuration(999999999999999) + ToDuration(1)", "a Duration has at most 999999999999999 milliseconds"),
            ("MakeDuration(999999999999999, 0, 0, 0)", "a Duration has at most"),
            ("AddDays(GetCurrentDateTimeUtc(), 999999999999999)", "the result is no DateTime"),
            ("AddYears(GetCurrentDateTimeUtc(), 9999)", "the result is no DateTime"),
            ("GetCurrentDateTimeUtc() + ToDuration(999999999999999)", "the result is no DateTime"),
            ("ToDateTime(999999999999999)", "the result is no DateTime"),
        ],
    )
    def test_what_is_no_date_or_duration_is_an_error(self, text: str, reason: str) -> None:
        assert reason in evaluation_error(text)
