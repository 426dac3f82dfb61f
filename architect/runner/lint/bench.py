"""What every check needs: the flow, the types of its variables, and a way to make findings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from architect.emulator.export import DataAction
from architect.linter.finding import Finding
from architect.runner.flow import Flow, Parts
from architect.runner.lint.rules import FLOW_RULES
from architect.runner.source import Node, Place, Record, Sequence

_TYPES = {
    "string": "String",
    "integer": "Integer",
    "decimal": "Decimal",
    "boolean": "Boolean",
    "duration": "Duration",
    "dateTime": "DateTime",
    "json": "JSON",
    "queue": "Queue",
    "user": "User",
    "externalContact": "External Contact",
}
_COLLECTION = "Collection"

BUILT_IN = {
    "call.conversationid": "String",
    "call.ani": "String",
    "call.estimatedwaittime": "Duration",
    "call.positioninqueue": "Integer",
    "email.conversationid": "String",
    "interaction.id": "String",
    "message.conversationid": "String",
}
"""Built-in variables whose type is known here; of the others in their scopes it is not."""

OWN_SCOPES = ("flow.", "task.", "state.", "common.")
_BUILT_IN_FLOW = ("flow.holdprompt", "flow.startdatetimeutc")


def type_name(kind: str) -> str | None:
    """Give the type of expressions for a kind of variable or statement; None where it is not modelled."""
    if kind.endswith(_COLLECTION):
        element = _TYPES.get(kind.removesuffix(_COLLECTION))
        return None if element is None else f"{element} {_COLLECTION}"
    return _TYPES.get(kind)


class Bench:
    """One flow to be linted. `actions` are the exports of data actions by name, None when there are none to compare."""

    def __init__(self, flow: Flow, *, actions: Mapping[str, DataAction] | None) -> None:
        self.flow = flow
        self.actions = actions

    @cached_property
    def types(self) -> Mapping[str, str]:
        """The type of each variable that has a known one, by its name in lower case."""
        declared = {each.name.lower(): type_name(each.kind) for each in self.flow.declared}
        return BUILT_IN | {name: kind for name, kind in declared.items() if kind is not None}

    @cached_property
    def declared(self) -> frozenset[str]:
        """The names of declared variables, in lower case."""
        return frozenset(each.name.lower() for each in self.flow.declared)

    @cached_property
    def made(self) -> frozenset[str]:
        """The names of variables that Archy makes because a value is put in them, in lower case."""
        records = [node for _, node in located(self.flow.source.root) if isinstance(node, Record)]
        names = [each.text(key) for each in records for key in ("var", "variable")]
        return frozenset(name.lower() for name in names if name is not None)

    def is_known(self, name: str) -> bool:
        """Tell whether a variable is declared, or is one of Architect's own."""
        lowered = name.lower()
        return lowered in self.declared or lowered in _BUILT_IN_FLOW or not lowered.startswith(OWN_SCOPES)

    def finding(
        self, rule: str, place: Place, problem: str, *, remedy: str, parts: Parts = (), shown: str = ""
    ) -> Finding:
        """Make a finding on this flow."""
        return finding(self.flow.source.name, rule, place, problem, remedy=remedy, parts=parts, shown=shown)


def finding(
    file: str, rule: str, place: Place, problem: str, *, remedy: str, parts: Parts = (), shown: str = ""
) -> Finding:
    """Make a finding of one of the rules on flows."""
    return Finding(FLOW_RULES[rule], file, parts, place.line, place.column, problem, "", shown, remedy)


def located(node: Node, parts: Parts = ()) -> list[tuple[Parts, Node]]:
    """Give a node and everything below it, each with its place in the document."""
    found: list[tuple[Parts, Node]] = [(parts, node)]
    if isinstance(node, Record):
        for key, child in node.items.items():
            found += located(child, (*parts, key))
    elif isinstance(node, Sequence):
        for index, child in enumerate(node.nodes):
            found += located(child, (*parts, index))
    return found
