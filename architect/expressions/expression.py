"""One expression of a flow: read once, then checked and evaluated as often as needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from architect.expressions.checker import Checker
from architect.expressions.evaluator import Evaluator
from architect.expressions.grammar import read
from architect.expressions.tree import Node, Variable, children_of


class Expression:
    """A well-formed expression. Two are equal when they mean the same: spaces and the case of names do not count."""

    def __init__(self, text: str, tree: Node) -> None:
        self.text, self._tree = text, tree

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Read an expression as it stands in a flow. Raises `ExpressionError`."""
        return cls(text, read(text))

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Expression.parse({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self._tree == other._tree

    def __hash__(self) -> int:
        return hash(self._tree)

    def check(self, variables: Mapping[str, str] | None = None) -> str:
        """Check types and names, and return the result's type, such as "String" or "Integer Collection".

        `variables` gives the type of each variable there is, by name in any letter case; without it variables are not
        checked. The result is "Any" when it depends on one of those, "NOT_SET" for that word alone, which Architect
        accepts where it knows the type wanted. Raises `CheckError`, and ValueError for an empty type name.
        """
        return str(Checker(variables).type_of(self._tree))

    def evaluate(self, variables: Mapping[str, object], clock: Callable[[], datetime] | None = None) -> object:
        """Compute the value, see `architect.expressions.values` for the Python types.

        `variables` gives each variable's value, by name in any letter case. `clock` returns the time with its zone,
        the real one unless given. Raises `EvaluationError` where a flow would go to its error handling, TypeError and
        ValueError for values that stand for none of Architect's.
        """
        by_name = {name.lower(): value for name, value in variables.items()}
        return Evaluator(by_name, clock or _now).value(self._tree).content

    def variables(self) -> list[str]:
        """List the variables referred to, each once, spelt as where it first occurs, in that order."""
        found: dict[str, str] = {}
        waiting = [self._tree]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Variable):
                found.setdefault(node.name, node.written)
            waiting.extend(reversed(children_of(node)))
        return list(found.values())


def _now() -> datetime:
    return datetime.now(UTC)
