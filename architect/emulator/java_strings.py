"""The methods of java.lang.String that a template may call.

Strings are counted in UTF-16 units, as in Java: an emoji has length 2. Regular expressions are handed to Python's
`re`; the two dialects agree on what templates use (choice `java-regular-expressions`).
"""

from __future__ import annotations

import re
from collections.abc import Callable


class JavaError(Exception):
    """A Java method would have thrown; the text is `class: message`."""


def call_string(text: str, name: str, arguments: list[object]) -> object:
    """Call a method of `text`. Raises LookupError when there is none for the arguments, `JavaError` when it throws."""
    for kinds, method in _METHODS.get(name, ()):
        if len(kinds) == len(arguments) and all(map(_fits, kinds, arguments)):
            if any(argument is None and kind is str for kind, argument in zip(kinds, arguments, strict=True)):
                raise JavaError("java.lang.NullPointerException")
            return method(text, *arguments)
    raise LookupError(name)


def length(text: str) -> int:
    """Count UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def _fits(kind: type, argument: object) -> bool:
    if kind is str:
        return argument is None or isinstance(argument, str)
    return isinstance(argument, kind) and not isinstance(argument, bool)


def _units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _text(units: bytes) -> str:
    return units.decode("utf-16-le", "surrogatepass")


def _substring(text: str, begin: int, end: int | None = None) -> str:
    whole = length(text)
    stop = whole if end is None else end
    if not 0 <= begin <= stop <= whole:
        raise JavaError(f"java.lang.StringIndexOutOfBoundsException: begin {begin}, end {stop}, length {whole}")
    return _text(_units(text)[2 * begin : 2 * stop])


def _char_at(text: str, index: int) -> str:
    if not 0 <= index < length(text):
        raise JavaError(f"java.lang.StringIndexOutOfBoundsException: String index out of range: {index}")
    return _text(_units(text)[2 * index : 2 * index + 2])


def _index_of(text: str, part: str, start: int = 0) -> int:
    units, wanted = _units(text), _units(part)
    found = units.find(wanted, 2 * max(start, 0))
    while found % 2 and found != -1:
        found = units.find(wanted, found + 1)
    return found // 2 if found != -1 else -1


def _last_index_of(text: str, part: str) -> int:
    found = text.rfind(part)
    return length(text[:found]) if found != -1 else -1


def _compiled(expression: object) -> re.Pattern[str]:
    try:
        return re.compile(str(expression))
    except re.error as error:
        raise JavaError(f"java.util.regex.PatternSyntaxException: {error}") from None


def _replacement(template: str) -> Callable[[re.Match[str]], str]:
    """Read `$1` as a group and a backslash as the escape of what follows it, as Java does."""

    def fill(found: re.Match[str]) -> str:
        def part(piece: re.Match[str]) -> str:
            if piece[1]:
                try:
                    return found[int(piece[1])] or ""
                except IndexError:
                    raise JavaError(f"java.lang.IndexOutOfBoundsException: No group {piece[1]}") from None
            if piece[2]:
                return piece[2]
            raise JavaError("java.lang.IllegalArgumentException: Illegal group reference")

        return re.sub(r"\$(\d)|\\(.)|\$", part, template, flags=re.DOTALL)

    return fill


def _split(text: str, expression: str, limit: int = 0) -> tuple[str, ...]:
    parts: list[str] = []
    start = 0
    for found in _compiled(expression).finditer(text):
        if 0 < limit == len(parts) + 1:
            break
        if found.end() == 0 or (found.start() == found.end() == len(text)):
            continue
        parts.append(text[start : found.start()])
        start = found.end()
    parts.append(text[start:])
    while limit == 0 and len(parts) > 1 and not parts[-1]:
        parts.pop()
    return tuple(parts)


def _hash_code(text: str) -> int:
    result = 0
    units = _units(text)
    for index in range(0, len(units), 2):
        result = (31 * result + units[index] + 256 * units[index + 1]) & 0xFFFFFFFF
    return result - 2**32 if result >= 2**31 else result


_WHITESPACE = "".join(map(chr, range(33)))
_METHODS: dict[str, tuple[tuple[tuple[type, ...], Callable[..., object]], ...]] = {
    "charAt": (((int,), _char_at),),
    "concat": (((str,), lambda text, other: text + other),),
    "contains": (((str,), lambda text, part: part in text),),
    "endsWith": (((str,), str.endswith),),
    "equalsIgnoreCase": (((object,), lambda text, other: str(other).lower() == text.lower()),),
    "hashCode": (((), _hash_code),),
    "indexOf": (((str,), _index_of), ((str, int), _index_of)),
    "isBlank": (((), lambda text: not text.strip()),),
    "isEmpty": (((), lambda text: not text),),
    "lastIndexOf": (((str,), _last_index_of),),
    "length": (((), length),),
    "matches": (((str,), lambda text, expression: _compiled(expression).fullmatch(text) is not None),),
    "replace": (((str, str), str.replace),),
    "replaceAll": (((str, str), lambda text, what, by: _compiled(what).sub(_replacement(by), text)),),
    "replaceFirst": (((str, str), lambda text, what, by: _compiled(what).sub(_replacement(by), text, count=1)),),
    "split": (((str,), _split), ((str, int), _split)),
    "startsWith": (((str,), str.startswith),),
    "strip": (((), str.strip),),
    "substring": (((int,), _substring), ((int, int), _substring)),
    "toLowerCase": (((), str.lower),),
    "toUpperCase": (((), str.upper),),
    "trim": (((), lambda text: text.strip(_WHITESPACE)),),
}
