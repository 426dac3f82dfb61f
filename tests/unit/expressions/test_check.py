"""What is refused before a flow is published, and which type the rest has."""

from __future__ import annotations

import pytest

from architect.expressions import Expression

from .support import check, check_error


class TestResultTypes:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("1 + 1", "Integer"),
            ("1 + 1.0", "Decimal"),
            ("1 / 1", "Decimal"),
            ("2 ^ 2", "Decimal"),
            ("5 % 2", "Integer"),
            ('"a" + "b"', "String"),
            ("1 == 1.0", "Boolean"),
            ("MakeList(1, NOT_SET)", "Integer Collection"),
            ("MakeList(1)[0]", "Integer"),
            ('GetAt(MakeList("a"), 0)', "String"),
            ('Split("a,b", ",")', "String Collection"),
            ("MakeEmptyList(1.5)", "Decimal Collection"),
            ('If(true, "a", NOT_SET)', "String"),
            ("true ? NOT_SET : 1", "Integer"),
            ("GetCurrentDateTimeUtc() - MakeDuration(1, 0, 0, 0)", "DateTime"),
            ("-MakeDuration(1, 0, 0, 0)", "Duration"),
            ('ToPhoneNumber("1").E164', "String"),
            ('ToPhoneNumber("1")["isTel"]', "Boolean"),
            ('JsonParse("{}").a.b', "JSON"),
            ('FindQueue("Sales")', "Queue"),
            ('ToAudioTTS("a") + ToAudioTTS("b")', "Audio"),
            ("Append(Prompt.Welcome, PromptSystem.you_are_caller_number)", "Audio"),
            ("NOT_SET", "NOT_SET"),
        ],
    )
    def test_the_type_follows_from_the_arguments(self, text: str, kind: str) -> None:
        assert check(text) == kind

    def test_a_variable_has_its_declared_type_in_any_spelling(self) -> None:
        assert check("Flow.a", a="stringCollection") == "String Collection"
        assert check("Flow.a", a="String Collection") == "String Collection"
        assert check("Flow.a", a="phonenumber") == "PhoneNumber"
        assert check("Flow.a", a="SomethingNew") == "SomethingNew"

    def test_a_type_without_a_name_is_the_callers_mistake(self) -> None:
        with pytest.raises(ValueError, match="not the name of a data type"):
            check("Flow.a", a="Collection")

    def test_without_declarations_variables_take_part_in_anything(self) -> None:
        assert Expression.parse("Replace(Flow.a, Flow.b, Flow.c[0].d)").check() == "String"
        assert Expression.parse("Flow.a + 1").check() == "Any"
        assert Expression.parse("Flow.a < 1 and Flow.a == Flow.b").check() == "Boolean"

    def test_a_variable_of_unknown_type_takes_part_in_anything(self) -> None:
        assert check("Append(Flow.a, Flow.b)", a="Any", b="String") == "String"

    def test_objects_of_an_organisation_may_have_any_property(self) -> None:
        assert check("Flow.q.id", q="Queue") == "Any"


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("Foo(1)", "line 1, column 1: there is no function 'Foo'; did you mean Floor?"),
            ("Xyzzy(1)", "line 1, column 1: there is no function 'Xyzzy'"),
            ('ToLower("a")', "line 1, column 1: there is no function 'ToLower'; did you mean Lower?"),
            ('1 + indexOf("a")', "line 1, column 5: there is no function 'indexOf'; did you mean FindString?"),
            (
                "ToAudioNumber(1)",
                "line 1, column 1: 'ToAudioNumber' is a function of Architect's that this engine does not evaluate",
            ),
            ('Replace("a", "b")', "line 1, column 1: Replace takes 3 arguments, 2 given"),
            ("Length()", "line 1, column 1: Length takes 1 argument, 0 given"),
            ('Append("a")', "line 1, column 1: Append takes at least 2 arguments, 1 given"),
            ("MakeList()", "line 1, column 1: MakeList takes at least 1 argument, 0 given"),
            ('Contains("a")', "line 1, column 1: Contains takes 2 or 3 arguments, 1 given"),
            ('FindString("a")', "line 1, column 1: FindString takes 2 to 4 arguments, 1 given"),
            (
                'Append("00-", 5)',
                "line 1, column 15: Append: argument 2 (textToAppend) must be String, not Integer",
            ),
            ("Lower(\n  5)", "line 2, column 3: Lower: argument 1 (text) must be String, not Integer"),
            ('"a" + 1', "line 1, column 7: +: argument 2 (addend) must be String, not Integer"),
            ('1 + "a"', "line 1, column 5: +: argument 2 (addend) must be Integer or Decimal, not String"),
            ("1 + NOT_SET", "line 1, column 5: +: argument 2 (addend) must be Integer or Decimal, not NOT_SET"),
            (
                'Replace(NOT_SET, "a", "b")',
                "line 1, column 9: Replace: argument 1 (text) must be String, not NOT_SET",
            ),
            ("! 1", "line 1, column 3: !: argument 1 (booleanValue) must be Boolean, not Integer"),
            (
                "Flow.s == 1",
                "line 1, column 11: ==: argument 1 is String and argument 2 is Integer; they must be of one type",
            ),
            (
                'If(true, 1, "a")',
                "line 1, column 13: If: argument 2 is Integer and argument 3 is String; they must be of one type",
            ),
            (
                "true ? 1 : 2.5",
                "line 1, column 12: ?: argument 2 is Integer and argument 3 is Decimal; they must be of one type",
            ),
            ("If(true, NOT_SET, NOT_SET)", "line 1, column 1: If: the two branches cannot both be the word NOT_SET"),
            ("If(NOT_SET, 1, 2)", "line 1, column 4: If: the condition must be Boolean, not the word NOT_SET"),
            (
                "Append(NOT_SET, NOT_SET)",
                "line 1, column 1: Append: at least one argument must be something other than the word NOT_SET",
            ),
            (
                "MakeList(NOT_SET)",
                (
                    "line 1, column 1: MakeList: at least one item must be something other than the word NOT_SET, "
                    "to give the list its type"
                ),
            ),
            (
                "Sum(NOT_SET, NOT_SET)",
                "line 1, column 1: Sum: at least one argument must be something other than the word NOT_SET",
            ),
            (
                "MakeEmptyList(NOT_SET)",
                "line 1, column 15: MakeEmptyList: the word NOT_SET has no type; name one, as in ToString(NOT_SET)",
            ),
            (
                'FindFirst(MakeList(1), "a")',
                "line 1, column 24: FindFirst: argument 2 must be Integer, as the collection holds, not String",
            ),
            ('Left("a", -1)', "line 1, column 11: Left: argument 2 (length) must be at least 0, not -1"),
            (
                "ToString(2.5, 29)",
                "line 1, column 15: ToString: argument 2 (decimalPlaces) must be at most 28, not 29",
            ),
            ("1 / 0", "line 1, column 5: /: argument 2 (divisor) must not be zero"),
            (
                "ToAudioBlank(Flow.i)",
                "line 1, column 14: ToAudioBlank: argument 1 (lengthMs) must be written out, not computed",
            ),
            ("Flow.s.x", "line 1, column 7: a value of type String has no properties, so 'x' cannot be read"),
            ("IsSet(MakeList(1))", "line 1, column 7: IsSet: argument 1 (item) must be Any, not Integer Collection"),
            ('MakeList(ToAudioTTS("a"))', "line 1, column 10: MakeList: argument 1 (item) must be Any, not Audio"),
            (
                'ToPhoneNumber("1").nope',
                (
                    "line 1, column 19: PhoneNumber has no property 'nope'; "
                    "it has e164, uri, raw, scheme, isTel, isSip, isGlobal"
                ),
            ),
            (
                "Flow.Traceparen",
                "line 1, column 1: there is no variable 'Flow.Traceparen'; did you mean Flow.Traceparent?",
            ),
            ("Call.ConversationId", "line 1, column 1: there is no variable 'Call.ConversationId'"),
        ],
    )
    def test_the_sentence_names_function_argument_expected_and_found(self, text: str, message: str) -> None:
        assert check_error(text, s="String", i="Integer", Traceparent="String") == message

    def test_a_json_value_must_be_turned_into_text_first(self) -> None:
        assert check("ToString(Flow.j.id)", j="JSON") == "String"
        assert "must be String or Audio or Prompt, not JSON" in check_error("Append(Flow.j.id, Flow.j.id)", j="JSON")
