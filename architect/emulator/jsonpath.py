"""JSONPath as Jayway's json-path 2 reads it, which Genesys' translation maps behave like.

Behaviour was observed in Jayway json-path 2.10. A path is *definite* while every step names one place; a definite
path that leads nowhere raises `PathNotFoundError`. A wildcard, slice, list, filter or `..` makes it indefinite: from
there on what is missing is passed over and the result is a list, empty if need be. A null that exists is a result.
Of the functions, `length`, `size`, `min`, `max`, `sum`, `avg`, `first` and `last` are known.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import cast

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from architect.emulator.json_text import Json, JsonTextError, loads, require_depth
from architect.emulator.jsonpath_filters import (
    Comparison,
    Condition,
    Exists,
    Junction,
    Literal,
    Negation,
    Operand,
    Undefined,
)
from architect.emulator.jsonpath_steps import (
    FUNCTIONS,
    Deep,
    Filter,
    Function,
    Indices,
    JsonPathError,
    Names,
    Path,
    PathNotFoundError,
    Slice,
    Step,
    Wild,
)

__all__ = ["JsonPath", "JsonPathError", "PathNotFoundError"]

# A property's name ends earlier inside a filter, where operators follow it, than outside. The lexer can only know
# when the two are different rules, so the steps are spelt out for both.
_STEPS = r"""
_{place}_step: {place}_property | {place}_wild | {place}_function | {place}_bracket | {place}_deep
{place}_property: {place_upper}_PROPERTY -> property_step
{place}_wild: WILD -> wild_step
{place}_function: FUNCTION -> function_step
{place}_deep: DEEP {place}_bracket -> deep_step | DEEP_WILD -> deep_wild | {place_upper}_DEEP_PROPERTY -> deep_property
{place}_bracket: LSQB STRING (COMMA STRING)* RSQB -> names_step
    | LSQB INTEGER (COMMA INTEGER)* RSQB -> indices_step
    | LSQB SLICE RSQB -> slice_step
    | LSQB STAR RSQB -> wild_step
    | LSQB QUERY _any_of RPAR RSQB -> filter_step
"""
_GRAMMAR = r"""
start: ROOT _top_step* -> path

_any_of: any_of
any_of: all_of (OR all_of)*
all_of: _not (AND _not)*
_not: negation | group | comparison
negation: NOT+ (group | comparison)
group: LPAR any_of RPAR
comparison: operand (OPERATOR operand)?
?operand: filter_path | STRING -> string | NUMBER -> number | INTEGER -> number | WORD -> word | REGEX -> regex
    | LSQB (operand (COMMA operand)*)? RSQB -> listing
filter_path: (ROOT | CURRENT) _filter_step*

