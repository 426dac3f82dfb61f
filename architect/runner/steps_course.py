"""Actions that decide what runs next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from architect.expressions import NOT_SET
from architect.runner.course import FlowEnded, GoTo, LoopLeft, NextRound, TaskEnded
from architect.runner.flow import reference_id
from architect.runner.source import Record
from architect.runner.steps_data import assign
from architect.runner.transcript import shown
from architect.runner.values import StepError

if TYPE_CHECKING:
    from architect.runner.flow import Action
    from architect.runner.run import Run


def decision(run: Run, action: Action) -> str:
    """Take the path yes or no; a condition that is not set counts as false."""
    answer = run.value(action.body.get("condition"), "boolean")
    if answer is not NOT_SET and not isinstance(answer, bool):
        raise StepError("the condition is neither true nor false", action.place)
    return "yes" if answer is True else "no"


def switch(run: Run, action: Action) -> None:
    """Run the first case that is true, or that equals the value, or else the default."""
    evaluate = action.body.record("evaluate") or Record({}, {}, action.place)
    if "firstTrue" in evaluate.items:
        way: tuple[str, ...] = ("evaluate", "firstTrue")
        wanted: object = True
    elif match := evaluate.record("firstMatch"):
        kind = next(iter(match.items), "")
        way = ("evaluate", "firstMatch", kind)
        wanted = run.value(action.body.get(*way, "value"), kind)
    else:
        raise StepError("a switch evaluates `firstTrue` or `firstMatch`", evaluate.place)
    body = action.body.record(*way) or evaluate
    for index, item in enumerate(body.sequence("cases")):
        case = item.record("case") if isinstance(item, Record) else None
        if case is not None and run.value(case.get("value"), way[-1]) == wanted:
            run.transcript.steps[-1].path = f"case {index + 1}"
            run.perform_actions(action.branches.get((*way, "cases", index, "case"), ()))
            return
    run.transcript.steps[-1].path = "default"
    run.perform_actions(action.branches.get((*way, "default"), ()))


def loop(run: Run, action: Action) -> None:
    """Run the actions under `loop` as often as `loopCount` says; the index counts from 0."""
    rounds = run.value(action.body.get("loopCount"), "integer")
    index = action.body.text("currentIndex", "var")
    for number in range(rounds if isinstance(rounds, int) else 0):
        if index is not None:
            assign(run, index, number)
        try:
            run.perform_actions(action.output("loop"))
        except NextRound:
            continue
        except LoopLeft:
            return


def loop_exit(_run: Run, _action: Action) -> None:
    """Leave the loop."""
    raise LoopLeft


def loop_next(_run: Run, _action: Action) -> None:
    """Go on with the loop's next round."""
    raise NextRound


def call_task(run: Run, action: Action) -> str:
    """Run another task and come back."""
    return run.perform_task(_target(action, "targetTaskRef"))


def jump_to_task(_run: Run, action: Action) -> None:
    """Go on in another task for good."""
    raise GoTo(_target(action, "targetTaskRef"))


def change_state(_run: Run, action: Action) -> None:
    """Go on in another state for good."""
    raise GoTo(_target(action, "targetStateRef"))


def call_common_module(run: Run, action: Action) -> None:
    """Run a common module with its inputs, and take its outputs."""
    modules = action.body.record("commonModule")
    for name, versions in modules.items.items() if modules is not None else ():
        body = next(iter(versions.items.values()), None) if isinstance(versions, Record) else None
        if not isinstance(body, Record):
            break
        given, wanted = body.record("inputs"), body.record("outputs")
        inputs = {key: run.value(each) for key, each in given.items.items()} if given is not None else {}
        for key, value in inputs.items():
            run.tell(f"{key}: {shown(value)}")
        step = run.transcript.steps[-1]
        outputs = {key.lower(): value for key, value in run.perform_module(name, inputs).items()}
        for key, each in wanted.items.items() if wanted is not None else ():
            variable = each.text("var") if isinstance(each, Record) else None
            if variable is not None:
                run.variables[variable] = outputs.get(key.lower(), NOT_SET)
                step.told.append(f"{variable} = {shown(run.variables[variable])}")
        return
    raise StepError("no `commonModule: <name>: ver_latestPublished:`", action.place)


def end_task(_run: Run, action: Action) -> None:
    """End the task; Call Task takes the path that is named here."""
    raise TaskEnded(action.body.text("outputPath", "name") or "")


def end_workflow(run: Run, action: Action) -> None:
    """End a workflow."""
    reason = run.value(action.body.get("exitReason"), "string")
    raise FlowEnded("workflow ended" + (f", {shown(reason)}" if reason is not NOT_SET else ""))


def _target(action: Action, key: str) -> str:
    reference = action.body.text(key)
    if reference is None:
        raise StepError(f"no `{key}`", action.place)
    return reference_id(reference)
