"""Every action that can be run, by its kind in the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from architect.runner import steps_course as course
from architect.runner import steps_data as data
from architect.runner import steps_platform as platform

if TYPE_CHECKING:
    from architect.runner.flow import Action
    from architect.runner.run import Run

StepFunction = Callable[["Run", "Action"], str | None]
"""Carries out one action and returns the output path to take, if any. Raises `StepError`, `Leaving`."""

STEPS: dict[str, StepFunction] = {
    "callCommonModule": course.call_common_module,
    "callData": data.call_data,
    "callTask": course.call_task,
    "changeState": course.change_state,
    "decision": course.decision,
    "disconnect": platform.disconnect,
    "endTask": course.end_task,
    "endWorkflow": course.end_workflow,
    "getConversationData": data.get_conversation_data,
    "getParticipantData": data.get_participant_data,
    "jumpToTask": course.jump_to_task,
    "loop": course.loop,
    "loopExit": course.loop_exit,
    "loopNext": course.loop_next,
    "menuDisconnect": platform.disconnect,
    "menuJumpToTask": course.jump_to_task,
    "setConversationData": data.set_conversation_data,
    "setParticipantData": data.set_participant_data,
    "switch": course.switch,
    "transferToAcd": platform.transfer,
    "transferToFlow": platform.transfer,
    "transferToFlowSecure": platform.transfer,
    "updateData": data.update_data,
    **dict.fromkeys(platform.ORDINARY_PATHS, platform.as_the_scenario_says),
}
