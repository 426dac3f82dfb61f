"""Values that conform to a contract: ordinary ones, and those that show whether a template escapes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from architect.emulator.json_text import Json
from architect.emulator.schema import violations

TEXT = "sample"
PROBED = "probed"
"""What stands for the input under examination; it occurs in nothing else."""

_ID = re.compile(r"(?:[a-z0-9]|^|[_-])(?:Id|ID)$|(?:^|[_-])id$|(?i:uuid|guid)$")
_STRICT_FORMATS = frozenset({"date", "date-time", "time", "uuid", "ipv4", "ipv6"})


def ordinary(declared: Json) -> Json:
    """Give an ordinary value of an input."""
    if not isinstance(declared, dict):
        return TEXT
    choices = declared.get("enum")
    if isinstance(choices, list) and choices:
        return choices[0]
    kind = declared.get("type")
    values: dict[str, Json] = {"integer": 1, "number": Decimal("1.5"), "boolean": True, "null": None}
    return values.get(kind, TEXT) if isinstance(kind, str) else TEXT


def is_text(declared: Json) -> bool:
    """Tell whether an input may hold text of any kind: no number, no fixed list, no format that allows little."""
    if not isinstance(declared, dict):
        return True
    return (
        declared.get("type", "string") == "string"
        and "enum" not in declared
        and str(declared.get("format")) not in _STRICT_FORMATS
    )


def is_id(name: str) -> bool:
    """Tell whether an input is an identifier by its name: one that in practice holds nothing that needs escaping."""
    return _ID.search(name) is not None


def allowed(declared: Json, probes: Iterable[str]) -> list[str]:
    """Keep the values that the input's own part of the contract allows."""
    if not isinstance(declared, dict) or not is_text(declared):
        return []
    kept = []
    for probe in probes:
        try:
            if not violations(declared, probe):
                kept.append(probe)
        except ValueError:
            return []
    return kept


def result(schema: Json | Mapping[str, Json], text: str = "text") -> Json:
    """Give a value of the type a schema asks for, every declared property filled."""
    if not isinstance(schema, Mapping):
        return text
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        return choices[0]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    properties, items = schema.get("properties"), schema.get("items")
    if kind == "array" or (kind is None and items is not None):
        item = items[0] if isinstance(items, list) and items else items
        return [result(item if isinstance(item, Mapping) else {}, text)]
    if kind == "object" or (kind is None and properties):
        return {key: result(each, text) for key, each in properties.items()} if isinstance(properties, dict) else {}
    values: dict[str, Json] = {"integer": 1, "number": Decimal("1.5"), "boolean": True, "null": None}
    return values.get(kind, text) if isinstance(kind, str) else text
