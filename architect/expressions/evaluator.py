"""The evaluation of an expression with given variables.

Types are those the values have, so an expression may be evaluated without having been checked; what the check would
have refused fails here when it is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from architect.expressions.checker import PROMPT_SCOPES, unknown_function
from architect.expressions.datatypes import ANY, BOOLEAN, JSON, NULL, PROMPT, DataType
from architect.expressions.errors import EvaluationError, FailureError, OverloadError
from architect.expressions.functions import FUNCTIONS, LAZY
from architect.expressions.functions.objects import json_property
from architect.expressions.numbers import bounded_decimal, bounded_integer
from architect.expressions.overloads import Overload
from architect.expressions.phone_number import PhoneNumber
from architect.expressions.texts import duration, milliseconds, require_length
from architect.expressions.tree import Call, Literal, Member, Node, Place, Variable
from architect.expressions.values import NOT_SET, Currency, Entity, Value, type_of, typed

Clock = Callable[[], datetime]


class Evaluator:
    """Evaluates nodes. `variables` are by name in lower case; `clock` tells the time, which is asked for once."""

    def __init__(self, variables: Mapping[str, object], clock: Clock) -> None:
        self._variables = variables
        self._clock = clock
        self._now: datetime | None = None

    def value(self, node: Node) -> Value:
        """Evaluate a node. Raises `EvaluationError`."""
        if isinstance(node, Literal):
            return Value(node.type, node.content)
        if isinstance(node, Variable):
            return self._variable(node)
        if isinstance(node, Member):
            return self._member(node)
        if node.name in LAZY:
            return self._lazily(node)
        return self._call(node)

    def _variable(self, node: Variable) -> Value:
        if node.name in self._variables:
            value = typed(self._variables[node.name])
            return Value(value.type, _attempt(lambda: _bounded(value.content), node.written, node.place))
        if node.name.startswith(PROMPT_SCOPES):
            return Value(PROMPT, Entity(PROMPT.name, {"name": node.written.partition(".")[2]}))
        raise _error(f"there is no variable '{node.written}'", node.place)

    def _member(self, node: Member) -> Value:
        subject = self.value(node.subject)
        if subject.content is NOT_SET:
            raise _error(f"the property '{node.name}' of NOT_SET cannot be read", node.place)
        found = _attempt(lambda: _property(subject.content, node.name), f"'{node.name}'", node.place)
        return Value(JSON, found) if subject.type == JSON else typed(found)

    def _call(self, node: Call) -> Value:
        values = [self.value(argument) for argument in node.arguments]
        chosen, result = self._overload(node, [value.type for value in values])
        for index, value in enumerate(values):
            parameter = chosen.parameter(index)
            objection = parameter.objection(value.content)
            if objection:
                message = f"{chosen.name}: argument {index + 1} ({parameter.name}) {objection}"
                raise _error(message, node.arguments[index].place)
        arguments = [value.content for value in values]
        if chosen.uses_clock:
            arguments.insert(0, self._time())
        content = _attempt(lambda: chosen.run(*arguments), chosen.name, node.place)
        if result != JSON:
            content = _attempt(lambda: _bounded(content), chosen.name, node.place)
        return Value(type_of(content) if result == ANY else result, content)

    def _lazily(self, node: Call) -> Value:
        """Evaluate `and`, `or`, `?:` and `If`, leaving out what does not matter (Architect expression help)."""
        self._overload(node, [ANY] * len(node.arguments))
        first = self.value(node.arguments[0])
        if node.name not in ("and", "or"):
            if first.content is not NOT_SET:
                self._overload(node, [first.type, ANY, ANY])
            taken = self.value(node.arguments[1 if first.content is True else 2])
            # The bare word NOT_SET has become a value of the other branch's type.
            return Value(ANY, NOT_SET) if taken.type == NULL else taken
        self._require_boolean(node, 0, first)
        if first.content is (node.name == "or"):
            return first
        second = self.value(node.arguments[1])
        self._require_boolean(node, 1, second)
        return second

    def _require_boolean(self, node: Call, index: int, value: Value) -> None:
        self._overload(node, [value.type if index == at else BOOLEAN for at in range(2)])
        if value.content is NOT_SET:
            raise _error(f"{node.name}: argument {index + 1} must not be NOT_SET", node.arguments[index].place)

    def _overload(self, node: Call, types: list[DataType]) -> tuple[Overload, DataType]:
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise _error(unknown_function(node), node.place)
        try:
            chosen = function.matching(types)[0]
            return chosen, chosen.result(types)
        except OverloadError as error:
            place = node.place if error.argument is None else node.arguments[error.argument].place
            raise _error(error.message, place) from None

    def _time(self) -> datetime:
        if self._now is None:
            now = typed(self._clock()).content
            assert isinstance(now, datetime)  # noqa: S101 - what a clock returns
            self._now = now
        return self._now


def _property(subject: object, name: str) -> object:
    if isinstance(subject, dict):
        return json_property(subject, name)
    if isinstance(subject, PhoneNumber):
        properties: Mapping[str, object] = subject.properties()
    elif isinstance(subject, Currency):
        properties = {"amount": subject.amount, "code": subject.code}
    elif isinstance(subject, Entity):
        properties = subject.properties
    else:
        raise FailureError(f"a value of type {type_of(subject)} has no properties")
    by_name = {each.lower(): value for each, value in properties.items()}
    if name.lower() not in by_name and not isinstance(subject, Entity):
        raise FailureError(f"{type_of(subject)} has no such property")
    found = by_name.get(name.lower())
    return NOT_SET if found is None else found


def _bounded(content: object) -> object:
    """Return the content if Architect's type can hold it, a Decimal rounded. Raises `FailureError`."""
    if isinstance(content, str):
        require_length(len(content))
    elif isinstance(content, Decimal):
        return bounded_decimal(content)
    elif isinstance(content, int) and not isinstance(content, bool):
        return bounded_integer(content)
    elif isinstance(content, timedelta):
        duration(milliseconds(content))
    return content


def _attempt(work: Callable[[], object], name: str, place: Place) -> object:
    try:
        return work()
    except FailureError as error:
        raise _error(f"{name}: {error}", place) from None


def _error(message: str, place: Place) -> EvaluationError:
    return EvaluationError(message, place.line, place.column)
