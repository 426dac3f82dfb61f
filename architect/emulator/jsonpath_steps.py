"""The steps a JSONPath takes, each from one value to any number of others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from architect.emulator.json_text import Json, from_python, type_name

MAX_MATCHES = 100_000
"""Values a path may lead to at any step; more would be an attack or a mistake."""


class JsonPathError(ValueError):
    """The text is not a path, or a path that cannot be followed within reason."""


class PathNotFoundError(LookupError):
    """A definite path, or the definite beginning of one, leads nowhere."""


class Test(Protocol):
    """A filter's condition."""

    def holds(self, value: Json, root: Json) -> bool:
        """Tell whether it holds for a value."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. A definite one leads to exactly one place."""

    @property
    def is_definite(self) -> bool:
        """Whether the step names one place."""
        return False

    def take(self, value: Json, root: Json) -> Iterator[Json]:
        """Give the values the step leads to. Raises `PathNotFoundError` when it does not fit the value."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Names(Step):
    """`.name` or `['name', ...]`; several names give an object of those that exist."""

    names: tuple[str, ...]

    @property
    def is_definite(self) -> bool:
        """One name is one place, and so is the object made of several."""
        return True

    def all_in(self, value: Json) -> bool:
        """Tell whether a value is an object that has every one of the names."""
        return isinstance(value, dict) and all(name in value for name in self.names)

    def take(self, value: Json, root: Json) -> Iterator[Json]:  # noqa: ARG002
        """Read the properties of an object."""
        if not isinstance(value, dict):
            raise PathNotFoundError(f"{type_name(value)} has no property {self.names[0]!r}")
        if len(self.names) > 1:
            yield {name: value[name] for name in self.names if name in value}
        elif self.names[0] in value:
            yield value[self.names[0]]
        else:
            raise PathNotFoundError(f"no property {self.names[0]!r}")


@dataclass(frozen=True, slots=True)
class Indices(Step):
    """`[0]`, `[-1]` or `[0, 2]`."""

    indices: tuple[int, ...]

    @property
    def is_definite(self) -> bool:
        """Whether there is one index."""
        return len(self.indices) == 1

    def take(self, value: Json, root: Json) -> Iterator[Json]:  # noqa: ARG002
        """Read elements of an array."""
        array = _array(value)
        for index in self.indices:
            if -len(array) <= index < len(array):
                yield array[index]
            elif self.is_definite:
                raise PathNotFoundError(f"no element {index}")


@dataclass(frozen=True, slots=True)
class Slice(Step):
    """`[begin:end]`."""

    begin: int | None
    end: int | None

    def take(self, value: Json, root: Json) -> Iterator[Json]:  # noqa: ARG002
        """Read a stretch of an array."""
        yield from _array(value)[self.begin : self.end]


@dataclass(frozen=True, slots=True)
class Wild(Step):
    """`.*` or `[*]`."""

    def take(self, value: Json, root: Json) -> Iterator[Json]:  # noqa: ARG002
        """Read everything in an object or array; a scalar holds nothing."""
        if isinstance(value, dict):
            yield from value.values()
        elif isinstance(value, list):
            yield from value


@dataclass(frozen=True, slots=True)
class Filter(Step):
    """`[?(condition)]`."""

    condition: Test

    def take(self, value: Json, root: Json) -> Iterator[Json]:
        """Keep the elements of an array that meet the condition, or the object that does."""
        if not isinstance(value, dict | list):
            raise PathNotFoundError(f"a filter cannot be applied to {type_name(value)}")
        candidates = value if isinstance(value, list) else [value]
        yield from (each for each in candidates if self.condition.holds(each, root))


@dataclass(frozen=True, slots=True)
class Deep(Step):
    """`..step`: the step taken from the value and from everything below it."""

    step: Step

    def take(self, value: Json, root: Json) -> Iterator[Json]:
        """Take the step from every object and array, parents before children."""
        for node in _descend(value):
            if isinstance(self.step, Filter) and isinstance(node, list):
                # Its elements are visited themselves; asking them here too would count them twice.
                continue
            if isinstance(self.step, Names) and not self.step.all_in(node):
                continue
            try:
                yield from self.step.take(node, root)
            except PathNotFoundError:
                continue


@dataclass(frozen=True, slots=True)
class Function(Step):
    """`.name()`."""

    name: str

    @property
    def is_definite(self) -> bool:
        """A function gives one value."""
        return True

    def take(self, value: Json, root: Json) -> Iterator[Json]:  # noqa: ARG002
        """Apply the function."""
        yield FUNCTIONS[self.name](value)


@dataclass(frozen=True, slots=True)
class Path:
    """A sequence of steps."""

    steps: tuple[Step, ...]

    @property
    def is_definite(self) -> bool:
        """Whether every step is definite."""
        return all(step.is_definite for step in self.steps)

    def read(self, start: Json, root: Json) -> Json:
        """Follow the steps from `start`. Raises `PathNotFoundError` or `JsonPathError`."""
        values = [start]
        definite = True
        for step in self.steps:
            values = _take_all(step, values, root, definite=definite)
            definite = definite and step.is_definite
        return values[0] if definite else values


def _take_all(step: Step, values: list[Json], root: Json, *, definite: bool) -> list[Json]:
    found: list[Json] = []
    for value in values:
        try:
            for each in step.take(value, root):
                found.append(each)
                if len(found) > MAX_MATCHES:
                    raise JsonPathError(f"the path leads to more than {MAX_MATCHES} values")
        except PathNotFoundError:
            if definite:
                raise
    return found


def _descend(value: Json) -> Iterator[Json]:
    if isinstance(value, dict | list):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _descend(item)


def _array(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise PathNotFoundError(f"{type_name(value)} is not an array")
    return value


def _length(value: Json) -> Json:
    return len(value) if isinstance(value, dict | list) else None


def _aggregate(calculate: Callable[[Sequence[float]], float]) -> Callable[[Json], Json]:
    def function(value: Json) -> Json:
        items = value if isinstance(value, list) else []
        numbers = [float(each) for each in items if isinstance(each, int | Decimal) and not isinstance(each, bool)]
        if not numbers:
            raise PathNotFoundError("no numbers to calculate with")
        return from_python(calculate(numbers))

    return function


def _element(index: int) -> Callable[[Json], Json]:
    def function(value: Json) -> Json:
        array = _array(value)
        if not array:
            raise PathNotFoundError("the array is empty")
        return array[index]

    return function


FUNCTIONS: dict[str, Callable[[Json], Json]] = {
    "length": _length,
    "size": _length,
    "min": _aggregate(min),
    "max": _aggregate(max),
    "sum": _aggregate(math.fsum),
    "avg": _aggregate(lambda numbers: math.fsum(numbers) / len(numbers)),
    "first": _element(0),
    "last": _element(-1),
}
