"""What answers a flow's Call Data Action: the exported action over real HTTP, or a reply that the scenario gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import uuid4

from architect.emulator.engine import Engine
from architect.emulator.export import DataAction, ExportError
from architect.emulator.failure import FAILURE_OUTPUTS, ActionError, Failure, has_failure_outputs
from architect.runner.errors import ScenarioError
from architect.runner.scenario import EVERY_ACTION, Reply, Scenario

DEFAULT_STEP_TIMEOUT_SECONDS = 60.0
"""What a Call Data Action without a timeout of its own waits: the longest that an action may take."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a Call Data Action came to. `failure_outputs` is None in voice flows; `told` is for the transcript."""

    path: Literal["success", "failure", "timeout"]
    outputs: Mapping[str, object]
    failure_outputs: Mapping[str, object] | None
    told: tuple[str, ...] = ()


class BackEnd:
    """The data actions of one organisation.

    `engine` replaces the one made from the scenario, so that several calls share a token, and is not closed here.
    Raises `ScenarioError` for folders that cannot be used.
    """

    def __init__(self, scenario: Scenario, engine: Engine | None = None) -> None:
        self._scenario = scenario
        self._exports, auth = _exports(scenario.actions) if scenario.actions is not None else ({}, None)
        self._own = engine is None
        self._engine = engine or Engine(
            auth=auth,
            credentials=scenario.credentials,
            organization_id=scenario.organization_id,
            base_url=scenario.base_url,
        )
        self._taken: dict[str, int] = {}

    def export(self, name: str) -> DataAction | None:
        """Give the export of the action of this name, if its folder has one."""
        return self._exports.get(name)

    def call(
        self, name: str, inputs: Mapping[str, object], *, flow_type: str, timeout_seconds: float | None
    ) -> Outcome:
        """Call a data action. Raises `ScenarioError` when the scenario says nothing of it, or it has no export."""
        reply = self._reply(name)
        if reply.kind == "http":
            return self._over_http(name, inputs, flow_type, timeout_seconds)
        unset: dict[str, object] | None = dict.fromkeys(FAILURE_OUTPUTS) if has_failure_outputs(flow_type) else None
        if reply.kind == "timeout":
            return Outcome("timeout", {}, unset, ("by the scenario",))
        if reply.kind == "failure":
            failed = None
            if unset is not None:
                failed = dict(Failure(ActionError("by the scenario"), str(uuid4())).outputs())
            return Outcome("failure", {}, failed, ("by the scenario",))
        outputs = dict(reply.outputs)
        if reply.kind == "rejected":
            outputs = {**self._blank_outputs(name), "status": "rejected", "error_code": "invalid_input"}
            outputs["error_message"] = "rejected by the scenario"
        return Outcome("success", outputs, unset, ("by the scenario",))

    def close(self) -> None:
        """End connections, and wait for requests that the flow gave up on."""
        if self._own:
            self._engine.close()

    def abandon(self) -> None:
        """End connections without waiting for anything."""
        if self._own:
            self._engine.transport.close()

    def _reply(self, name: str) -> Reply:
        replies = self._scenario.replies
        found = replies.get(name) or replies.get(EVERY_ACTION)
        if not found:
            raise ScenarioError(f'replies: nothing says what the data action "{name}" does; add it, or `*` for all')
        number = self._taken.get(name, 0)
        self._taken[name] = number + 1
        return found[min(number, len(found) - 1)]

    def _over_http(
        self, name: str, inputs: Mapping[str, object], flow_type: str, timeout_seconds: float | None
    ) -> Outcome:
        action = self._exports.get(name)
        if action is None:
            raise ScenarioError(f'actions: no export of "{name}" in {self._scenario.actions or "no folder"}')
        seconds = DEFAULT_STEP_TIMEOUT_SECONDS if timeout_seconds is None else timeout_seconds
        execution = self._engine.execute(action, inputs, flow_type=flow_type, timeout_seconds=seconds)
        told = []
        if execution.request is not None:
            status = execution.response.status if execution.response is not None else "no answer"
            told.append(f"{execution.request.text().splitlines()[0]} -> {status}")
        if execution.path == "timeout":
            told.append(f"no answer within {seconds:g} s")
        elif execution.report.error is not None:
            told.append(execution.report.error)
        return Outcome(execution.path, execution.outputs, execution.failure_outputs, tuple(told))

    def _blank_outputs(self, name: str) -> dict[str, object]:
        action = self._exports.get(name)
        declared = action.output_schema.get("properties") if action is not None else None
        return dict.fromkeys(declared, "") if isinstance(declared, dict) else {}


def _exports(folder: Path) -> tuple[dict[str, DataAction], DataAction | None]:
    """Read the exports in a folder: actions by name, and the custom auth action when there is exactly one."""
    if not folder.is_dir():
        raise ScenarioError(f"actions: {folder} is not a folder")
    try:
        found = [DataAction.load(path) for path in sorted(folder.glob("*.json"))]
    except ExportError as error:
        raise ScenarioError(f"actions: {error}") from None
    auths = [each for each in found if each.action_type == "customAuth"]
    if len(auths) > 1:
        raise ScenarioError(f"actions: {folder} has {len(auths)} custom auth actions; an integration has one")
    return {each.name: each for each in found if each.action_type != "customAuth"}, auths[0] if auths else None


def exports_in(folder: Path) -> dict[str, DataAction]:
    """Read the data actions in a folder by name, without auth actions. Raises `ScenarioError`."""
    return _exports(folder)[0]
