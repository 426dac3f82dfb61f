"""Checks on Call Data Action: its paths, its failure outputs, and its agreement with the action's contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from architect.emulator.export import DataAction
from architect.emulator.failure import FAILURE_OUTPUTS
from architect.linter.finding import Finding
from architect.runner.flow import Action, Parts
from architect.runner.lint.bench import Bench, type_name
from architect.runner.lint.meaning import result_type
from architect.runner.source import Record
from architect.runner.steps_data import data_action
from architect.runner.values import StepError


def data_actions(bench: Bench) -> Iterator[Finding]:
    """Check every Call Data Action of a flow."""
    for action in bench.flow.actions:
        if action.kind != "callData":
            continue
        yield from _paths(bench, action)
        try:
            category, name, call = data_action(action)
        except StepError as error:
            problem = f"The action names no data action: {error}."
            yield bench.finding("flow-unreadable", action.place, problem, remedy="Name it.", parts=action.parts)
            continue
        parts: Parts = (*action.parts, "category", category, "dataAction", name)
        yield from _failure_outputs(bench, action, call, parts)
        if bench.actions is not None:
            yield from _contract(bench, action, bench.actions.get(name), name, call, parts)


def _paths(bench: Bench, action: Action) -> Iterator[Finding]:
    for path, when in (("failure", "it fails"), ("timeout", "it is late")):
        if not action.output(path):
            yield bench.finding(
                f"{path}-path-missing",
                action.place,
                f"Nothing says what happens to the call when the data action of `{action.name}` is called and {when}.",
                remedy=f"Add actions under outputs: {path}:.",
                parts=action.parts,
            )


def _failure_outputs(bench: Bench, action: Action, call: Record, parts: Parts) -> Iterator[Finding]:
    bound = call.record("failureOutputs")
    if bench.flow.is_voice:
        if bound is not None:
            yield bench.finding(
                "failure-outputs-in-voice-flow",
                call.keys["failureOutputs"].place,
                f"`{bench.flow.type}` is a voice flow.",
                remedy="Take failureOutputs out; let the data action answer 200 with a status to tell refusals apart.",
                parts=(*parts, "failureOutputs"),
            )
        return
    names = bound.items if bound is not None else {}
    missing = [name for name in FAILURE_OUTPUTS if name not in names]
    if missing:
        yield bench.finding(
            "failure-outputs-incomplete",
            bound.place if bound is not None else action.place,
            f"{len(missing)} of the {len(FAILURE_OUTPUTS)} failureOutputs are not here: {', '.join(missing)}.",
            remedy="Add them, with `noValue: true` where they are not needed.",
            parts=parts,
        )
    for name in names:
        if name not in FAILURE_OUTPUTS and bound is not None:
            yield bench.finding(
                "failure-output-unknown",
                bound.keys[name].place,
                f"There is no failure output `{name}`.",
                remedy=f"There are {', '.join(FAILURE_OUTPUTS)}.",
                parts=(*parts, "failureOutputs", name),
            )


def _contract(
    bench: Bench, action: Action, export: DataAction | None, name: str, call: Record, parts: Parts
) -> Iterator[Finding]:
    if export is None:
        yield bench.finding(
            "data-action-unknown",
            action.place,
            f'No export is called "{name}".',
            remedy=f"Known are {', '.join(sorted(bench.actions or {})) or 'none'}.",
            parts=parts,
        )
        return
    inputs, outputs = _properties(export.input_schema), _properties(export.output_schema)
    given = call.record("inputs") or Record({}, {}, action.place)
    for key, wrapped in given.items.items():
        if key not in inputs:
            yield bench.finding(
                "input-unknown",
                given.keys[key].place,
                f'"{name}" has no input `{key}`.',
                remedy=f"Its inputs are {', '.join(inputs)}.",
                parts=(*parts, "inputs", key),
            )
            continue
        found, wanted = result_type(bench, wrapped), type_name(str(inputs[key]))
        if found is not None and wanted is not None and found[0] != wanted:
            yield bench.finding(
                "expression-type",
                found[1].place,
                f"The expression gives {found[0]}; the input `{key}` is {wanted}.",
                remedy="Convert it.",
                parts=(*parts, "inputs", key),
            )
    required = export.input_schema.get("required")
    for needed in required if isinstance(required, list) else ():
        value = given.items.get(str(needed))
        if value is None or (isinstance(value, Record) and "noValue" in value.items):
            yield bench.finding(
                "input-missing",
                given.place,
                f'"{name}" requires the input `{needed}`.',
                remedy="Give it a value.",
                parts=(*parts, "inputs"),
            )
    bound = call.record("successOutputs")
    for key in bound.items if bound is not None else ():
        if key not in outputs and not any(each.startswith(f"{key}.") for each in outputs) and bound is not None:
            yield bench.finding(
                "output-unknown",
                bound.keys[key].place,
                f'"{name}" has no output `{key}`.',
                remedy=f"Its outputs are {', '.join(outputs)}.",
                parts=(*parts, "successOutputs", key),
            )


def _properties(schema: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Give the flattened names of a contract, each with its type."""
    found: dict[str, object] = {}
    properties = schema.get("properties")
    for key, each in properties.items() if isinstance(properties, dict) else ():
        if isinstance(each, dict) and isinstance(each.get("properties"), dict):
            found |= _properties(each, f"{prefix}{key}.")
            continue
        items = each.get("items") if isinstance(each, dict) else None
        if isinstance(items, dict) and isinstance(items.get("properties"), dict):
            found |= _properties(items, f"{prefix}{key}.")
            continue
        found[f"{prefix}{key}"] = each.get("type") if isinstance(each, dict) else None
    return found
