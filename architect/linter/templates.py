"""What a template refers to and where, read from the tree the engine renders."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from architect.emulator.velocity import Template
from architect.emulator.velocity_tree import Block, Conditional, Interpolated, Node, Property, Reference

INPUT = "input"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A reference in a template.

    `start` and `end` are its place in the template's text, or None when quotes doubled inside a string hide it.
    `around` are the calls and strings it stands in, outermost first; what is written to the output stands in none.
    """

    reference: Reference
    start: int | None
    end: int | None
    around: tuple[Node, ...]
    in_condition: bool

    @property
    def root(self) -> str:
        """The variable it begins with."""
        return self.reference.root

    @property
    def name(self) -> str | None:
        """The first property: the input's name for `$input.name`."""
        first = self.reference.steps[0] if self.reference.steps else None
        return first.name if isinstance(first, Property) else None

    @property
    def is_output(self) -> bool:
        """Whether its own value is written to the output, not an argument or a condition."""
        return not self.around and not self.in_condition


class ReadTemplate(Template):
    """A template that can also be looked into. Raises `TemplateSyntaxError` like the engine's own."""

    def __init__(self, text: str, *, name: str) -> None:
        super().__init__(text, name=name)
        self.text = text
        lines = text.split("\n")
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

        self._occurrences = tuple(self._walk(self._block, (1, 1), (), in_condition=False))

    def occurrences(self) -> tuple[Occurrence, ...]:
        """List every reference in reading order, those inside others' arguments too."""
        return self._occurrences

    def has_conditions(self) -> bool:
        """Tell whether what is written depends on a condition."""
        return _has_conditional(self._block)

    def of_input(self, name: str) -> tuple[Occurrence, ...]:
        """List the references to one input."""
        return tuple(each for each in self.occurrences() if each.root == INPUT and each.name == name)

    def _walk(
        self, node: object, origin: tuple[int, int], around: tuple[Node, ...], *, in_condition: bool
    ) -> Iterator[Occurrence]:
        if isinstance(node, Reference):
            start, end = self._place(node, origin)
            yield Occurrence(node, start, end, around, in_condition)
        if isinstance(node, Conditional):
            for condition, _ in node.branches:
                yield from self._walk(condition, origin, around, in_condition=True)
            inner: tuple[object, ...] = (*(block for _, block in node.branches), node.otherwise)
        elif isinstance(node, Node):
            inner = tuple(getattr(node, each.name) for each in dataclasses.fields(node))
            around = around if isinstance(node, Block) else (*around, node)
        else:
            inner = node if isinstance(node, tuple) else ()
        if isinstance(node, Interpolated):
            origin = _absolute(node.line, node.column + 1, origin)
        for item in inner:
            yield from self._walk(item, origin, around, in_condition=in_condition)

    def _place(self, reference: Reference, origin: tuple[int, int]) -> tuple[int | None, int | None]:
        line, column = _absolute(reference.line, reference.column, origin)
        start = self._starts[line - 1] + column - 1 if line <= len(self._starts) else -1
        end = start + len(reference.source)
        return (start, end) if self.text[start:end] == reference.source else (None, None)


@lru_cache(maxsize=512)
def template(text: str, name: str) -> ReadTemplate:
    """Parse a template once. Raises `TemplateSyntaxError`."""
    return ReadTemplate(text, name=name)


def _absolute(line: int, column: int, origin: tuple[int, int]) -> tuple[int, int]:
    return origin[0] + line - 1, column + origin[1] - 1 if line == 1 else column


def _has_conditional(node: object) -> bool:
    if isinstance(node, Conditional):
        return True
    return isinstance(node, Block) and any(map(_has_conditional, node.items))
