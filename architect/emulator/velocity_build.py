"""From what lark recognises to a tree that can be rendered.

Nodes are built from the leaves up, so each knows how deep it is and a template nested beyond `MAX_NESTING` is refused
before anything recurses into it. Positions are those of the text parsed; a double-quoted string is a template of its
own and remembers where it stood.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from lark import Token, Transformer, v_args

from architect.emulator.velocity_conditions import Comparison, Logic, Negation
from architect.emulator.velocity_tree import (
    Assignment,
    Block,
    Call,
    Conditional,
    EscapedReference,
    Index,
    Interpolated,
    Literal,
    Node,
    Property,
    Reference,
    Step,
    Text,
)

_N = TypeVar("_N", bound=Node)

MAX_NESTING = 50
"""Blocks, parentheses, arguments and strings inside each other; Genesys ends JSON at as many levels."""


class MisplacedError(Exception):
    """The template is malformed at a line and column, both 1-based; its name is not known here."""

    def __init__(self, message: str, line: int, column: int, *, hint: str = "", choice: str | None = None) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column
        self.hint, self.choice = hint, choice

    def inside(self, line: int, column: int) -> MisplacedError:
        """Give the error of a string literal as one of the text around it, where the literal is at this place."""
        column = column + self.column if self.line == 1 else self.column
        return MisplacedError(self.message, line + self.line - 1, column, hint=self.hint, choice=self.choice)

    def located(self, name: str) -> str:
        """Word the error as Velocity does, for the template called `name`."""
        return f"{self.message}{name}[line {self.line}, column {self.column}]{self.hint}"


def builder(parse: Callable[[str], Block]) -> Transformer[Token, object]:
    """Give what turns rules into nodes; `parse` reads the template inside a double-quoted string."""
    return _Build(parse)


@v_args(inline=True)
class _Build(Transformer[Token, object]):
    """One method for each rule of the grammar."""

    def __init__(self, parse: Callable[[str], Block]) -> None:
        super().__init__()
        self._parse = parse

    def start(self, block: Block) -> Block:
        return block

    def block(self, *items: Node) -> Block:
        return _checked(Block(items), *items)

    def text(self, token: Token) -> Text:
        if token.type == "COMMENT":
            return Text("")
        if token.type == "UNPARSED":
            return Text(str(token)[3:-3])
        if token.type == "ESCAPED_DIRECTIVE":
            backslashes, _, directive = token.partition("#")
            return Text("\\" * (len(backslashes) // 2) + "#" + directive)
        if token.type == "DOUBLE_BACKSLASHES":
            return Text("\\" * (len(token) // 2))
        return Text(str(token))

    def escaped_reference(self, backslashes: Token, reference: Reference) -> EscapedReference:
        reference.column -= len(backslashes)
        return EscapedReference(len(backslashes), reference)

    def refused(self, token: Token) -> Text:
        line, column = _place(token)
        directive = token.rstrip("( \t\r\n")
        if token.type == "MACRO":
            raise MisplacedError(f"Macro '{directive}' is not defined at ", line, column)
        if token.type == "UNCLOSED":
            raise MisplacedError("#[[ is never closed by ]]# at ", line, column)
        if token.type == "STRAY":
            raise MisplacedError(f'Encountered "{directive}" at ', line, column)
        if token.type == "BROKEN":
            takes = "($name = value)" if "set" in directive else "(condition)"
            raise MisplacedError(f"{directive} must be followed by {takes} at ", line, column)
        message = f"Directive {directive} is not available in a data action, at "
        raise MisplacedError(message, line, column, choice="loops-refused")

    def conditional(self, head: Token, condition: Node, _close: Token, block: Block, *rest: object) -> Conditional:
        branches = [(condition, block)]
        otherwise = Block(())
        for part in rest:
            if isinstance(part, tuple):
                branches.append(part)
            elif isinstance(part, Block):
                otherwise = part
        nodes = [node for branch in branches for node in branch]
        return _checked(Conditional(tuple(branches), otherwise), *nodes, otherwise, at=head)

    def alternative(self, _head: Token, condition: Node, _close: Token, block: Block) -> tuple[Node, Block]:
        return condition, block

    def otherwise(self, block: Block) -> Block:
        return block

    def assignment(self, head: Token, value: Node, _close: Token) -> Assignment:
        name = head.partition("$")[2].strip("= \t\r\n")
        return _checked(Assignment(name, value), value, at=head)

    def any_of(self, *parts: Node | Token) -> Logic:
        return self._logic(parts, any_suffices=True)

    def all_of(self, *parts: Node | Token) -> Logic:
        return self._logic(parts, any_suffices=False)

    def _logic(self, parts: tuple[Node | Token, ...], *, any_suffices: bool) -> Logic:
        operands = [part for part in parts if isinstance(part, Node)]
        return _checked(Logic(tuple(operands), any_suffices=any_suffices), *operands)

    def left_to_right(self, left: Node, *rest: Node | Token) -> Node:
        # `a - b - c` is `(a - b) - c`.
        node = left
        for operator, right in zip(rest[::2], rest[1::2], strict=True):
            sign, operand = cast("Token", operator), cast("Node", right)
            line, column = _place(sign)
            # Behind the operator, which is where Velocity points; what stands before it is white space.
            column += len(sign.rstrip())
            node = _checked(Comparison(sign.strip(), node, operand, line, column), node, operand, at=sign)
        return node

    def negation(self, sign: Token, operand: Node) -> Negation:
        return _checked(Negation(operand), operand, at=sign)

    def parenthesis(self, open_: Token, inner: Node, _close: Token) -> Node:
        return _checked(inner, inner, at=open_, source=inner.source)

    def reference(self, head: Token, *rest: Step | Token) -> Reference:
        steps = tuple(part for part in rest if isinstance(part, Step))
        closing = "".join(part for part in rest if isinstance(part, Token))
        source = head + "".join(step.source for step in steps) + closing
        line, column = _place(head)
        node = Reference(head.lstrip("$!{"), steps, head.startswith("$!"), line, column)
        return _checked(node, *steps, at=head, source=source)

    def property_step(self, name: Token) -> Property:
        line, column = _place(name)
        return _checked(Property(name[1:], line, column + 1), source=str(name))

    def call_step(self, head: Token, *rest: Node | Token) -> Call:
        arguments = tuple(part for part in rest if isinstance(part, Node))
        source = head + "".join(part.source if isinstance(part, Node) else part for part in rest)
        line, column = _place(head)
        node = Call(head[1:].rstrip("( \t\r\n"), line, column + 1, arguments)
        return _checked(node, *arguments, at=head, source=source)

    def index_step(self, head: Token, index: Node, close: Token) -> Index:
        line, column = _place(head)
        return _checked(Index("[", line, column, index), index, at=head, source=head + index.source + close)

    def string(self, literal: Token) -> Node:
        # A single-quoted string is what it says; a double-quoted one is a template if it can be one.
        quote = literal[0]
        content = literal[1:-1].replace(quote * 2, quote)
        if quote == "'" or not {"$", "#"} & set(content):
            return _checked(Literal(content), source=str(literal))
        line, column = _place(literal)
        try:
            block = self._parse(content)
        except MisplacedError as error:
            raise error.inside(line, column) from None
        return _checked(Interpolated(block, line, column), block, at=literal, source=str(literal))

    def number(self, digits: Token) -> Literal:
        value = float(digits) if "." in digits else int(digits)
        return _checked(Literal(value), source=str(digits))

    def word(self, word: Token) -> Literal:
        return _checked(Literal({"true": True, "false": False, "null": None}[word]), source=str(word))


def _place(token: Token) -> tuple[int, int]:
    return token.line or 1, token.column or 1


def _checked(node: _N, *inner: Node, at: Token | None = None, source: str = "") -> _N:
    node.source = source
    node.depth = 1 + max((each.depth for each in inner), default=0)
    if node.depth > MAX_NESTING:
        line, column = _place(at) if at is not None else (1, 1)
        raise MisplacedError(f"Nested deeper than {MAX_NESTING} levels at ", line, column)
    return node
