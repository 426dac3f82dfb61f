"""From what lark recognises to the tree of an expression, refusing what is well-formed but out of bounds."""

from __future__ import annotations

import re
from decimal import Decimal

from lark import Token, Transformer, v_args

from architect.expressions.datatypes import BOOLEAN, DECIMAL, INTEGER, NULL, STRING
from architect.expressions.errors import ExpressionError
from architect.expressions.numbers import MAX_DIGITS, MAX_INTEGER, MAX_PRECISION, fits, negated
from architect.expressions.tree import NEGATION, Call, Literal, Member, Node, Place, Variable, depth_of
from architect.expressions.values import NOT_SET

MAX_NESTING = 61
"""Calls, operators and members inside each other. Genesys' own expression parser names a limit of 60 and counts the
outermost one as nought, so that 61 are accepted; parentheses do not count."""

_ESCAPES = {"\\": "\\", '"': '"', "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r"\\(.)")
_WORDS = {
    "true": "true is written in lower case",
    "false": "false is written in lower case",
    "not_set": "NOT_SET is written in capitals",
    "null": "write NOT_SET",
    "not": "write ! for not",
}


@v_args(inline=True)
class Build(Transformer[Token, Node]):
    """One method for each rule of the grammar."""

    def start(self, node: Node) -> Node:  # noqa: D102
        return node

    def string(self, token: Token) -> Literal:  # noqa: D102
        return Literal(STRING, str(token), _unescaped(token), _place(token))

    def integer(self, token: Token) -> Literal:  # noqa: D102
        if len(token) > MAX_DIGITS:
            raise _error(f"{token} is beyond the largest Integer, {MAX_INTEGER}", token)
        return Literal(INTEGER, str(token), int(token), _place(token))

    def decimal(self, token: Token) -> Literal:  # noqa: D102
        if not fits(token):
            raise _error(f"a Decimal has at most {MAX_PRECISION} digits", token)
        return Literal(DECIMAL, str(token), Decimal(token), _place(token))

    def boolean(self, token: Token) -> Literal:  # noqa: D102
        return Literal(BOOLEAN, str(token), str(token) == "true", _place(token))

    def not_set(self, token: Token) -> Literal:  # noqa: D102
        return Literal(NULL, str(token), NOT_SET, _place(token))

    def variable(self, scope: Token, name: Token) -> Variable:  # noqa: D102
        written = f"{scope}{name}"
        return Variable(written.lower(), written, _place(scope))

    def word(self, token: Token) -> Node:
        """Refuse a name that is neither followed by a parenthesis nor by a dot."""
        hint = _WORDS.get(token.lower(), "a function needs parentheses, a variable its scope, as in Flow.Name")
        raise _error(f"'{token}' is neither a function call nor a variable: {hint}", token)

    def call(self, name: Token, *arguments: Node) -> Call:  # noqa: D102
        return _call(name, *arguments)

    def binary(self, left: Node, operator: Token, right: Node) -> Call:  # noqa: D102
        return _call(operator, left, right)

    def prefix(self, operator: Token, operand: Node) -> Call:  # noqa: D102
        return _call(operator, operand)

    def negative(self, minus: Token, operand: Node) -> Node:
        """Join a minus with the number after it, as a number of its own."""
        if isinstance(operand, Literal) and operand.type in (INTEGER, DECIMAL) and not operand.text.startswith("-"):
            value = operand.content
            assert isinstance(value, int | Decimal)  # noqa: S101 - these types hold nothing else
            return Literal(operand.type, f"-{operand.text}", negated(value), _place(minus))
        return _call(minus, operand, name=NEGATION)

    def conditional(self, condition: Node, mark: Token, when_true: Node, when_false: Node) -> Call:  # noqa: D102
        return _call(mark, condition, when_true, when_false)

    def member(self, subject: Node, field: Token) -> Member:  # noqa: D102
        name = field[1:]
        return _member(subject, _unescaped(name) if name.startswith('"') else str(name), field)

    def index(self, subject: Node, bracket: Token, index: Node) -> Node:
        """Read a collection's item, or a property named by a string."""
        if isinstance(index, Literal) and isinstance(index.content, str):
            return _member(subject, index.content, bracket)
        return _call(bracket, subject, index)


def _call(token: Token, *arguments: Node, name: str | None = None) -> Call:
    depth = 1 + max((depth_of(argument) for argument in arguments), default=0)
    _require_depth(depth, token)
    return Call(name or token.lower(), arguments, str(token), depth, _place(token))


def _member(subject: Node, name: str, token: Token) -> Member:
    depth = 1 + depth_of(subject)
    _require_depth(depth, token)
    return Member(subject, name, depth, _place(token))


def _require_depth(depth: int, token: Token) -> None:
    if depth > MAX_NESTING:
        raise _error(f"calls and operators are nested deeper than {MAX_NESTING} levels", token)


def _unescaped(quoted: str) -> str:
    return _ESCAPE.sub(lambda escape: _ESCAPES[escape[1]], quoted[1:-1])


def _place(token: Token) -> Place:
    return Place(token.line or 1, token.column or 1)


def _error(message: str, token: Token) -> ExpressionError:
    place = _place(token)
    return ExpressionError(message, place.line, place.column)
