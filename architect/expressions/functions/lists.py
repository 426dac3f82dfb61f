"""Collections: making them, counting, finding and reading their items (choice `newer-functions` for AddItem)."""

from __future__ import annotations

from collections.abc import Sequence

from architect.expressions.agreement import added, element, emptied, listed, searched, searched_all
from architect.expressions.errors import FailureError
from architect.expressions.functions.logic import equal
from architect.expressions.overloads import Overload, overload
from architect.expressions.values import NOT_SET


def _item(items: Sequence[object], index: int) -> object:
    if not 0 <= index < len(items):
        raise FailureError(f"there is no item {index} in a collection of {len(items)}")
    return items[index]


def _json_item(value: object, index: int) -> object:
    if not isinstance(value, list):
        raise FailureError("the JSON value is not an array")
    item = _item(value, index)
    return NOT_SET if item is None else item


def _places(items: Sequence[object], sought: object) -> list[int]:
    return [index for index, item in enumerate(items) if equal(item, sought)]


def _first_place(items: Sequence[object], sought: object) -> int:
    return next(iter(_places(items, sought)), -1)


OVERLOADS: tuple[Overload, ...] = (
    overload("[(collection: Any Collection, index: Integer) -> Any", _item, result=element),
    overload("[(value: JSON, index: Integer) -> JSON", _json_item),
    overload("AddItem(collection: Any Collection, item: Any?) -> Any", lambda items, new: [*items, new], result=added),
    overload("Count(value: Any Collection) -> Integer", len),
    overload("Find(list: Any Collection, item: Any) -> Integer Collection", _places, result=searched_all),
    overload("FindFirst(list: Any Collection, item: Any) -> Integer", _first_place, result=searched),
    overload("GetAt(collection: Any Collection, index: Integer[0..]) -> Any", _item, result=element),
    overload("MakeEmptyList(item: Any?) -> Any Collection", lambda _item: [], result=emptied),
    overload("MakeList(item: Any?...) -> Any Collection", lambda *items: list(items), result=listed),
)
