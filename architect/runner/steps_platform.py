"""Actions whose outcome a person or the platform decides. A scenario says what they do; otherwise all goes well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from architect.expressions import Entity
from architect.runner.course import FlowEnded
from architect.runner.source import Record
from architect.runner.steps_data import assign
from architect.runner.transcript import shown

if TYPE_CHECKING:
    from architect.runner.flow import Action
    from architect.runner.run import Run

ORDINARY_PATHS = {
    "callBotFlow": "",
    "collectInput": "success",
    "dataTableLookup": "found",
    "findQueue": "found",
    "findQueueById": "found",
    "getExternalContact": "found",
    "holdMusic": "",
    "playAudio": "",
    "playEstimatedWaitTime": "",
    "sendAutoReply": "",
    "sendResponse": "",
    "wait": "",
}
"""Actions that only the platform can carry out, and the output path they take unless the scenario names another."""


def as_the_scenario_says(run: Run, action: Action) -> str:
    """Take the path and set the variables that the scenario gives."""
    if action.kind == "callBotFlow" and run.flow.is_voice:
        # "Architect immediately sends attributes to the cloud before calling an Architect bot flow" (Genesys).
        run.call.end_flow()
    spoken = action.body.text("audio", "tts") or action.body.text("messageBody", "lit")
    if spoken is not None:
        run.tell(f'"{spoken}"')
    choice = run.choice(action)
    for name, value in choice.variables.items():
        assign(run, name, value)
    return choice.path if choice.path is not None else ORDINARY_PATHS[action.kind]


def transfer(run: Run, action: Action) -> str:
    """Hand the call over, which ends the flow; the scenario may have it fail."""
    path = run.choice(action).path or "success"
    target = _target(run, action)
    if path != "failure":
        raise FlowEnded(f"transferred to {target}")
    run.tell(f"the transfer to {target} failed, by the scenario")
    return path


def disconnect(_run: Run, _action: Action) -> None:
    """End the call."""
    raise FlowEnded("disconnected")


def _target(run: Run, action: Action) -> str:
    for key in ("targetQueue", "targetFlow", "targetUser", "phoneNumber", "targetGroup"):
        wrapped = action.body.record(key)
        if wrapped is None:
            continue
        name = wrapped.text("name")
        value = name if name is not None else run.value(wrapped)
        label = value.properties.get("name") if isinstance(value, Entity) else value
        what = "the queue" if key == "targetQueue" else "the flow" if key == "targetFlow" else ""
        return f"{what} {label if isinstance(label, str) else shown(label)}".strip()
    flow = action.body.record("targetFlowSecure")
    return "a secure flow" if isinstance(flow, Record) else "its target"
