"""How expressions are read. Expectations were observed in Genesys' own expression parser."""

from __future__ import annotations

import pytest

from architect.expressions import NOT_SET, Expression, ExpressionError

from .support import evaluate, syntax_error


def same(left: str, right: str) -> bool:
    return Expression.parse(left) == Expression.parse(right)


class TestPrecedence:
    @pytest.mark.parametrize(
        ("text", "means"),
        [
            ("1 + 2 * 3", "1 + (2 * 3)"),
            ("8 - 4 - 2", "(8 - 4) - 2"),
            ("8 / 4 / 2", "(8 / 4) / 2"),
            ("2 * 3 % 4", "(2 * 3) % 4"),
            ("2 ^ 3 ^ 2", "2 ^ (3 ^ 2)"),
            ("-2 ^ 2", "(-2) ^ 2"),
            ("-Flow.i ^ 2", "(-Flow.i) ^ 2"),
            ("2 ^ -Flow.i", "2 ^ (-Flow.i)"),
            ("!true == false", "(!true) == false"),
            ("1 < 2 == true", "(1 < 2) == true"),
            ("1 + 2 < 4 and 3 > 2", "((1 + 2) < 4) and (3 > 2)"),
            ("true or false and false", "true or (false and false)"),
            ("1 == 1 | 2", "(1 == 1) | 2"),
            ("1 | 2 & 3", "1 | (2 & 3)"),
            ("1 & 2 == 3", "1 & (2 == 3)"),
            ("true or false ? 1 : 2", "(true or false) ? 1 : 2"),
            ("true ? 1 : 2 + 3", "true ? 1 : (2 + 3)"),
            ("true ? false : true ? 3 : 4", "(true ? false : true) ? 3 : 4"),
            ("-Flow.list[0]", "-(Flow.list[0])"),
        ],
    )
    def test_operators_group_as_in_architect(self, text: str, means: str) -> None:
        assert same(text, means)

    @pytest.mark.parametrize(
        "text",
        ["true ? true or false : false", "true ? false : true or false", "true ? true ? 1 : 2 : 3", "--5", "-!true"],
    )
    def test_what_architect_wants_in_parentheses_is_refused_without(self, text: str) -> None:
        with pytest.raises(ExpressionError):
            Expression.parse(text)

    @pytest.mark.parametrize("text", ["(MakeList(1))[0]", '"abc"[0]', "(ToPhoneNumber(Flow.x)).e164", "1[0]"])
    def test_only_calls_and_variables_have_members_and_items(self, text: str) -> None:
        with pytest.raises(ExpressionError):
            Expression.parse(text)


class TestLetterCase:
    def test_functions_variables_and_logic_may_be_spelt_in_any_case(self) -> None:
        assert same("lower(flow.NAME) == Flow.x AND true oR false", "LOWER(Flow.Name) == FLOW.X and true or false")

    def test_a_variable_is_found_in_any_case(self) -> None:
        assert Expression.parse("FLOW.ani").evaluate({"Flow.Ani": "x"}) == "x"
        assert Expression.parse("FLOW.ani").check({"Flow.Ani": "String"}) == "String"

    @pytest.mark.parametrize(
        ("word", "hint"),
        [
            ("TRUE", "true is written in lower case"),
            ("False", "false is written in lower case"),
            ("not_set", "NOT_SET is written in capitals"),
            ("null", "write NOT_SET"),
        ],
    )
    def test_the_constants_may_not(self, word: str, hint: str) -> None:
        assert syntax_error(word) == f"line 1, column 1: '{word}' is neither a function call nor a variable: {hint}"


