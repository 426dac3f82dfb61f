"""How a result's type follows from the arguments' types, where a declaration cannot say it.

The rules, and which literal NOT_SETs they refuse, are those of Genesys' own expression parser.
"""

from __future__ import annotations

from architect.expressions.datatypes import ANY, BOOLEAN, INTEGER, NULL, STRING, DataType
from architect.expressions.errors import OverloadError
from architect.expressions.overloads import Types


def _one_type(types: Types, first: int = 0) -> DataType | None:
    """Find the type all these arguments have; None when every one is the bare word NOT_SET."""
    found: DataType | None = None
    where = 0
    for index, given in enumerate(types, start=first):
        if given in (ANY, NULL):
            continue
        if found is None:
            found, where = given, index
        elif given != found and ANY.name not in (given.name, found.name):
            raise OverloadError(
                f"argument {where + 1} is {found} and argument {index + 1} is {given}; they must be of one type", index
            )
    return found or (ANY if ANY in types else None)


def compared(types: Types) -> DataType:
    """Require one type of what is compared."""
    _one_type(types)
    return BOOLEAN


def appended(types: Types) -> DataType:
    """Require that not all Strings are the bare word NOT_SET."""
    if _one_type(types) is None:
        raise OverloadError("at least one argument must be something other than the word NOT_SET")
    return STRING


def totalled(types: Types) -> DataType:
    """Find the one type of what is added up, of which not all may be the bare word NOT_SET."""
    total = _one_type(types)
    if total is None:
        raise OverloadError("at least one argument must be something other than the word NOT_SET")
    return total


def listed(types: Types) -> DataType:
    """Find the one type of a list's items; its collection is the result."""
    item = _one_type(types)
    if item is None:
        raise OverloadError(
            "at least one item must be something other than the word NOT_SET, to give the list its type"
        )
    return item.collection


def emptied(types: Types) -> DataType:
    """Let the one item say which type an empty list has."""
    if types[0] == NULL:
        raise OverloadError("the word NOT_SET has no type; name one, as in ToString(NOT_SET)", 0)
    return types[0].collection


def branched(types: Types) -> DataType:
    """Find the one type of the two branches after a condition (choice `branches`)."""
    if types[0] == NULL:
        raise OverloadError("the condition must be Boolean, not the word NOT_SET", 0)
    branch = _one_type(types[1:], first=1)
    if branch is None:
        raise OverloadError("the two branches cannot both be the word NOT_SET")
    return branch


def element(types: Types) -> DataType:
    """Give the type of a collection's items."""
    return types[0].element


def searched(types: Types) -> DataType:
    """Require an item of the collection's type; the bare word NOT_SET is refused."""
    _held(types)
    return INTEGER


def searched_all(types: Types) -> DataType:
    """Require the same as `searched`, for all places at once."""
    _held(types)
    return INTEGER.collection


def added(types: Types) -> DataType:
    """Require an item of the collection's type, which is the result's too."""
    _held(types)
    return types[0] if types[0].name != ANY.name else types[1].collection


def _held(types: Types) -> None:
    collection, item = types
    if ANY.name not in (collection.name, item.name) and item.name != collection.name:
        raise OverloadError(f"argument 2 must be {collection.element}, as the collection holds, not {item}", 1)
