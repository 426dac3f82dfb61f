"""Velocity templates as data actions use them: Apache Velocity 1.7 with `runtime.references.strict` switched on.

What a template means here, down to the wording of its errors, was observed in Apache Velocity 1.7 strict mode; the
error Genesys prints, `Variable $X has not been set at successTemplate[line 1, column 20]`, is that engine's, word for
word. The language: references (`$a.b`, `${a.b}`, `$!{a.b}`) with properties, method calls and `[index]`; `#if`,
`#elseif`, `#else`, `#end` with `== != < <= > >= && || !`, their word forms and arithmetic; `#set` of a plain name;
`##` and `#* *#` comments; `#[[ ]]#` unparsed text; backslash escapes. `#foreach`, `#macro`, `#parse` and their like
are refused (choice `loops-refused`), and there are no list, range or map literals. Values are inserted once: what
a value contains is never read as a template.

The grammar is given to lark's LALR parser, whose contextual lexer allows in plain text what is special inside a
reference and the other way round. It takes time in proportion to the text and does not recurse. No Velocity engine
for Python has the strict mode, which is the point of this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from lark import Lark, Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from architect.emulator.velocity_build import MisplacedError, builder
from architect.emulator.velocity_tree import Block, Scope, TemplateError, TemplateSyntaxError

__all__ = ["Template", "TemplateError", "TemplateSyntaxError"]

# The text after `$a.b` must be lexed as text in a template but as an operator or comma inside parentheses. An LALR
# parser tells the two apart only when they are different rules, so references are spelt out once for each place.
_REFERENCE = """
?{place}_reference: {place}_bare | {place}_formal
?{place}_bare: BARE _{place}_bare_step* -> reference
?{place}_formal: FORMAL _{place}_formal_step* CLOSE -> reference
"""
_STEP = """
_{place}_step: {place}_property | {place}_call | {place}_index
{place}_property: PROPERTY -> property_step
{place}_call: METHOD (value (COMMA value)*)? RPAR -> call_step
{place}_index: LSQB value RSQB -> index_step
"""
_GRAMMAR = r"""
start: block
block: (text | _text_reference_item | conditional | assignment | refused)*
_text_reference_item: escaped_reference | text_bare hashes? | text_formal
hashes: HASHES -> text
text: TEXT | SIGN | COMMENT | UNPARSED | ESCAPED_DIRECTIVE | DOUBLE_BACKSLASHES
escaped_reference: BACKSLASHES text_reference
refused: REFUSED | BROKEN | MACRO | STRAY | UNCLOSED

conditional: IF expression RPAR _GOBBLE? block alternative* otherwise? END
alternative: ELSEIF expression RPAR _GOBBLE? block
otherwise: _ELSE block
assignment: SET expression RPAR _GOBBLE?

?expression: conjunction | conjunction (OR conjunction)+ -> any_of
?conjunction: equality | equality (AND equality)+ -> all_of
?equality: relation | relation ((EQ | NE) relation)+ -> left_to_right
?relation: sum | sum ((GE | GT | LE | LT) sum)+ -> left_to_right
?sum: product | product ((PLUS | MINUS) product)+ -> left_to_right
?product: unary | unary ((STAR | SLASH | PERCENT) unary)+ -> left_to_right
?unary: value | NOT unary -> negation | LPAR expression RPAR -> parenthesis
?value: value_reference | STRING -> string | NUMBER -> number | WORD -> word

