"""Values from outside and their conversions into each other."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from architect.expressions import NOT_SET, Audio, AudioPart, Currency, Entity, Expression, PhoneNumber

from .support import check, evaluate, evaluation_error


class TestNumbersFromText:
    @pytest.mark.parametrize(("text", "value"), [('" 25 "', 25), ('"+7"', 7), ('"-007"', -7), ('"\t"', NOT_SET)])
    def test_an_integer_may_have_a_sign_and_blanks_around(self, text: str, value: object) -> None:
        assert evaluate(f"ToInt({text})") == value

    @pytest.mark.parametrize("text", ["2.5", "1e3", "0H", "٣", "1_000", "--1", "9" * 5000])
    def test_all_else_is_no_integer(self, text: str) -> None:
        assert "is no Integer" in evaluation_error("ToInt(Flow.x)", x=text)

    @pytest.mark.parametrize(("text", "value"), [("2.50", "2.50"), (".5", "0.5"), ("-1", "-1.0"), (" 3. ", "3.0")])
    def test_a_decimal_may_leave_out_a_side_of_the_point(self, text: str, value: str) -> None:
        assert evaluate("ToString(ToDecimal(Flow.x))", x=text) == value

    @pytest.mark.parametrize("text", ["x", "1e3", ".", "NaN", "Infinity"])
    def test_all_else_is_no_decimal(self, text: str) -> None:
        assert "is no Decimal" in evaluation_error("ToDecimal(Flow.x)", x=text)


class TestOtherConversions:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ('ToBool("TRUE")', True),
            ('ToBool("f")', False),
            ('ToBool("yes")', NOT_SET),
            ("ToBool(0.0)", False),
            ("ToBool(-1)", True),
            ("ToDecimal(true)", Decimal(1)),
            ("ToInt(-5.7)", -5),
            ('ToDecimal("")', NOT_SET),
            ('ToDateTime("")', NOT_SET),
            ('ToDuration(" ")', NOT_SET),
            ('ToDuration("-P1DT2H3M4.5678S")', -timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=567)),
            ('ToCurrency("2.50|eur")', Currency(Decimal("2.50"), "EUR")),
            ('ToCurrency("|")', Currency(NOT_SET, NOT_SET)),
            ("ToDecimal(MakeCurrency(2, NOT_SET))", Decimal(2)),
            ('MakeCurrency(2, "USD").Code', "USD"),
            ("IsNotSetOrEmpty(ToCurrency(NOT_SET))", True),
            ("ToDisplayString(1.5)", "1.5"),
            ('ToString(MakeList("a", NOT_SET), NOT_SET)', "a\n"),
            ('ToString(MakeList(1.25, 2.0), ";", 1)', "1.3;2.0"),
        ],
    )
    def test_conversions(self, text: str, value: object) -> None:
        assert evaluate(text) == value

    def test_a_currency_without_its_separator_is_an_error(self) -> None:
        assert "a Currency is written as amount|code" in evaluation_error('ToCurrency("5 USD")')

    def test_audio_has_no_text(self) -> None:
        assert "must be Any or Any Collection, not Audio" in evaluation_error('ToString(ToAudioTTS("a"))')


class TestPhoneNumbers:
    @pytest.mark.parametrize(
        ("raw", "e164", "uri"),
        [
            ("+1 (317) 872-3000", "+13178723000", "tel:+13178723000"),
            ("tel:+13178723000", "+13178723000", "tel:+13178723000"),
            ("SIP:john@example.com", NOT_SET, "sip:john@example.com"),
            ("anonymous", NOT_SET, "anonymous"),
        ],
    )
    def test_numbers_and_addresses_are_told_apart(self, raw: str, e164: object, uri: str) -> None:
        assert evaluate("ToPhoneNumber(Flow.x).e164", x=raw) == e164
        assert evaluate('ToPhoneNumber(Flow.x)."URI"', x=raw) == uri
        assert evaluate("Flow.x.isTel", x=PhoneNumber(raw)) is (e164 is not NOT_SET)
        assert evaluate("Flow.x.isSip", x=PhoneNumber(raw)) is uri.startswith("sip:")

    def test_equal_numbers_are_one_number(self) -> None:
        assert len({PhoneNumber("tel:+13178723000"), PhoneNumber("13178723000")}) == 1

    def test_a_property_no_phone_number_has_is_an_error(self) -> None:
        message = "line 1, column 7: 'nope': PhoneNumber has no such property"
        assert evaluation_error("Flow.x.nope", x=PhoneNumber("123")) == message


class TestObjects:
    def test_properties_are_read_in_any_case_and_missing_ones_are_not_set(self) -> None:
        queue = Entity("Queue", {"id": "q-1", "name": "Sales"})
        assert evaluate("Flow.q.ID", q=queue) == "q-1"
        assert evaluate("Flow.q.nope", q=queue) is NOT_SET
        assert evaluate("ToString(Flow.q)", q=queue) == "Sales"

    def test_whatever_is_looked_for_exists(self) -> None:
        assert evaluate('FindQueue("Sales")') == Entity("Queue", {"name": "Sales"})
        assert evaluate('FindUserById("u-1").id') == "u-1"
        assert evaluate("ToUser(NOT_SET)") is NOT_SET

    def test_agents_are_paired_with_scores(self) -> None:
        pairs = evaluate('MakeListAgentScorePair(MakeList(FindUserById("u-1")), MakeList(100))')
        assert pairs == [Entity("AgentScorePair", {"agent": Entity("User", {"id": "u-1"}), "score": 100})]
        message = "there are 1 agents but 2 scores"
        assert message in evaluation_error('MakeListAgentScorePair(MakeList(FindUserById("u")), MakeList(1, 2))')

    def test_audio_is_a_list_of_parts(self) -> None:
        audio = evaluate(
            'AudioPlaybackOptions(Append(Prompt.Hello, NOT_SET, ToAudioTTS("a") + ToAudioBlank(10)), true)'
        )
        parts = (AudioPart("prompt", "Hello"), AudioPart("tts", "a"), AudioPart("blank", 10))
        assert audio == Audio(parts, barge_in=True)
        assert evaluate("ToAudio(Flow.p)", p=Entity("Prompt", {"name": "x"})) == Audio((AudioPart("prompt", "x"),))


class TestJson:
    ATTRIBUTES = (
        r'"{\"id\": 18446744073709551615, \"rate\": 1.10, \"Id\": \"x\", \"none\": null, \"list\": [{\"a\": true}]}"'
    )

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ('ToString(GetJsonObjectProperty(Flow.j, "Id"))', "x"),
            ("ToString(Flow.j.id)", "18446744073709551615"),
            ("ToString(Flow.j.rate)", "1.10"),
            ("Flow.j.none", NOT_SET),
            ("ToString(Flow.j.list)", '[{"a":true}]'),
            ("ToString(Flow.j.list[0].a)", "true"),
            ('JsonParse("null")', NOT_SET),
            ("JsonParse(NOT_SET)", NOT_SET),
        ],
    )
    def test_values_keep_their_digits_and_null_is_not_set(self, text: str, value: object) -> None:
        assert evaluate(text, j=evaluate(f"JsonParse({self.ATTRIBUTES})")) == value

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("Flow.j.ID", "the JSON object has no property 'ID'"),
            ('GetJsonObjectProperty(Flow.j.Id, "x")', "the JSON value is not an object, so it has no property 'x'"),
            ("Flow.j.list[1]", "there is no item 1 in a collection of 1"),
            ("Flow.j.Id[0]", "the JSON value is not an array"),
            ('JsonParse("{")', "the text is not JSON: "),
            ("JsonParse(Flow.deep)", "nested deeper than"),
        ],
    )
    def test_what_is_not_there_is_an_error(self, text: str, reason: str) -> None:
        json = evaluate(f"JsonParse({self.ATTRIBUTES})")
        assert reason in evaluation_error(text, j=json, deep="[" * 10_000)

    def test_a_huge_number_is_not_written_out(self) -> None:
        assert evaluate('ToString(JsonParse("1e999999999"))') == "1E+999999999"

    def test_a_float_becomes_a_decimal_with_the_digits_python_shows(self) -> None:
        assert evaluate("ToString(Flow.j.x)", j={"x": 1.5}) == "1.5"


class TestValuesFromOutside:
    @pytest.mark.parametrize(
        ("value", "kind"),
        [
            ("a", "String"),
            (True, "Boolean"),
            (1, "Integer"),
            (Decimal(1), "Decimal"),
            (timedelta(1), "Duration"),
            ([NOT_SET, 1], "Integer"),
        ],
    )
    def test_python_values_stand_for_architects(self, value: object, kind: str) -> None:
        result = evaluate("Flow.x", x=value)
        assert result == value
        assert type(result) is type(value)
        if isinstance(value, list):
            assert evaluation_error("Append(Flow.x, Flow.x)", x=value).endswith(f"not {kind} Collection")

    def test_a_date_time_is_brought_to_utc(self) -> None:
        moment = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
        assert evaluate("ToString(Flow.x)", x=moment) == "2026-01-01T00:00:00Z"
        assert evaluate("ToString(Flow.x[0])", x=[moment]) == "2026-01-01T00:00:00Z"

    def test_a_decimal_is_rounded_to_forty_digits(self) -> None:
        assert evaluate("Flow.x", x=Decimal("1." + "2" * 50)) == Decimal("1." + "2" * 39)

    @pytest.mark.parametrize("value", [None, 1.5, b"x", {"x": object()}])
    def test_what_stands_for_nothing_is_the_callers_mistake(self, value: object) -> None:
        with pytest.raises(TypeError):
            evaluate("Flow.x", x=value)

    def test_only_variables_that_are_needed_are_looked_at(self) -> None:
        assert Expression.parse("1").evaluate({"Flow.x": None}) == 1
        assert check("1", x="String") == "Integer"
