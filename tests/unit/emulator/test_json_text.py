from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from architect.emulator.json_text import Json, JsonTextError, dumps, from_python, loads

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize("text", ["18446744073709551615", "1.10", "1E-30", '"\\u00e9"', "-0", '{"a":[1,null,true]}'])
def test_what_is_read_is_written_without_losing_a_digit(text: str) -> None:
    assert loads(dumps(loads(text))) == loads(text)


@pytest.mark.parametrize("text", ["18446744073709551615", "1.10", "9" * 5000])
def test_digits_come_out_as_they_went_in(text: str) -> None:
    assert dumps(loads(text)) == text


@given(VALUES)
def test_every_value_survives_a_round_trip(value: Json) -> None:
    assert loads(dumps(value)) == value


@pytest.mark.parametrize("text", ["", "{", "[1,]", "nul", "NaN", "Infinity", "'a'", "1e99999999999999999999"])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(JsonTextError):
        loads(text)


@pytest.mark.parametrize(("depth", "accepted"), [(50, True), (51, False), (100_000, False)])
def test_nesting_ends_at_fifty_levels(depth: int, accepted: bool) -> None:
    text = "[" * depth + "]" * depth
    if accepted:
        assert dumps(loads(text)) == text
    else:
        with pytest.raises(JsonTextError, match="nested deeper than 50 levels"):
            loads(text)


def test_brackets_inside_strings_do_not_count() -> None:
    assert loads('"' + "[" * 60 + '\\"{"') == "[" * 60 + '"{'


def test_python_floats_keep_the_digits_python_shows() -> None:
    assert from_python({"a": 0.1, "b": [1, "x"]}) == {"a": Decimal("0.1"), "b": [1, "x"]}


@pytest.mark.parametrize("value", [{1: 2}, object(), b"bytes", {"a": {1}}])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        from_python(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("Infinity")])
def test_what_is_no_json_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a JSON number"):
        from_python(value)


def test_an_integer_python_would_not_write_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 4000 digits"):
        from_python({"a": 10**5000})


def test_nested_python_data_ends_at_fifty_levels_too() -> None:
    value: object = 1
    for _ in range(60):
        value = [value]
    with pytest.raises(ValueError, match="nested deeper"):
        from_python(value)