TEXT: /[^$#\\]+/
SIGN.-9: /[$#]|\\+/
HASHES.10: /(?<![)\]])##/
COMMENT.9: /##[^\r\n]*(?:\r\n|\r|\n)?/ | /#\*(?:[^*]|\*(?!#))*(?:\*#)?/
UNPARSED.9: /#\[\[[^\]]*(?:\](?!\]#)[^\]]*)*\]\]#/
UNCLOSED.8: /#\[\[/
BARE.5: /\$!?[A-Za-z_][A-Za-z0-9_-]*/
FORMAL.5: /\$!?\{[A-Za-z_][A-Za-z0-9_-]*/
PROPERTY.5: /\.[A-Za-z][A-Za-z0-9_-]*/
METHOD.6: /\.[A-Za-z][A-Za-z0-9_-]*\(\s*/
LSQB.5: /\[\s*/
RSQB.5: /\s*\]/
CLOSE.5: /\}/
BACKSLASHES.7: /\\+(?=\$!?\{?[A-Za-z_])/
ESCAPED_DIRECTIVE.7: /(?:\\\\)*\\#\{?(?:if|elseif|else|end|set|foreach)(?![A-Za-z0-9_-])\}?/
DOUBLE_BACKSLASHES.6: /(?:\\\\)+(?=#\{?(?:if|elseif|else|end|set|foreach)(?![A-Za-z0-9_-]))/
IF.7: /#(?:if|\{if\})\s*\(\s*/
ELSEIF.7: /#(?:elseif|\{elseif\})\s*\(\s*/
_ELSE.7: /#(?:else(?![A-Za-z0-9_-])|\{else\})(?:[ \t]*\r?\n)?/
END.7: /#(?:end(?![A-Za-z0-9_-])|\{end\})(?:[ \t]*\r?\n)?/
SET.7: /[ \t]*#(?:set|\{set\})\s*\(\s*\$[A-Za-z_][A-Za-z0-9_-]*\s*=\s*/
_GOBBLE.8: /[ \t]*\r?\n/
REFUSED.6: /#\{?(?:foreach|macro|parse|include|evaluate|define|stop|break)(?![A-Za-z0-9_-])\}?/
BROKEN.5: /#(?:(?:if|elseif|set)(?![A-Za-z0-9_-])|\{(?:if|elseif|set)\})/
STRAY.5: /#(?:(?:end|else)(?![A-Za-z0-9_-])|\{(?:end|else)\})/
MACRO.4: /#@?[A-Za-z_][A-Za-z0-9_-]*\s*\(/ | /#end[A-Za-z0-9_-]+/

OR.6: /\s*(?:\|\||or(?![A-Za-z0-9_-]))\s*/
AND.6: /\s*(?:&&|and(?![A-Za-z0-9_-]))\s*/
EQ.6: /\s*(?:==|eq(?![A-Za-z0-9_-]))\s*/
NE.6: /\s*(?:!=|ne(?![A-Za-z0-9_-]))\s*/
GE.7: /\s*(?:>=|ge(?![A-Za-z0-9_-]))\s*/
LE.7: /\s*(?:<=|le(?![A-Za-z0-9_-]))\s*/
GT.6: /\s*(?:>|gt(?![A-Za-z0-9_-]))\s*/
LT.6: /\s*(?:<|lt(?![A-Za-z0-9_-]))\s*/
PLUS.6: /\s*\+\s*/
MINUS.6: /\s*-\s*/
STAR.6: /\s*\*\s*/
SLASH.6: /\s*\/\s*/
PERCENT.6: /\s*%\s*/
NOT.6: /(?:!|not(?![A-Za-z0-9_-]))\s*/
LPAR.6: /\(\s*/
RPAR.6: /\s*\)/
COMMA.6: /\s*,\s*/
NUMBER.6: /-?[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?)?/
STRING.6: /"[^"]*(?:""[^"]*)*"|'[^']*(?:''[^']*)*'/
WORD.6: /(?:true|false|null)(?![A-Za-z0-9_-])/
""" + "".join(
    _REFERENCE.format(place=place) + _STEP.format(place=place + "_bare") + _STEP.format(place=place + "_formal")
    for place in ("text", "value")
)

_EXPECTED = {
    "CLOSE": "}",
    "RPAR": ")",
    "RSQB": "]",
    "COMMA": ",",
    "END": "#end",
    "_ELSE": "#else",
    "ELSEIF": "#elseif",
    "PROPERTY": ".property",
    "METHOD": ".method(",
    "LSQB": "[",
    "STRING": "a string",
    "NUMBER": "a number",
    "WORD": "true, false or null",
    "BARE": "$reference",
    "FORMAL": "${reference}",
}


class Template:
    """One parsed template. `name` is what its errors call it, such as `successTemplate`."""

    def __init__(self, text: str, *, name: str) -> None:
        """Parse `text`. Raises `TemplateSyntaxError`."""
        self.name = name
        try:
            self._block = _parse(text)
        except MisplacedError as error:
            raise TemplateSyntaxError(error.located(name), choice=error.choice) from None
        if self._block.ends_in_sign():
            line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
            raise TemplateSyntaxError(
                f'Lexical error,   Encountered: <EOF> after : "" at *unset*[line {line}, column {column}]'
            )

    def render(self, variables: Mapping[str, object]) -> str:
        """Fill the template in. Raises `TemplateError` for what Velocity's strict mode does not accept."""
        return self._block.render(Scope(self.name, dict(variables)))


@lru_cache(maxsize=256)
def _parse(text: str) -> Block:
    try:
        return cast("Block", _PARSER.parse(text))
    except UnexpectedInput as error:
        raise _misplaced(text, error) from None


def _misplaced(text: str, error: UnexpectedInput) -> MisplacedError:
    names: set[str] = set()
    if isinstance(error, UnexpectedToken):
        names = error.accepts or error.expected
        token = error.token
        offset = len(text) if token.type == "$END" else int(token.start_pos or 0)
        found = token.strip()
    else:
        offset = int(error.pos_in_stream or 0)
        if isinstance(error, UnexpectedCharacters):
            names = error.allowed or set()
        found = Token("TEXT", text[offset : offset + 20].split("\n", maxsplit=1)[0])
    at_end = offset >= len(text)
    expected = sorted({_EXPECTED[name] for name in names if name in _EXPECTED})
    if at_end:
        offset = max(len(text) - 1, 0)
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    message = f'Encountered "{"<EOF>" if at_end else found}" at '
    hint = "\nWas expecting one of: " + " ".join(expected) if expected else ""
    return MisplacedError(message, line, column, hint=hint)


_PARSER = Lark(_GRAMMAR, parser="lalr", maybe_placeholders=False, transformer=builder(_parse))
