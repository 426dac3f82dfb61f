"""Functions on text (choices `characters`, `find-occurrence`, `string-order`)."""

from __future__ import annotations

from architect.expressions.agreement import appended
from architect.expressions.errors import FailureError
from architect.expressions.overloads import Overload, overload
from architect.expressions.texts import joined, require_length
from architect.expressions.values import NOT_SET, NotSet

_BLANKS = " \t\r\n"
"""What the trimming functions remove (Architect expression help)."""


def _append(*texts: str | NotSet) -> str:
    return joined("", texts)


def _replace(text: str, find: str, replacement: str | NotSet) -> str:
    if not find:
        return text
    new = "" if replacement is NOT_SET else str(replacement)
    require_length(len(text) + text.count(find) * (len(new) - len(find)))
    return text.replace(find, new)


def folded(text: str) -> str:
    """Drop the difference of letter case without changing how many characters there are."""
    return "".join(lower if len(lower := character.lower()) == 1 else character for character in text)


def _find(text: str, find: str, occurrence: int = 1, *, ignore_case: bool = False) -> int:
    if ignore_case:
        text, find = folded(text), folded(find)
    at = -1
    # Nothing is found once in every text, at its start, whichever occurrence is asked for.
    for _ in range(occurrence if find else 1):
        at = text.find(find, at + 1)
        if at < 0:
            break
    return at


def _contains(text: str, find: str, ignore_case: bool = False) -> bool:
    return _find(text, find, ignore_case=ignore_case) >= 0


def order(text: str, ignore_case: bool = False) -> list[tuple[str, bool]]:
    """Give what two Strings are ordered by (choice `string-order`)."""
    return [(character.casefold(), character.isupper() and not ignore_case) for character in text]


def _compare(left: str | NotSet, right: str | NotSet, ignore_case: bool = False) -> int:
    before, after = ((0, []) if text is NOT_SET else (1, order(str(text), ignore_case)) for text in (left, right))
    return (before > after) - (before < after)


def _split(text: str, delimiter: str) -> list[str]:
    if not delimiter:
        raise FailureError("the delimiter is empty")
    return text.split(delimiter)


OVERLOADS: tuple[Overload, ...] = (
    overload("Append(initialText: String?, textToAppend: String?...) -> String", _append, result=appended),
    overload("Compare(stringToCompare: String?, stringToCompareTo: String?) -> Integer", _compare),
    overload("Compare(stringToCompare: String?, stringToCompareTo: String?, ignoreCase: Boolean) -> Integer", _compare),
    overload("Contains(stringToSearch: String, textToFind: String) -> Boolean", _contains),
    overload("Contains(stringToSearch: String, textToFind: String, ignoreCase: Boolean) -> Boolean", _contains),
    overload("FindString(stringToSearch: String, textToFind: String) -> Integer", _find),
    overload(
        "FindString(stringToSearch: String, textToFind: String, ignoreCase: Boolean) -> Integer",
        lambda text, find, ignore_case: _find(text, find, ignore_case=ignore_case),
    ),
    overload(
        "FindString(stringToSearch: String, textToFind: String, occurrenceNumber: Integer[1..]) -> Integer", _find
    ),
    overload(
        "FindString(stringToSearch: String, textToFind: String, occurrenceNumber: Integer[1..], ignoreCase: Boolean)"
        " -> Integer",
        lambda text, find, occurrence, ignore_case: _find(text, find, occurrence, ignore_case=ignore_case),
    ),
    overload("Left(srcString: String, length: Integer[0..]) -> String", lambda text, length: text[:length]),
    overload("Length(text: String) -> Integer", len),
    overload("Lower(text: String) -> String", str.lower),
    overload("LTrim(value: String) -> String", lambda text: text.lstrip(_BLANKS)),
    overload("Replace(text: String, findString: String, replacementString: String?) -> String", _replace),
    overload("Reverse(text: String) -> String", lambda text: text[::-1]),
    overload(
        "Right(srcString: String, length: Integer[0..]) -> String",
        lambda text, length: text[max(len(text) - length, 0) :],
    ),
    overload("RTrim(stringToTrim: String) -> String", lambda text: text.rstrip(_BLANKS)),
    overload("Split(textToSplit: String, delimiter: String) -> String Collection", _split),
    overload(
        "Substring(text: String, start: Integer[0..], length: Integer[0..]) -> String",
        lambda text, start, length: text[start : start + length],
    ),
    overload("Trim(stringToTrim: String) -> String", lambda text: text.strip(_BLANKS)),
    overload("Upper(text: String) -> String", str.upper),
)
