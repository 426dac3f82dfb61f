"""Nested results as Architect sees them: flat names and parallel collections.

Keys are joined with a dot. An array of objects becomes one collection for each leaf, position by position; an array
of scalars is a collection itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from architect.emulator.choices import ChoiceLog
from architect.emulator.json_text import Json

_ROOT = "value"


def flatten(value: Json, log: ChoiceLog) -> dict[str, Json]:
    """Flatten a result."""
    flat: dict[str, Json] = {}
    if isinstance(value, list):
        log.note("flatten-top-level-array")
    _flatten(value, "", flat, log)
    return flat


def declared_names(schema: Mapping[str, Json]) -> dict[str, bool]:
    """Name the flat outputs a contract declares; True marks a collection."""
    names: dict[str, bool] = {}
    _declare(schema, "", names, collection=False)
    return names


def outputs(value: Json, schema: Mapping[str, Json], log: ChoiceLog) -> dict[str, Json]:
    """Give what a flow can bind: the declared outputs that the result has, by flat name.

    A declared collection whose array came back empty is an empty collection; it has no leaf to take the name from.
    """
    flat = flatten(value, log)
    found: dict[str, Json] = {}
    for name, is_collection in declared_names(schema).items():
        if name in flat:
            found[name] = flat[name]
        elif is_collection and any(flat.get(parent) == [] for parent in _parents(name)):
            found[name] = []
    return found


def _flatten(value: Json, prefix: str, flat: dict[str, Json], log: ChoiceLog) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _flatten(item, _joined(prefix, key, log), flat, log)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        rows: list[dict[str, Json]] = []
        for item in value:
            row: dict[str, Json] = {}
            _flatten(item, prefix, row, log)
            rows.append(row)
        for name in dict.fromkeys(name for row in rows for name in row):
            if any(name not in row for row in rows):
                log.note("flatten-missing-leaf")
            flat[name] = [row.get(name) for row in rows]
    else:
        flat[prefix or _ROOT] = value


def _joined(prefix: str, key: str, log: ChoiceLog) -> str:
    if "." in key:
        log.note("flatten-dots")
        key = key.replace(".", "__")
    return f"{prefix}.{key}" if prefix else key


def _declare(schema: Mapping[str, Json], prefix: str, names: dict[str, bool], *, collection: bool) -> None:
    properties, items = schema.get("properties"), schema.get("items")
    if schema.get("type") == "array" or (items is not None and properties is None):
        # The older draft allows a list of item schemas; contracts use at most one.
        item = items[0] if isinstance(items, list) and items else items
        _declare(item if isinstance(item, dict) else {}, prefix, names, collection=True)
    elif isinstance(properties, dict) and (properties or schema.get("type") == "object"):
        for key, item in properties.items():
            joined = f"{prefix}.{key.replace('.', '__')}" if prefix else key.replace(".", "__")
            _declare(item if isinstance(item, dict) else {}, joined, names, collection=collection)
    else:
        names[prefix or _ROOT] = collection


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))] + [_ROOT]
