"""The shortest ways to use an expression in a test."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from architect.expressions import CheckError, EvaluationError, Expression, ExpressionError

NOW = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)


def evaluate(text: str, **variables: object) -> object:
    """Evaluate with the variables of the scope Flow, at the time `NOW`."""
    named = {f"Flow.{name}": value for name, value in variables.items()}
    return Expression.parse(text).evaluate(named, clock=lambda: NOW)


def check(text: str, **types: str) -> str:
    """Check with the declared variables of the scope Flow."""
    return Expression.parse(text).check({f"Flow.{name}": kind for name, kind in types.items()})


def syntax_error(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        Expression.parse(text)
    assert type(caught.value) is ExpressionError
    return str(caught.value)


def check_error(text: str, **types: str) -> str:
    with pytest.raises(CheckError) as caught:
        check(text, **types)
    return str(caught.value)


def evaluation_error(text: str, **variables: object) -> str:
    with pytest.raises(EvaluationError) as caught:
        evaluate(text, **variables)
    return str(caught.value)
