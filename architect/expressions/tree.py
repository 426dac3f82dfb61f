"""What an expression consists of once it is read.

Operators are calls: `a + b` calls `+`, `a[b]` calls `[`, `a ? b : c` calls `?`, and `-a` calls `unary -`, a name no
function can have. Nodes are equal when they mean the same; where they stand and how their names are spelt do not count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from architect.expressions.datatypes import DataType

NEGATION = "unary -"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands, 1-based and in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written out. `text` is how: 1.0 and 1.00 are equal numbers and different literals."""

    type: DataType
    text: str
    content: object = field(compare=False)
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Variable:
    """`Scope.Name`. `name` is in lower case, `written` as in the text."""

    name: str
    written: str = field(compare=False)
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function or operator with its arguments. `name` is in lower case, `depth` the levels of calls it holds."""

    name: str
    arguments: tuple[Node, ...]
    written: str = field(compare=False)
    depth: int = field(compare=False)
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """`subject.name`, `subject."name"` or `subject["name"]`. JSON's names are case-sensitive, so all are kept."""

    subject: Node
    name: str
    depth: int = field(compare=False)
    place: Place = field(compare=False)


Node: TypeAlias = Literal | Variable | Call | Member


def depth_of(node: Node) -> int:
    """Count the levels of calls and members inside a node, itself included."""
    return node.depth if isinstance(node, Call | Member) else 0


def children_of(node: Node) -> tuple[Node, ...]:
    """Return the nodes right below a node, in the order they are written."""
    if isinstance(node, Call):
        return node.arguments
    return (node.subject,) if isinstance(node, Member) else ()