ROOT: /\$/
CURRENT: /@/
TOP_PROPERTY: /\.[^.\[\s(*][^.\[\s(]*/
TOP_DEEP_PROPERTY: /\.\.[^.\[\s(*][^.\[\s(]*/
FILTER_PROPERTY: /\.[^.\[\s()*=!<>&|~,\]][^.\[\s()=!<>&|~,\]]*/
FILTER_DEEP_PROPERTY: /\.\.[^.\[\s()*=!<>&|~,\]][^.\[\s()=!<>&|~,\]]*/
FUNCTION.3: /\.[A-Za-z]+\(\s*\)/
WILD.2: /\.\*/
DEEP.2: /\.\.(?=\[)/
DEEP_WILD.2: /\.\.\*/
LSQB: /\[\s*/
RSQB: /\s*\]/
STAR: /\*/
QUERY: /\?\s*\(\s*/
STRING: /'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"/s
SLICE.3: /-?\d+:(?:-?\d+)?(?::-?\d+)?|:-?\d+/
INTEGER.2: /-?\d+/
NUMBER.3: /-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)/
COMMA: /\s*,\s*/
LPAR: /\(\s*/
RPAR: /\s*\)/
NOT: /!\s*(?!=)/
OR: /\s*\|\|\s*/
AND: /\s*&&\s*/
OPERATOR: /\s*(?:===|!==|==|!=|<=|>=|=~|<|>)\s*|\s+(?:in|nin|subsetof|anyof|noneof|contains|size|empty)(?![A-Za-z])\s*/i
WORD: /(?:true|false|null)(?![A-Za-z])/
REGEX: /\/[^\/\\]*(?:\\.[^\/\\]*)*\/[imsx]*/
""" + "".join(_STEPS.format(place=place, place_upper=place.upper()) for place in ("top", "filter"))


_AGGREGATES = frozenset({"min", "max", "sum", "avg"})


class JsonPath:
    """One parsed path."""

    def __init__(self, text: str) -> None:
        """Parse `text`; a path may leave out the leading `$.`. Raises `JsonPathError`."""
        self._path = _parse(text)

    @property
    def is_definite(self) -> bool:
        """Whether the path names at most one place."""
        return self._path.is_definite

    def read(self, document: Json) -> Json:
        """Follow the path. Raises `PathNotFoundError` when its definite part leads nowhere."""
        return self._path.read(document, document)


@v_args(inline=True)
class _Build(Transformer[Token, object]):
    """One method for each rule of the grammar."""

    def path(self, _root: Token, *steps: Step) -> Path:
        for count, step in enumerate(steps):
            if isinstance(step, Function) and step.name in _AGGREGATES and not Path(steps[:count]).is_definite:
                raise JsonPathError(f"{step.name}() after an indefinite path is not supported")
        return Path(steps)

    def property_step(self, token: Token) -> Names:
        return Names((token[1:],))

    def wild_step(self, *_: Token) -> Wild:
        return Wild()

    def function_step(self, token: Token) -> Function:
        name = token[1:].partition("(")[0]
        if name not in FUNCTIONS:
            raise JsonPathError(f"function {name}() is not known; {', '.join(FUNCTIONS)} are")
        return Function(name)

    def deep_step(self, _dots: Token, step: Step) -> Deep:
        return Deep(step)

    def deep_wild(self, _token: Token) -> Deep:
        return Deep(Wild())

    def deep_property(self, token: Token) -> Deep:
        return Deep(Names((token[2:],)))

    def names_step(self, *tokens: Token) -> Names:
        return Names(tuple(_unquoted(token) for token in tokens if token.type == "STRING"))

    def indices_step(self, *tokens: Token) -> Indices:
        return Indices(tuple(int(token) for token in tokens if token.type == "INTEGER"))

    def slice_step(self, _open: Token, token: Token, _close: Token) -> Slice:
        begin, end, *_ = token.split(":")
        return Slice(int(begin) if begin else None, int(end) if end else None)

    def filter_step(self, _open: Token, _query: Token, condition: Condition, *_: Token) -> Filter:
        return Filter(condition)

    def any_of(self, *parts: Condition | Token) -> Condition:
        return _junction(parts, any_suffices=True)

    def all_of(self, *parts: Condition | Token) -> Condition:
        return _junction(parts, any_suffices=False)

    def negation(self, *parts: Condition | Token) -> Condition:
        *signs, condition = parts
        inner = cast("Condition", condition)
        return Negation(inner) if len(signs) % 2 else inner

    def group(self, _open: Token, condition: Condition, _close: Token) -> Condition:
        return condition

    def comparison(self, left: Operand | Literal, *rest: Operand | Literal | Token) -> Condition:
        if not rest:
            return Exists(left)
        sign, right = rest
        return Comparison(left, cast("Token", sign).strip().lower(), cast("Operand | Literal", right))

    def filter_path(self, start: Token, *steps: Step) -> Operand:
        return Operand(Path(steps), from_root=start == "$")

    def string(self, token: Token) -> Literal:
        return Literal(_unquoted(token))

    def number(self, token: Token) -> Literal:
        return Literal(loads(token))

    def word(self, token: Token) -> Literal:
        return Literal(loads(token))

    def regex(self, token: Token) -> Literal:
        expression, _, flags = token[1:].rpartition("/")
        try:
            return Literal(re.compile(f"(?{flags}){expression}" if flags else expression))
        except re.error as error:
            raise JsonPathError(f"{token} is not a regular expression: {error}") from None

    def listing(self, *parts: Operand | Literal | Token) -> Literal:
        items: list[Json] = []
        for part in parts:
            if isinstance(part, Token):
                continue
            value = part.literal if isinstance(part, Literal) else None
            if isinstance(part, Operand) or isinstance(value, re.Pattern | Undefined):
                raise JsonPathError("a list in a filter holds strings, numbers, true, false and null")
            items.append(value)
        return Literal(items)


def _junction(parts: tuple[Condition | Token, ...], *, any_suffices: bool) -> Condition:
    conditions = tuple(part for part in parts if not isinstance(part, Token))
    return conditions[0] if len(conditions) == 1 else Junction(conditions, any_suffices)


def _unquoted(token: Token) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL)


@lru_cache(maxsize=512)
def _parse(text: str) -> Path:
    full = text.rstrip()
    if not full:
        raise JsonPathError("a JSONPath cannot be empty")
    if full[0] not in "$@":
        full = "$." + full
    # `@` stands for the whole document here, as nothing else is at hand.
    full = "$" + full[1:]
    try:
        require_depth(full.replace("(", "[").replace(")", "]"))
        return cast("Path", _PARSER.parse(full))
    except JsonTextError as error:
        raise JsonPathError(f"{text}: {error.message}") from None
    except UnexpectedInput as error:
        position = error.pos_in_stream if error.pos_in_stream in range(len(full)) else len(full)
        raise JsonPathError(f"{text}: not a JSONPath from position {position} on") from None


_PARSER = Lark(_GRAMMAR, parser="lalr", maybe_placeholders=False, transformer=_Build())
