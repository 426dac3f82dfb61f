"""A flow's YAML as a tree that knows where everything stands and which `{{substitutions}}` went into it.

Archy replaces `{{key}}` before it reads the YAML. Here the text is read first, with each substitution hidden behind
characters of the same width, so that lines and columns are those of the file and a value cannot change its structure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

import yaml

from architect.runner.errors import FlowError, Problem

MAX_BYTES = 6_165_627
"""Architect's own limit for a flow (`maxFlowSize`); a larger file is refused unread."""

_SUBSTITUTION = re.compile(r"\{\{[ \t]*([A-Za-z0-9_.\-]+)[ \t]*\}\}")
_HIDDEN = re.compile("\ue000\ue001[ \t]*([A-Za-z0-9_.\\-]+)[ \t]*\ue002\ue003")
_PREFIX = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the file, 1-based."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as it is written. `tag` is what YAML 1.1 makes of it: str, bool, int, float, null, timestamp.

    `plain` is False for quoted and block scalars. `keys` are the substitutions that are part of `text`.
    """

    text: str
    place: Place
    tag: str
    plain: bool
    single_line: bool
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping. `keys` gives each key as it is written, in order."""

    items: Mapping[str, Node]
    keys: Mapping[str, Scalar]
    place: Place

    def get(self, *path: str) -> Node | None:
        """Follow keys through nested records; None where one is missing."""
        node: Node | None = self
        for key in path:
            node = node.items.get(key) if isinstance(node, Record) else None
        return node

    def record(self, *path: str) -> Record | None:
        """Follow keys to a record; None where there is no such record."""
        found = self.get(*path)
        return found if isinstance(found, Record) else None

    def text(self, *path: str) -> str | None:
        """Follow keys to a scalar's text; None where there is none, or it is null."""
        found = self.get(*path)
        return found.text if isinstance(found, Scalar) and found.tag != "null" else None

    def sequence(self, *path: str) -> tuple[Node, ...]:
        """Follow keys to the items of a list; empty where there is none."""
        found = self.get(*path)
        return found.nodes if isinstance(found, Sequence) else ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    nodes: tuple[Node, ...]
    place: Place


Node: TypeAlias = Scalar | Record | Sequence


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read. `substituted` gives every substitution in it and the first place of each."""

    name: str
    text: str
    root: Record
    substituted: Mapping[str, Place]


def read(text: str, *, name: str, substitutions: Mapping[str, str]) -> Source:
    """Read a flow's YAML. Raises `FlowError` with the place of what is wrong. A missing substitution stays as it is."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise FlowError(name, [Problem(1, 1, f"larger than {MAX_BYTES} bytes, Architect's limit for a flow")])
    hidden = _SUBSTITUTION.sub(lambda found: "\ue000\ue001" + found.group()[2:-2] + "\ue002\ue003", text)
    reader = _Reader(name, substitutions)
    try:
        node = yaml.compose(hidden, Loader=_Loader)
        root = None if node is None else reader.node(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(1, 1) if mark is None else _place(mark)
        told = ", ".join(filter(None, [error.context, error.problem]))
        raise FlowError(name, [Problem(place.line, place.column, f"not YAML: {told}")]) from None
    except yaml.YAMLError as error:
        raise FlowError(name, [Problem(1, 1, f"not YAML: {error}")]) from None
    except RecursionError:
        raise FlowError(name, [Problem(1, 1, "nested too deeply")]) from None
    if not isinstance(root, Record) or not root.items:
        raise FlowError(name, [Problem(1, 1, "holds no flow: its one top-level key should be the flow's type")])
    return Source(name, text, root, reader.substituted)


def walk(node: Node) -> Iterator[Node]:
    """Give a node and everything below it, in the order of the file."""
    yield node
    below = node.items.values() if isinstance(node, Record) else node.nodes if isinstance(node, Sequence) else ()
    for each in below:
        yield from walk(each)


def scalar_value(scalar: Scalar) -> str | int | bool | Decimal | None:
    """Give the value that YAML sees in a scalar; what is quoted is always text."""
    if scalar.tag == "null":
        return None
    if scalar.tag == "bool":
        return scalar.text.lower() in {"true", "yes", "on"}
    try:
        if scalar.tag == "int":
            return int(scalar.text.replace("_", ""), 10)
        if scalar.tag == "float":
            return Decimal(scalar.text.replace("_", ""))
    except (ValueError, InvalidOperation):
        return scalar.text
    return scalar.text


class _Loader(yaml.SafeLoader):
    """Composes nodes, and refuses aliases: flows have none, and a few lines of them can stand for gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            error = "aliases are not used in flows"
            raise yaml.composer.ComposerError(None, None, error, self.get_mark())
        return super().compose_node(parent, index)


class _Reader:
    """Turns PyYAML's nodes into ours."""

    def __init__(self, name: str, substitutions: Mapping[str, str]) -> None:
        self._name = name
        self._substitutions = substitutions
        self.substituted: dict[str, Place] = {}

    def node(self, node: yaml.Node) -> Node:
        if isinstance(node, yaml.MappingNode):
            return self._record(node)
        if isinstance(node, yaml.SequenceNode):
            return Sequence(tuple(self.node(each) for each in node.value), _place(node.start_mark))
        return self._scalar(node)

    def _record(self, node: yaml.MappingNode) -> Record:
        items: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        for key_node, value_node in node.value:
            place = _place(key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                raise FlowError(self._name, [Problem(place.line, place.column, "a key should be plain text")])
            key = self._scalar(key_node)
            if key.text in items:
                problem = f"`{key.text}` stands twice in the same place, first in line {keys[key.text].place.line}"
                raise FlowError(self._name, [Problem(place.line, place.column, problem)])
            keys[key.text] = key
            items[key.text] = self.node(value_node)
        return Record(items, keys, _place(node.start_mark))

    def _scalar(self, node: yaml.Node) -> Scalar:
        place = _place(node.start_mark)
        keys: list[str] = []

        def substitute(found: re.Match[str]) -> str:
            key = found.group(1)
            keys.append(key)
            self.substituted.setdefault(key, place)
            return self._substitutions.get(key, "{{" + key + "}}")

        text = _HIDDEN.sub(substitute, node.value)
        return Scalar(
            text=text,
            place=place,
            tag=node.tag.removeprefix(_PREFIX),
            plain=isinstance(node, yaml.ScalarNode) and node.style is None,
            single_line=node.start_mark.line == node.end_mark.line,
            keys=tuple(keys),
        )


def _place(mark: yaml.Mark) -> Place:
    return Place(mark.line + 1, mark.column + 1)
