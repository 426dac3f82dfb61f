r"""The grammar of Architect's expressions, as Genesys' own expression parser reads them.

From loosest to tightest:

| | |
| --- | --- |
| `a ? b : c` | left to right; `b` and `c` hold no `or` and no `?` unless in parentheses |
| `or` | any letter case |
| `and` | any letter case |
| `\|` | bitwise, on Integers |
| `&` | bitwise, on Integers |
| `==` `!=` | |
| `<` `<=` `>` `>=` | |
| `+` `-` | |
| `*` `/` `%` | |
| `^` | right to left; `-2 ^ 2` is 4, because the sign binds tighter |
| `!` `~` | |
| `-` | once: `--5` is refused, `1 - -5` is not |
| `f(...)`, `Scope.Name`, then `.member`, `."member"` and `[index]` | not after a parenthesis or a literal |

Names of functions and variables may be spelt in any letter case; `true`, `false` and `NOT_SET` may not. Strings are in
double quotes and know the escapes `\"`, `\\`, `\n`, `\r` and `\t`. There are
no comments, no `&&`, `||`, `<>` or `not`.

lark's LALR parser takes time in proportion to the text and does not recurse.
"""

from __future__ import annotations

import re

from lark import Lark, Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from architect.expressions.build import Build
from architect.expressions.errors import ExpressionError
from architect.expressions.tree import Node

MAX_LENGTH = 32_000
"""Characters of an expression (Genesys' own expression parser)."""

_LETTER = r"A-Za-z\xC0-\xD6\xD8-\xF6\xF8-\u1FFF\u3040-\u318F\u3300-\u337F\u3400-\u3D2D\u4E00-\u9FFF\uF900-\uFAFF"
_NAME = rf"[{_LETTER}][{_LETTER}0-9_]*"
_END = rf"(?![{_LETTER}0-9_])"
_STRING = r'"[^"\\]*(?:\\["\\nrt][^"\\]*)*"'

_GRAMMAR = rf"""
start: choice
?choice: disjunction | choice QUESTION conjunction _COLON conjunction -> conditional
?disjunction: conjunction | disjunction OR conjunction -> binary
?conjunction: bits | conjunction AND bits -> binary
?bits: masked | bits BAR masked -> binary
?masked: equality | masked AMPERSAND equality -> binary
?equality: relation | equality EQUALITY relation -> binary
?relation: sum | relation RELATION sum -> binary
?sum: product | sum (PLUS | MINUS) product -> binary
?product: power | product PRODUCT power -> binary
?power: inversion | inversion CARET power -> binary
?inversion: negation | INVERSION inversion -> prefix
?negation: operand | MINUS operand -> negative
?operand: literal | _LPAR choice _RPAR | accessed
?literal: STRING -> string | INTEGER -> integer | DECIMAL -> decimal | BOOLEAN -> boolean | NOT_SET -> not_set
?accessed: NAME _LPAR (choice (_COMMA choice)*)? _RPAR -> call
    | NAME FIELD -> variable
    | NAME -> word
    | accessed (FIELD | QUOTED_FIELD) -> member
    | accessed LSQB choice _RSQB -> index

NAME: /{_NAME}/
FIELD: /\.{_NAME}/
QUOTED_FIELD: /\.{_STRING}/
STRING: /{_STRING}/
DECIMAL.2: /[0-9]+\.[0-9]*|\.[0-9]+/
INTEGER: /[0-9]+/
BOOLEAN.2: /(?:true|false){_END}/
NOT_SET.2: /NOT_SET{_END}/
OR.2: /or{_END}/i
AND.2: /and{_END}/i
EQUALITY: "==" | "!="
RELATION: "<=" | "<" | ">=" | ">"
PLUS: "+"
MINUS: "-"
PRODUCT: "*" | "/" | "%"
CARET: "^"
INVERSION: "!" | "~"
BAR: "|"
AMPERSAND: "&"
QUESTION: "?"
_COLON: ":"
_COMMA: ","
_LPAR: "("
_RPAR: ")"
LSQB: "["
_RSQB: "]"
%ignore /[ \t\r\n]+/
"""

_PARSER = Lark(_GRAMMAR, parser="lalr", maybe_placeholders=False, transformer=Build())

_BRACKET_OR_STRING = re.compile(rf"{_STRING}|[()\[\]]")
_WELL_ESCAPED = re.compile(r'"[^"\\]*(?:\\["\\nrt][^"\\]*)*')
_HINTS = {
    "'": "strings are written in double quotes",
    "=": "equality is written ==",
    "&&": "write and",
    "||": "write or",
    "<>": "inequality is written !=",
}


def read(text: str) -> Node:
    """Read an expression. Raises `ExpressionError`."""
    if len(text) > MAX_LENGTH:
        raise _error(text, MAX_LENGTH, f"the expression has {len(text)} characters, {MAX_LENGTH} at most are allowed")
    if not text.strip(" \t\r\n"):
        raise _error(text, 0, "the expression is empty")
    try:
        # The transformer makes lark return what Build does for `start`.
        return _PARSER.parse(text)  # type: ignore[return-value]
    except UnexpectedInput as error:
        raise _explained(text, error) from None


def _explained(text: str, error: UnexpectedInput) -> ExpressionError:
    if isinstance(error, UnexpectedCharacters):
        offset = error.pos_in_stream or 0
        if text[offset] == '"' or text.startswith('."', offset):
            return _broken_string(text, text.index('"', offset))
        found = text[offset]
    elif isinstance(error, UnexpectedToken) and error.token.type != "$END":
        offset, found = error.token.start_pos or 0, _shortened(error.token)
    else:
        return _unfinished(text)
    for symbol, hint in _HINTS.items():
        # The parser takes the first character of && as an operator and stumbles over the second.
        for start in (offset, offset - 1):
            if start >= 0 and text.startswith(symbol, start):
                return _error(text, start, f"unexpected {symbol}: {hint}")
    return _error(text, offset, f"unexpected {found}")


def _unfinished(text: str) -> ExpressionError:
    open_brackets: list[re.Match[str]] = []
    for bracket in _BRACKET_OR_STRING.finditer(text):
        if bracket[0] in "([":
            open_brackets.append(bracket)
        elif bracket[0] in ")]" and open_brackets:
            open_brackets.pop()
    if open_brackets:
        unclosed = open_brackets[-1]
        return _error(text, unclosed.start(), f"this {unclosed[0]} is never closed")
    return _error(text, len(text.rstrip(" \t\r\n")), "the expression ends too early")


def _broken_string(text: str, quote: int) -> ExpressionError:
    read_so_far = _WELL_ESCAPED.match(text, quote)
    end = read_so_far.end() if read_so_far else quote
    if end < len(text) - 1:
        return _error(text, end, f'{text[end : end + 2]} is no escape; there are \\", \\\\, \\n, \\r and \\t')
    return _error(text, quote, "this string is never closed")


def _shortened(token: Token) -> str:
    return str(token) if len(token) <= 40 else f"{token[:40]}..."


def _error(text: str, offset: int, message: str) -> ExpressionError:
    return ExpressionError(message, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
