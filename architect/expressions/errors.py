"""What can go wrong with an expression: it cannot be read, it means nothing, or it fails while it is evaluated."""

from __future__ import annotations


class ExpressionError(Exception):
    """The expression is at fault at `line` and `column`, both 1-based and counted in characters.

    `str()` gives the place and the sentence, `message` the sentence alone.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.message, self.line, self.column = message, line, column


class CheckError(ExpressionError):
    """Architect would not let a flow with this expression be published."""


class EvaluationError(ExpressionError):
    """Architect would leave the action here and go to the flow's error handling."""


class OverloadError(Exception):
    """No overload takes these arguments, or one argument is not allowed.

    `argument` is the index of the argument at fault, None when the call as a whole is.
    """

    def __init__(self, message: str, argument: int | None = None) -> None:
        super().__init__(message)
        self.message, self.argument = message, argument


class FailureError(Exception):
    """A function cannot give a result for the values it was handed."""
