"""How control leaves the ordinary course of actions."""

from __future__ import annotations


class Leaving(Exception):  # noqa: N818 - control flow, none of these is an error
    """Raised to leave the action that runs, and those around it."""


class FlowEnded(Leaving):
    """The flow is over for this call. `how` says why, for the transcript."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class TaskEnded(Leaving):
    """The task is over; the Call Task that began it takes the output `path`."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class GoTo(Leaving):
    """The flow goes on in another task, state or menu, and does not come back."""

    def __init__(self, ref: str) -> None:
        super().__init__(ref)
        self.ref = ref


class LoopLeft(Leaving):
    """The innermost loop ends."""


class NextRound(Leaving):
    """The innermost loop goes on with its next round."""
