"""Actions on data: variables, what is stored on the call, and data actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from architect.expressions import NOT_SET
from architect.runner.source import Record
from architect.runner.transcript import shown
from architect.runner.values import StepError

if TYPE_CHECKING:
    from architect.runner.flow import Action
    from architect.runner.run import Run


def update_data(run: Run, action: Action) -> None:
    """Assign to variables, in the order in which they stand."""
    for item in action.body.sequence("statements"):
        for kind, statement in item.items.items() if isinstance(item, Record) else ():
            name = statement.text("variable") if isinstance(statement, Record) else None
            if name is None or not isinstance(statement, Record):
                raise StepError(f"the {kind} statement names no variable", item.place)
            assign(run, name, run.value(statement.get("value"), kind))


def get_participant_data(run: Run, action: Action) -> None:
    """Read what is stored on the call; a name that is not there leaves its variable unset."""
    for body, name in _attributes(run, action):
        assign(run, body.text("variable") or "", _or_unset(run.call.get(name)))


def set_participant_data(run: Run, action: Action) -> None:
    """Store values on the call. Anything but text fails, as Architect would not publish it."""
    for body, name in _attributes(run, action):
        run.call.set(name, _attribute_value(run, body, name))
        run.tell(f'{name} = "{run.call.get(name)}"')


def get_conversation_data(run: Run, action: Action) -> str:
    """Read what is stored on a conversation's participant; `found` when there is any of it."""
    _own_conversation(run, action)
    found = "notFound"
    for body, name in _attributes(run, action):
        value = run.call.get(name)
        found = found if value is None else "found"
        assign(run, body.text("variable") or "", _or_unset(value))
    return run.choice(action).path or found


def set_conversation_data(run: Run, action: Action) -> str:
    """Store values on a conversation's participant; the scenario may have it fail."""
    _own_conversation(run, action)
    values = [(name, _attribute_value(run, body, name)) for body, name in _attributes(run, action)]
    path = run.choice(action).path or "success"
    for name, value in values if path == "success" else ():
        run.call.set(name, value)
        run.tell(f'{name} = "{value}"')
    return path


def call_data(run: Run, action: Action) -> str:
    """Call a data action. An input that is not set fails before anything is sent."""
    category, name, call = data_action(action)
    inputs: dict[str, object] = {}
    export = run.back_end.export(name)
    declared = export.input_schema.get("properties") if export is not None else None
    given = call.record("inputs")
    for key, wrapped in given.items.items() if given is not None else ():
        schema = declared.get(key) if isinstance(declared, dict) else None
        kind = schema.get("type") if isinstance(schema, dict) else ""
        value = run.value(wrapped, kind if isinstance(kind, str) else "")
        if value is NOT_SET:
            if isinstance(wrapped, Record) and "noValue" in wrapped.items:
                continue
            raise StepError(f"the input `{key}` is not set", wrapped.place)
        inputs[key] = value
        run.tell(f"{key}: {shown(value)}")
    timeout = timeout_seconds(run, action)
    outcome = run.back_end.call(name, inputs, flow_type=run.flow.type, timeout_seconds=timeout)
    for line in (f"{category} / {name}", *outcome.told):
        run.tell(line)
    if outcome.path == "success":
        _bind(run, call.record("successOutputs"), outcome.outputs)
    elif outcome.failure_outputs is not None:
        _bind(run, call.record("failureOutputs"), outcome.failure_outputs)
    return outcome.path


def data_action(action: Action) -> tuple[str, str, Record]:
    """Give category, data action and the record with inputs and outputs. Raises `StepError` when one is missing."""
    category = action.body.record("category")
    for category_name, inside in category.items.items() if category is not None else ():
        actions = inside.record("dataAction") if isinstance(inside, Record) else None
        for name, call in actions.items.items() if actions is not None else ():
            return category_name, name, call if isinstance(call, Record) else Record({}, {}, action.place)
    raise StepError("no `category: <integration>: dataAction: <name>:`", action.place)


def timeout_seconds(run: Run, action: Action) -> float | None:
    """Give how long a Call Data Action waits; the scenario can only shorten it."""
    written = run.value(action.body.get("timeout"))
    own = written.total_seconds() if isinstance(written, timedelta) else None
    shortest = run.scenario.step_timeout_seconds
    return min((each for each in (own, shortest) if each is not None), default=None)


def assign(run: Run, name: str, value: object) -> None:
    """Give a variable its value, and say when Architect would have to make it first."""
    made = "" if name in run.variables else "  (not declared)"
    run.variables[name] = value
    run.tell(f"{name} = {shown(run.variables[name])}{made}")


def _bind(run: Run, bindings: Record | None, outputs: Mapping[str, object]) -> None:
    for key, wrapped in bindings.items.items() if bindings is not None else ():
        variable = wrapped.text("var") if isinstance(wrapped, Record) else None
        if variable is not None:
            assign(run, variable, outputs.get(key, NOT_SET))


def _attributes(run: Run, action: Action) -> Iterator[tuple[Record, str]]:
    for item in action.body.sequence("attributes"):
        body = item.record("attribute") if isinstance(item, Record) else None
        if body is None:
            raise StepError("an item of `attributes` has the one key `attribute`", item.place)
        yield body, run.text(body, "name")


def _attribute_value(run: Run, body: Record, name: str) -> str:
    value = run.value(body.get("value"), "string")
    if value is NOT_SET:
        raise StepError(f"the value of `{name}` is not set", body.place)
    if not isinstance(value, str):
        raise StepError(f"the value of `{name}` is no text; use ToString()", body.place)
    return value


def _own_conversation(run: Run, action: Action) -> None:
    conversation = run.text(action.body, "conversationId")
    if conversation.lower() != run.scenario.conversation_id.lower():
        raise StepError(f"`{conversation}` is not the scenario's conversation", action.place)


def _or_unset(value: str | None) -> object:
    return NOT_SET if value is None else value
