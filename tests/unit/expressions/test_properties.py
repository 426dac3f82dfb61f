"""What holds for every expression and every conversation id."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from architect.expressions import NOT_SET, EvaluationError, Expression, ExpressionError
from architect.expressions.values import type_of

TRACEPARENT = (
    'Append("00-", Lower(Replace(Call.ConversationId, "-", "")), "-", '
    'Left(Lower(Replace(Call.ConversationId, "-", "")), 16), "-01")'
)
TYPES = {
    "Flow.s": "String",
    "Flow.i": "Integer",
    "Flow.d": "Decimal",
    "Flow.b": "Boolean",
    "Flow.l": "StringCollection",
}
TYPES |= {"Flow.t": "DateTime", "Flow.u": "Duration"}
VALUES = st.fixed_dictionaries(
    {
        "Flow.s": st.text(max_size=5) | st.just(NOT_SET),
        "Flow.i": st.integers(-(10**15) + 1, 10**15 - 1) | st.just(NOT_SET),
        "Flow.d": st.decimals(-1000, 1000, places=3) | st.just(NOT_SET),
        "Flow.b": st.booleans() | st.just(NOT_SET),
        "Flow.l": st.lists(st.text(max_size=2) | st.just(NOT_SET), max_size=3),
        "Flow.t": st.datetimes(timezones=st.just(UTC)),
        "Flow.u": st.timedeltas(timedelta(days=-9), timedelta(days=9)),
    }
)
ATOMS = st.sampled_from([*TYPES, "0", "1", "2.5", "-3", '"a"', '""', "true", "false", "NOT_SET", "ToString(NOT_SET)"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=", "and", "or", "&", "|"])
    functions = st.sampled_from(
        [
            "Append",
            "Replace",
            "Left",
            "Substring",
            "Length",
            "FindString",
            "If",
            "IsSet",
            "ToString",
            "ToInt",
            "ToDecimal",
            "MakeList",
            "AreEqual",
            "Compare",
            "MakeDuration",
            "AddDays",
            "Split",
            "Sum",
            "Round",
            "Count",
            "GetAt",
            "ToBool",
            "ToDateTime",
            "ToDuration",
            "IsNotSetOrEmpty",
        ]
    )
    return st.one_of(
        st.builds("({} {} {})".format, inner, operators, inner),
        st.builds(lambda name, arguments: f"{name}({', '.join(arguments)})", functions, st.lists(inner, max_size=4)),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("!{}".format, inner),
        st.builds("-({})".format, inner),
    )


EXPRESSIONS = st.recursive(ATOMS, _larger, max_leaves=8)
FRAGMENTS = st.lists(
    st.sampled_from(
        [*"()[],.?:!-+*/^&|~<>=\"'\\ \n;", "and", "or", "Flow.x", "If(", "NOT_SET", "true", "1", '"a"', "é"]
    )
    | st.text(max_size=3)
).map("".join)


def raised_by(work: Callable[[], object]) -> ExpressionError | None:
    try:
        work()
    except ExpressionError as error:
        return error
    return None


@given(st.uuids(), st.randoms(use_true_random=False))
def test_a_conversation_id_in_any_letter_case_gives_its_traceparent(conversation: UUID, random: object) -> None:
    spelt = "".join(random.choice([digit.lower(), digit.upper()]) for digit in str(conversation))  # type: ignore[attr-defined]
    value = Expression.parse(TRACEPARENT).evaluate({"Call.ConversationId": spelt})
    assert value == f"00-{conversation.hex}-{conversation.hex[:16]}-01"


def test_the_traceparent_is_a_string_for_the_check() -> None:
    assert Expression.parse(TRACEPARENT).check({"Call.ConversationId": "String"}) == "String"


@given(st.text() | FRAGMENTS)
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ExpressionError):
        Expression.parse(text)


@given(FRAGMENTS)
def test_an_error_lies_within_the_text(text: str) -> None:
    error = raised_by(lambda: Expression.parse(text))
    if error:
        lines = text.split("\n")
        assert 1 <= error.line <= len(lines)
        assert 1 <= error.column <= len(lines[error.line - 1]) + 1


@given(FRAGMENTS | EXPRESSIONS)
def test_what_an_expression_is_shown_as_is_read_as_an_equal_one(text: str) -> None:
    with suppress(ExpressionError):
        expression = Expression.parse(text)
        assert Expression.parse(str(expression)) == expression
        assert hash(Expression.parse(str(expression))) == hash(expression)


@given(EXPRESSIONS)
def test_white_space_and_the_case_of_names_change_nothing(text: str) -> None:
    spread = text.replace("(", " (\n").replace("Flow.", "FLOW.")
    for name in ("Append", "If", "ToString"):
        spread = spread.replace(f"{name} (", f"{name.upper()} (")
    assert Expression.parse(spread) == Expression.parse(text)


@given(EXPRESSIONS, VALUES)
def test_what_passes_the_check_gives_its_type_or_a_runtime_error(text: str, values: dict[str, object]) -> None:
    expression = Expression.parse(text)
    if raised_by(lambda: expression.check(TYPES)):
        return
    error = raised_by(lambda: expression.evaluate(values))
    if error:
        assert isinstance(error, EvaluationError)
        assert "must be of one type" not in error.message
        assert " takes " not in error.message
    else:
        kind = str(type_of(expression.evaluate(values)))
        assert kind in (expression.check(TYPES), "Any", "Any Collection") or expression.check(TYPES) == "NOT_SET"


@given(EXPRESSIONS, VALUES)
def test_an_unchecked_expression_gives_a_value_or_a_runtime_error(text: str, values: dict[str, object]) -> None:
    with suppress(EvaluationError):
        Expression.parse(text).evaluate(values)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=15))
def test_a_decimal_survives_being_text(value: Decimal) -> None:
    assert Expression.parse("ToDecimal(ToString(Flow.d))").evaluate({"Flow.d": value}) == value


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_duration_survives_being_text(milliseconds: int) -> None:
    assert (
        Expression.parse("ToInt(ToDuration(ToString(ToDuration(Flow.i))))").evaluate({"Flow.i": milliseconds})
        == milliseconds
    )
