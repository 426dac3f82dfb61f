"""The macros of data action templates (Genesys, "Velocity macros for data actions").

`$esc` and `$math` are the EscapeTool and MathTool of velocity-tools 2.0 with Genesys' additions; the others are
Genesys' own. A null argument gives a null result, which strict mode then reports.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from html.entities import codepoint2name
from urllib.parse import quote, quote_plus

from architect.emulator.choices import ChoiceLog
from architect.emulator.java_strings import JavaError
from architect.emulator.java_values import Tool, java_text
from architect.emulator.json_text import JsonTextError, dumps, loads
from architect.emulator.math_tool import MathTool

_TOOLS = "org.apache.velocity.tools.generic."


def macros(log: ChoiceLog) -> dict[str, object]:
    """Give the macros every template sees, by name; the choices they involve go to `log`."""
    return {
        "esc": EscapeTool(log),
        "encoding": EncodingTool(),
        "math": MathTool(),
        "urlTool": UrlTool(log),
        "successTemplateUtils": SuccessTemplateUtils(log),
    }


class EscapeTool(Tool):
    """`$esc`: escaping, and constants for characters that mean something to Velocity."""

    java_class = _TOOLS + "EscapeTool"
    constants: Mapping[str, str] = {
        long_or_short: character
        for names, character in (
            ("dollar d", "$"),
            ("hash h", "#"),
            ("backslash b", "\\"),
            ("quote q", '"'),
            ("singleQuote s", "'"),
            ("newline n", "\n"),
            ("exclamation e", "!"),
        )
        for long_or_short in names.split()
    }

    def __init__(self, log: ChoiceLog) -> None:
        self._log = log

    def methods(self) -> Mapping[str, Callable[..., object]]:
        """Give the escaping methods; each takes one value."""
        return {name: self._of_text(name, escape) for name, escape in _ESCAPES.items()}

    def _of_text(self, name: str, escape: Callable[[str], str]) -> Callable[[object], object]:
        def method(value: object) -> object:
            if name in _CHOICES:
                self._log.note(_CHOICES[name])
            return None if value is None else escape(java_text(value))

        return method


class EncodingTool(Tool):
    """`$encoding.base64(text)`: base64 of the text's UTF-8."""

    java_class = "EncodingTool"

    def methods(self) -> Mapping[str, Callable[..., object]]:
        """Give `base64`."""
        return {"base64": self._base64}

    @staticmethod
    def _base64(value: object) -> object:
        if value is None:
            return None
        return base64.b64encode(java_text(value).encode("utf-8", "replace")).decode("ascii")


class UrlTool(Tool):
    """`$urlTool.optionalQueryParam(name, value)`."""

    java_class = "UrlTool"

    def __init__(self, log: ChoiceLog) -> None:
        self._log = log

    def methods(self) -> Mapping[str, Callable[..., object]]:
        """Give `optionalQueryParam`."""
        return {"optionalQueryParam": self._optional_query_param}

    def _optional_query_param(self, name: object, value: object) -> str:
        self._log.note("optional-query-parameter")
        if value is None or value == "":
            return ""
        return f"{_form(java_text(name))}={_form(java_text(value))}"


class SuccessTemplateUtils(Tool):
    """`$successTemplateUtils`: reshapes JSON text taken from the response."""

    java_class = "SuccessTemplateUtils"

    def __init__(self, log: ChoiceLog) -> None:
        self._log = log

    def methods(self) -> Mapping[str, Callable[..., object]]:
        """Give the two reshaping methods."""
        return {
            "firstFromArray": self._first_from_array,
            "moveKeysIntoArrayOfObjects": self._move_keys,
        }

    def _first_from_array(self, array: object, default: object = None) -> object:
        value = _json("firstFromArray", array)
        if not isinstance(value, list):
            raise JavaError("java.lang.IllegalArgumentException: firstFromArray needs a JSON array")
        if value:
            return dumps(value[0])
        if default is not None:
            return default
        self._log.note("first-of-nothing")
        raise JavaError("java.lang.IllegalArgumentException: firstFromArray of an empty array without a default")

    def _move_keys(self, source: object, name: object) -> object:
        self._log.note("move-keys")
        value = _json("moveKeysIntoArrayOfObjects", source)
        if not isinstance(value, dict):
            raise JavaError("java.lang.IllegalArgumentException: moveKeysIntoArrayOfObjects needs a JSON object")
        return dumps(
            [
                {java_text(name): key, **(item if isinstance(item, dict) else {"value": item})}
                for key, item in value.items()
            ]
        )


def _json(macro: str, source: object) -> object:
    try:
        return loads(java_text(source))
    except JsonTextError as error:
        raise JavaError(f"java.lang.IllegalArgumentException: {macro} needs JSON: {error.message}") from None


def _json_encode(text: str) -> str:
    encoded = json.dumps(text, ensure_ascii=False)[1:-1]
    if any("\ud800" <= character <= "\udfff" for character in encoded):
        encoded = "".join(
            f"\\u{ord(character):04x}" if "\ud800" <= character <= "\udfff" else character for character in encoded
        )
    return encoded


def _json_decode(text: str) -> str:
    try:
        decoded = loads(f'"{text}"')
    except JsonTextError as error:
        raise JavaError(f"java.lang.IllegalArgumentException: not an encoded JSON string: {error.message}") from None
    return str(decoded)


def _form(text: str) -> str:
    """Encode as java.net.URLEncoder does: space is +, and only letters, digits and . - * _ stay."""
    return quote_plus(text, safe="*", errors="replace").replace("~", "%7E")


def _java(text: str, *, also: str = "") -> str:
    named = {"\b": "\\b", "\n": "\\n", "\t": "\\t", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    named.update({character: "\\" + character for character in also})
    return "".join(
        named.get(character) or (character if " " <= character <= "~" else _utf16_escapes(character))
        for character in text
    )


def _utf16_escapes(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex().upper()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _xml(text: str) -> str:
    named = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
    return "".join(
        named.get(character) or (character if character <= "\x7f" else f"&#{ord(character)};") for character in text
    )


def _html(text: str) -> str:
    def entity(character: str) -> str:
        name = codepoint2name.get(ord(character))
        return f"&{name};" if name else character if character <= "\x7f" else f"&#{ord(character)};"

    return "".join(map(entity, text))


_ESCAPES: dict[str, Callable[[str], str]] = {
    "jsonEncode": _json_encode,
    "jsonString": _json_encode,
    "jsonDecode": _json_decode,
    "url": _form,
    "urlFormEncode": _form,
    "uriEncode": lambda text: quote(text, safe="", errors="replace"),
    "java": _java,
    "javascript": lambda text: _java(text, also="'/"),
    "html": _html,
    "xml": _xml,
    "sql": lambda text: text.replace("'", "''"),
}
_CHOICES = {"jsonEncode": "json-escapes", "jsonString": "json-escapes", "uriEncode": "uri-encode"}
