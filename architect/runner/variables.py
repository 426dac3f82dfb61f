"""The variables a flow works with. Names are case-insensitive, as everywhere in Architect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from architect.expressions import NOT_SET
from architect.runner.flow import Variable
from architect.runner.values import evaluate


class Variables:
    """Values by name, in the order in which the names came up."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, object] = {}
        self._kinds: dict[str, str] = {}

    def declare(self, declared: Iterable[Variable]) -> None:
        """Add declared variables with their initial values. Raises `StepError` when one cannot be had."""
        for each in declared:
            self._kinds[each.name.lower()] = each.kind
            self[each.name] = evaluate(each.initial, self.mapping(), each.kind)

    def mapping(self) -> Mapping[str, object]:
        """Give all values by name."""
        return {self._names[key]: value for key, value in self._values.items()}

    def kind(self, name: str) -> str:
        """Give the type a variable was declared with; "" when it was not."""
        return self._kinds.get(name.lower(), "")

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._values

    def __getitem__(self, name: str) -> object:
        return self._values.get(name.lower(), NOT_SET)

    def __setitem__(self, name: str, value: object) -> None:
        self._names.setdefault(name.lower(), name)
        self._values[name.lower()] = NOT_SET if value is None else value
