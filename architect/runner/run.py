"""Runs a flow: one call, from its arrival to the end of the flow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress

from architect.emulator.engine import Engine
from architect.emulator.participant import ParticipantData
from architect.runner.back_end import BackEnd
from architect.runner.course import FlowEnded, GoTo, TaskEnded
from architect.runner.errors import FlowError, ScenarioError
from architect.runner.flow import Action, Flow, Menu, Task
from architect.runner.loading import require_runnable
from architect.runner.scenario import Choice, Scenario
from architect.runner.source import Node, Record
from architect.runner.steps import STEPS
from architect.runner.transcript import Lost, Step, Transcript
from architect.runner.values import StepError, evaluate
from architect.runner.variables import Variables

MAX_ACTIONS = 10_000
"""How many actions a flow may run (Genesys, "Architect limits")."""

_COMMON_MODULE = re.compile(r"^commonModule:", re.MULTILINE)
_CONVERSATION_IDS = {
    "inboundCall": ("Call.ConversationId", "Interaction.Id"),
    "outboundCall": ("Call.ConversationId", "Interaction.Id"),
    "inqueueCall": ("Call.ConversationId", "Interaction.Id"),
    "secureCall": ("Call.ConversationId", "Interaction.Id"),
    "inboundShortMessage": ("Message.ConversationId",),
    "inboundEmail": ("Email.ConversationId",),
    "inboundChat": ("Chat.ConversationId",),
}


def run_flow(flow: Flow, scenario: Scenario, *, engine: Engine | None = None) -> Transcript:
    """Run a flow and tell what happened; what goes wrong inside the flow is in the transcript.

    `engine` is used for real requests in place of one made from the scenario. Raises `ScenarioError` when the
    scenario does not fit the flow, and `FlowError` for a common module that cannot be read.
    """
    back_end = BackEnd(scenario, engine)
    try:
        return Run(flow, scenario, back_end).perform()
    finally:
        back_end.close()


class Run:
    """One flow at work on one call. A common module has a run of its own, which shares the call with its caller's."""

    def __init__(self, flow: Flow, scenario: Scenario, back_end: BackEnd, caller: Run | None = None) -> None:
        self.flow = flow
        self.scenario = scenario
        self.back_end = back_end
        self.caller = caller
        self.variables = Variables()
        self._counted = 0
        self._digits = iter(scenario.digits)
        if caller is None:
            self.transcript = Transcript(flow.name, flow.type)
            self.call = ParticipantData(flow.type, dict(scenario.participant_data))
            self.depth = -1
            self.outside: dict[str, str] = {}
        else:
            self.transcript = caller.transcript
            self.call = caller.call
            self.depth = caller.depth
            self.outside = caller.outside

    def perform(self) -> Transcript:
        """Run the flow from its start to its end."""
        transcript = self.transcript
        try:
            self._arrive()
            self._go(self.flow.start)
            transcript.ending, transcript.in_order = "after its last action", True
        except FlowEnded as end:
            transcript.ending, transcript.in_order = end.how, True
        except StepError as error:
            transcript.error = str(error) if error.place is None else f"line {error.place.line}: {error}"
            transcript.ending = f"by the flow's error handling: {self._error_handling()}"
        except RecursionError:
            transcript.error = "tasks call one another without an end"
            transcript.ending = f"by the flow's error handling: {self._error_handling()}"
        transcript.visible = dict(self.call.stored)
        self.call.end_flow()
        transcript.stored = dict(self.call.stored)
        transcript.seen_by_flow = {name: self.call.get(name) or "" for name in self.call.stored}
        transcript.variables = dict(self.variables.mapping())
        transcript.lost = [
            Lost(name, value, transcript.stored[name])
            for name, value in self.outside.items()
            if transcript.stored[name] != value
        ]
        return transcript

    def perform_actions(self, actions: tuple[Action, ...]) -> None:
        """Run actions one after the other, one level further in."""
        self.depth += 1
        try:
            for action in actions:
                self._perform(action)
        finally:
            self.depth -= 1

    def perform_task(self, ref: str) -> str:
        """Run another task and come back; return the output path that its End Task names."""
        task = self._place(ref)
        if not isinstance(task, Task):
            raise StepError(f"`{ref}` is a menu, which Call Task cannot run")
        try:
            self.variables.declare(task.variables)
            self.perform_actions(task.actions)
        except TaskEnded as end:
            return end.path
        return ""

    def value(self, node: Node | None, kind: str = "") -> object:
        """Give the value of a wrapped value. Raises `StepError` when its expression fails."""
        return evaluate(node, self.variables.mapping(), kind)

    def text(self, body: Record, key: str) -> str:
        """Give the text of a wrapped value that must have one. Raises `StepError`."""
        value = self.value(body.get(key), "string")
        if not isinstance(value, str):
            raise StepError(f"`{key}` is not set", body.place)
        return value

    def choice(self, action: Action) -> Choice:
        """Give what the scenario says of an action that a person or the platform decides."""
        return self.scenario.choices.get(action.name, Choice())

    def tell(self, text: str) -> None:
        """Add a line to the step that runs."""
        self.transcript.steps[-1].told.append(text)

    def perform_module(self, name: str, inputs: Mapping[str, object]) -> Mapping[str, object]:
        """Run a common module for this call and return its outputs.

        A failing expression in it fails the action that called it. Raises `ScenarioError`, `FlowError`.
        """
        module = self._module(name)
        if self.caller is not None:
            raise StepError("a common module cannot call another")
        inner = Run(module, self.scenario, self.back_end, self)
        inner.variables.declare(module.declared)
        for variable, value in inputs.items():
            inner.variables[variable] = value
        with suppress(TaskEnded):
            inner._go(module.start)
        return {each.name: inner.variables[each.name] for each in module.variables if each.is_output}

    def _module(self, name: str) -> Flow:
        folder = self.scenario.modules
        if folder is None:
            raise ScenarioError(f'modules: the flow calls the common module "{name}"; name the folder it is in')
        found: list[Flow] = []
        for path in sorted(folder.glob("*.y*ml")):
            # What else is in the folder need not be readable.
            with suppress(FlowError, UnicodeDecodeError):
                if not _COMMON_MODULE.search(path.read_text(encoding="utf-8")):
                    continue
                flow = Flow.load(path, self.scenario.substitutions)
                if flow.name == name:
                    found.append(flow)
        if found:
            require_runnable(found[0], self.scenario.substitutions)
            return found[0]
        raise ScenarioError(f'modules: no common module "{name}" in {folder}')

    def _arrive(self) -> None:
        for name in _CONVERSATION_IDS.get(self.flow.type, ()):
            self.variables[name] = self.scenario.conversation_id
        self.variables.declare(self.flow.variables)
        if self.flow.type == "workflow" and "Flow.conversationId" in self.variables:
            # What a trigger passes on of every event about a conversation.
            self.variables["Flow.conversationId"] = self.scenario.conversation_id
        for name, value in self.scenario.variables.items():
            self.variables[name] = value

    def _go(self, start: Task | Menu) -> None:
        place: Task | Menu = start
        while True:
            try:
                if isinstance(place, Menu):
                    self._choose(place)
                else:
                    self.variables.declare(place.variables)
                    self.perform_actions(place.actions)
            except GoTo as going:
                place = self._place(going.ref)
                continue
            except TaskEnded:
                if self.caller is not None:
                    raise
            return

    def _choose(self, menu: Menu) -> None:
        pressed = next(self._digits, None)
        if pressed is None:
            raise ScenarioError(f'digits: the flow is in the menu "{menu.name}" and waits for a key')
        action = menu.choices.get(f"digit_{pressed}") or menu.choices.get(pressed)
        self.transcript.steps.append(Step("menu", menu.name, menu.place.line, self.depth, pressed))
        if action is None:
            raise ScenarioError(f'digits: the menu "{menu.name}" has no choice {pressed}')
        self.perform_actions((action,))

    def _place(self, ref: str) -> Task | Menu:
        found = self.flow.places.get(ref)
        if found is None:
            raise StepError(f"there is no task, state or menu `{ref}`")
        return found

    def _perform(self, action: Action) -> None:
        self._counted += 1
        if self._counted > MAX_ACTIONS:
            raise StepError(f"more than {MAX_ACTIONS} actions were run", action.place)
        step = Step(action.kind, action.name, action.place.line, self.depth)
        self.transcript.steps.append(step)
        try:
            path = STEPS[action.kind](self, action)
        except StepError as error:
            step.told.append(f"failed: {error}")
            if error.place is None:
                raise StepError(str(error), action.place) from None
            raise
        finally:
            self._write_from_outside(action.name)
        step.path = path or ""
        if path:
            self.perform_actions(action.output(path))

    def _write_from_outside(self, after: str) -> None:
        for write in self.scenario.outside_writes:
            if write.after == after:
                self.call.write_from_outside(write.name, write.value)
                self.outside[write.name] = write.value
                self.tell(f"over REST, in the meantime: {write.name} = {write.value!r}")

    def _error_handling(self) -> str:
        handling = self.flow.body.record("settingsErrorHandling", "errorHandling")
        kind = next(iter(handling.items), "") if handling is not None else ""
        if kind == "queue" and handling is not None:
            return f"transferred to the queue {handling.text('queue', 'targetQueue', 'lit', 'name')}"
        return {"": "disconnected, as the flow does not say what to do", "disconnect": "disconnected"}.get(kind, kind)
