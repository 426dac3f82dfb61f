"""What a provider asks of arguments beyond their types: ranges, fixed words, JSON text.

Rules are JSON: resource type, then the dotted path of an argument, then one of
`{"one_of": [...]}`, `{"between": [least, most]}` (either may be null), `{"length": [least, most]}`, `{"json": true}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Rules = Mapping[str, Mapping[str, Mapping[str, Any]]]


class Violation(NamedTuple):
    """An argument that breaks a rule; list indices are part of the path."""

    path: tuple[str | int, ...]
    message: str


def violations(rules: Rules, resource_type: str, config: Mapping[str, Any]) -> list[Violation]:
    """Return what is wrong with the arguments of a resource; a value that is not known yet is passed over."""
    return [
        Violation(path, message)
        for dotted, rule in rules.get(resource_type, {}).items()
        for path, value in _found(config, tuple(dotted.split(".")), ())
        if isinstance(value, str | int | float) and (message := _message(rule, value))
    ]


def _found(
    value: Any, names: tuple[str, ...], path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _found(item, names, (*path, index))
    elif not names:
        yield path, value
    elif isinstance(value, Mapping) and names[0] in value:
        yield from _found(value[names[0]], names[1:], (*path, names[0]))


def _message(rule: Mapping[str, Any], value: Any) -> str | None:
    ((kind, wanted),) = rule.items()
    return _CHECKS[kind](wanted, value)


def _one_of(words: list[str], value: str) -> str | None:
    return None if value in words else f"expected one of {', '.join(words)}, got {value}"


def _between(limits: tuple[float | None, float | None], value: float) -> str | None:
    least, most = limits
    if least is not None and value < least:
        return f"expected at least {least}, got {value}"
    if most is not None and value > most:
        return f"expected at most {most}, got {value}"
    return None


def _length(limits: tuple[int, int], value: str) -> str | None:
    least, most = limits
    return None if least <= len(value) <= most else f"expected {least} to {most} characters, got {len(value)}"


def _json(_: object, value: str) -> str | None:
    try:
        json.loads(value)
    except ValueError as error:
        return f"not JSON: {error}"
    return None


_CHECKS: Mapping[str, Callable[[Any, Any], str | None]] = {
    "one_of": _one_of,
    "between": _between,
    "length": _length,
    "json": _json,
}
