"""The static check: what Architect says about an expression before it lets a flow be published."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from architect.expressions.datatypes import ANY, JSON, NULL, PROMPT, PROPERTIES, SIMPLE, DataType, data_type
from architect.expressions.errors import CheckError, OverloadError
from architect.expressions.functions import FUNCTIONS, NOT_EVALUATED
from architect.expressions.overloads import Overload
from architect.expressions.tree import Call, Literal, Member, Node, Place, Variable

PROMPT_SCOPES = ("prompt.", "promptsystem.")
"""Scopes whose names are prompts, which exist without being declared (choice `directory`)."""

_FUNCTION_NAMES = {name: function.name for name, function in FUNCTIONS.items() if name.isalpha()}
# Names from other languages, and what they are called here.
_FUNCTION_NAMES |= {"tolower": "Lower", "toupper": "Upper", "indexof": "FindString", "concat": "Append"}


class Checker:
    """Works out types. `variables` gives the declared types by name; None leaves all open. Raises ValueError."""

    def __init__(self, variables: Mapping[str, str] | None) -> None:
        self._open = variables is None
        self._types = {name.lower(): data_type(kind) for name, kind in (variables or {}).items()}
        self._written = {name.lower(): name for name in variables or {}}

    def type_of(self, node: Node) -> DataType:
        """Return the type a node's value will have. Raises `CheckError`."""
        if isinstance(node, Literal):
            return node.type
        if isinstance(node, Variable):
            return self._variable(node)
        if isinstance(node, Member):
            return self._member(node)
        return self._call(node)

    def _variable(self, node: Variable) -> DataType:
        if node.name.startswith(PROMPT_SCOPES):
            return PROMPT
        if self._open:
            return ANY
        if node.name in self._types:
            return self._types[node.name]
        raise _error(f"there is no variable '{node.written}'{_guess(node.name, self._written)}", node.place)

    def _member(self, node: Member) -> DataType:
        subject = self.type_of(node.subject)
        if subject in SIMPLE or subject.of_many or subject == NULL:
            raise _error(f"a value of type {subject} has no properties, so '{node.name}' cannot be read", node.place)
        if subject == JSON:
            return JSON
        properties = PROPERTIES.get(subject)
        if properties is None:
            return ANY
        for name, found in properties.items():
            if name.lower() == node.name.lower():
                return found
        raise _error(f"{subject} has no property '{node.name}'; it has {', '.join(properties)}", node.place)

    def _call(self, node: Call) -> DataType:
        types = [self.type_of(argument) for argument in node.arguments]
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise _error(unknown_function(node), node.place)
        try:
            candidates = function.matching(types)
            if ANY not in types:
                candidates = candidates[:1]
            results = [each.result(types) for each in candidates]
        except OverloadError as error:
            raise _error(error.message, self._place(node, error.argument)) from None
        self._literals(node, candidates[0])
        return results[0] if len(set(results)) == 1 else ANY

    def _literals(self, node: Call, chosen: Overload) -> None:
        for index, argument in enumerate(node.arguments):
            parameter = chosen.parameter(index)
            objection = None
            if isinstance(argument, Literal):
                objection = parameter.objection(argument.content) if argument.type != NULL else None
            elif parameter.literal:
                objection = "must be written out, not computed"
            if objection:
                message = f"{chosen.name}: argument {index + 1} ({parameter.name}) {objection}"
                raise _error(message, argument.place)

    @staticmethod
    def _place(node: Call, argument: int | None) -> Place:
        return node.place if argument is None else node.arguments[argument].place


def unknown_function(node: Call) -> str:
    """Word that a call names no function, and what may have been meant."""
    if node.name in NOT_EVALUATED:
        return f"'{node.written}' is a function of Architect's that this engine does not evaluate"
    return f"there is no function '{node.written}'{_guess(node.name, _FUNCTION_NAMES)}"


def _guess(name: str, written: Mapping[str, str]) -> str:
    close = [name] if name in written else get_close_matches(name, written, n=1)
    return f"; did you mean {written[close[0]]}?" if close else ""


def _error(message: str, place: Place) -> CheckError:
    return CheckError(message, place.line, place.column)
