"""Nothing that is written in an expression can exhaust the machine."""

from __future__ import annotations

import time

import pytest

from architect.expressions import Expression, ExpressionError
from architect.expressions.build import MAX_NESTING
from architect.expressions.grammar import MAX_LENGTH
from architect.expressions.texts import MAX_TEXT

from .support import evaluate, evaluation_error, syntax_error

FITTING = '"' + "a" * (MAX_LENGTH - 2) + '"'


def test_an_expression_has_at_most_32000_characters() -> None:
    assert evaluate(FITTING) == "a" * (MAX_LENGTH - 2)
    message = "line 2, column 2: the expression has 32001 characters, 32000 at most are allowed"
    assert syntax_error(" " * (MAX_LENGTH - 2) + "\n12") == message


@pytest.mark.parametrize(
    ("before", "innermost", "after"),
    [("Lower(", '"a"', ")"), ("!", "true", ""), ("", "1", " + 1"), ("", "Flow.x", ".y"), ("", "Flow.x", "[0]")],
)
def test_calls_and_operators_nest_at_most_61_levels(before: str, innermost: str, after: str) -> None:
    Expression.parse(before * MAX_NESTING + innermost + after * MAX_NESTING)
    deeper = before * (MAX_NESTING + 1) + innermost + after * (MAX_NESTING + 1)
    assert syntax_error(deeper).endswith("calls and operators are nested deeper than 61 levels")


def test_parentheses_do_not_count() -> None:
    assert evaluate("(" * 15_000 + "1" + ")" * 15_000) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1000000000000000", "1000000000000000 is beyond the largest Integer, 999999999999999"),
        ("0000000000000001", "0000000000000001 is beyond the largest Integer, 999999999999999"),
        ("12345678901234567890123456789012345678901.0", "a Decimal has at most 40 digits"),
        ("0.1234567890123456789012345678901234567890123", "a Decimal has at most 40 digits"),
    ],
)
def test_a_number_has_at_most_its_types_digits(text: str, message: str) -> None:
    assert syntax_error(text) == f"line 1, column 1: {message}"


@pytest.mark.parametrize(
    "text", ["999999999999999", "-999999999999999", "1234567890123456789012345678901234567890.000"]
)
def test_a_number_may_have_all_of_them(text: str) -> None:
    assert str(evaluate(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "(" * 31_999,
        ")" * 32_000,
        "[" * 32_000,
        "!" * 32_000,
        "-" * 32_000,
        "1+" * 16_000,
        "Flow.x" + "[0]" * 10_000,
        "Flow.x" + ".y" * 15_000,
        "true?1:" * 4_000,
        "Append(" * 4_000,
        '"' + "\\n" * 15_999,
        '"' * 31_999,
        "\\" * 32_000,
        "." * 32_000,
        "9" * 32_000,
        "9" * 31_000 + ".",
        "a" * 32_000,
        "\n" * 31_999 + ";",
        "If(" * 10_000,
    ],
)
def test_hostile_text_is_refused_in_a_moment(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(ExpressionError):
        Expression.parse(text)
    assert time.perf_counter() - started < 5


def test_many_arguments_are_read_in_proportion_to_their_number() -> None:
    assert evaluate("Count(MakeList(" + "1," * 15_000 + "1))") == 15_001


@pytest.mark.parametrize(
    "text",
    [
        "Append(" + ", ".join(["Flow.x"] * 1_000) + ")",
        'Replace(Flow.x, "a", Flow.x)',
        "ToString(MakeList(" + ", ".join(["Flow.x"] * 1_000) + "))",
        "ToString(Flow.list, Flow.x)",
        "Flow.x + Flow.x",
    ],
)
def test_a_text_that_would_become_too_long_is_not_made(text: str) -> None:
    long = "a" * (MAX_TEXT - 1)
    assert f"the result has more than {MAX_TEXT} characters" in evaluation_error(text, x=long, list=["", "", ""])


def test_a_text_from_outside_has_the_same_limit() -> None:
    message = f"line 1, column 1: Flow.x: the result has more than {MAX_TEXT} characters"
    assert evaluation_error("Flow.x", x="a" * (MAX_TEXT + 1)) == message