class TestLiterals:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            (r'"a\"b\\c\n\r\t"', 'a"b\\c\n\r\t'),
            ('"one\ntwo"', "one\ntwo"),
            ('"it\'s"', "it's"),
            ('"é中😀"', "é中😀"),
            ('""', ""),
            ("007", 7),
            ("- 5", -5),
            ("1 - -2", 3),
            ("1--2", 3),
            ("true", True),
            ("NOT_SET", NOT_SET),
        ],
    )
    def test_literals_mean_what_they_say(self, text: str, value: object) -> None:
        result = evaluate(text)
        assert result == value
        assert type(result) is type(value)

    @pytest.mark.parametrize(("text", "value"), [("1.50", "1.50"), ("5.", "5.0"), (".5", "0.5"), ("-.5", "-0.5")])
    def test_decimals_may_leave_out_a_side_of_the_point(self, text: str, value: str) -> None:
        assert evaluate(f"ToString({text})") == value

    def test_a_sign_and_a_number_are_one_literal_but_spellings_of_a_number_differ(self) -> None:
        assert same("-5", "- 5")
        assert not same("1.0", "1.00")
        assert not same("1", "true")


class TestVariables:
    def test_they_are_listed_once_in_order_and_as_written(self) -> None:
        text = 'If(Flow.B, Call.ConversationId, flow.b ? Task.Queue.id : State.list[Task.I + flow.B].x."y z")'
        assert Expression.parse(text).variables() == [
            "Flow.B",
            "Call.ConversationId",
            "Task.Queue",
            "State.list",
            "Task.I",
        ]

    def test_white_space_may_stand_before_the_dot_but_not_after_it(self) -> None:
        assert same("Flow .x", "Flow.x")
        assert syntax_error("Flow. x") == "line 1, column 5: unexpected ."

    def test_letters_of_other_scripts_may_be_used(self) -> None:
        assert Expression.parse("Flow.Straße_1").variables() == ["Flow.Straße_1"]


class TestErrorsSayWhereAndWhat:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "line 1, column 1: the expression is empty"),
            (" \n\t", "line 1, column 1: the expression is empty"),
            ("'a'", "line 1, column 1: unexpected ': strings are written in double quotes"),
            ("true && false", "line 1, column 6: unexpected &&: write and"),
            ("true || false", "line 1, column 6: unexpected ||: write or"),
            ("1 <> 2", "line 1, column 3: unexpected <>: inequality is written !="),
            ("1 = 2", "line 1, column 3: unexpected =: equality is written =="),
            ("not true", "line 1, column 5: unexpected true"),
            ("1 +\n  * 2", "line 2, column 3: unexpected *"),
            ("1 2", "line 1, column 3: unexpected 2"),
            ('Append("a",)', "line 1, column 12: unexpected )"),
            ("1)", "line 1, column 2: unexpected )"),
            ("1 +", "line 1, column 4: the expression ends too early"),
            ('Append("(", Lower("a")', "line 1, column 7: this ( is never closed"),
            ("Flow.x[1", "line 1, column 7: this [ is never closed"),
            ('Lower("abc)', "line 1, column 7: this string is never closed"),
            ('"a\\', "line 1, column 1: this string is never closed"),
            (r'"a\qb"', r"line 1, column 3: \q is no escape; there are \", \\, \n, \r and \t"),
            ('Flow."x', "line 1, column 6: this string is never closed"),
            ("1; 2", "line 1, column 2: unexpected ;"),
            (
                "Lower",
                (
                    "line 1, column 1: 'Lower' is neither a function call nor a variable: "
                    "a function needs parentheses, a variable its scope, as in Flow.Name"
                ),
            ),
        ],
    )
    def test_the_message_gives_the_place_and_the_reason(self, text: str, message: str) -> None:
        assert syntax_error(text) == message

    def test_an_error_has_its_place_as_numbers(self) -> None:
        with pytest.raises(ExpressionError) as caught:
            Expression.parse('"é",\n1')
        assert (caught.value.line, caught.value.column, caught.value.message) == (1, 4, "unexpected ,")


class TestEquality:
    def test_spaces_and_spelling_do_not_count_but_meaning_does(self) -> None:
        assert hash(Expression.parse("lower( Flow.a )")) == hash(Expression.parse("Lower(flow.A)"))
        assert not same("Flow.a", "Flow.b")
        assert Expression.parse("1") != "1"

    def test_an_expression_is_shown_as_it_was_written(self) -> None:
        assert str(Expression.parse(" 1+ 2")) == " 1+ 2"
        assert repr(Expression.parse("1")) == "Expression.parse('1')"
