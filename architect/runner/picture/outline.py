"""What a picture of a flow shows: each task, state or menu as steps, each step with the paths that leave it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from architect.runner.flow import Action, Flow, Menu, Parts, Task
from architect.runner.picture.words import details, kind_words, path_words, value_text
from architect.runner.source import Record

Role = Literal["plain", "data", "tag", "choice", "end"]
"""How a step is drawn: `data` calls a data action, `tag` sets participant data, `end` is where the way leaves."""

_ROLES: dict[str, Role] = {
    "callData": "data",
    "decision": "choice",
    "loop": "choice",
    "switch": "choice",
    "setConversationData": "tag",
    "setParticipantData": "tag",
}
_ENDS = (
    "changeState",
    "disconnect",
    "end",
    "exit",
    "jumpTo",
    "loopExit",
    "loopNext",
    "menuDisconnect",
    "menuJumpTo",
    "menuTransferTo",
    "previousMenu",
    "returnTo",
    "transferTo",
)

_TRANSFERS = ("transferTo", "menuTransferTo")
_OTHER = {"success": "failure", "failure": "success", "found": "not found", "not found": "found"}
_LESS_USUAL = {"failure", "timeout", "not found"}


@dataclass(frozen=True, slots=True)
class Step:
    """One action, or a menu itself, which has no line. The name is "" where it only repeats the kind."""

    role: Role
    kind: str
    name: str
    details: tuple[str, ...] = ()
    line: int = 0
    paths: tuple[Path, ...] = ()

    @property
    def told(self) -> str:
        """All that is known of it, in one line."""
        place = f" (line {self.line})" if self.line else ""
        name = f": {self.name}" if self.name else ""
        return f"{self.kind}{name}{place}" + "".join(f"; {each}" for each in self.details)

    @property
    def goes_on(self) -> bool:
        """Whether what follows it can come next."""
        return any(path.goes_on for path in self.paths) if self.paths else self.role != "end"


@dataclass(frozen=True, slots=True)
class Path:
    """A way that leaves a step. `missing` is one on which nothing says what happens to the call.

    `style` is success, failure, timeout, or "" for what is neither. `returns` leads back to the step: a loop's round.
    """

    label: str
    style: str = ""
    steps: tuple[Step, ...] = ()
    missing: bool = False
    returns: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether it comes back to what follows its step; a missing path does, with nothing done."""
        return not self.returns and all(step.goes_on for step in self.steps)


@dataclass(frozen=True, slots=True)
class Part:
    """A task, a state or a menu. `starts` tells whether the flow begins there."""

    title: str
    steps: tuple[Step, ...]
    starts: bool


def outline(flow: Flow) -> tuple[Part, ...]:
    """Return the parts of a flow: first the one it starts with, the others in the order of the file."""
    places = sorted(flow.places.values(), key=lambda place: place is not flow.start)
    return tuple(_part(flow, place) for place in places)


def every_step(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Give each step and all that are on its paths."""
    for step in steps:
        yield step
        for path in step.paths:
            yield from every_step(path.steps)


def _part(flow: Flow, place: Task | Menu) -> Part:
    starts = place is flow.start
    if isinstance(place, Menu):
        choices = tuple(
            Path(path_words(key), steps=_steps(flow, (each,), followed=False)) for key, each in place.choices.items()
        )
        return Part(f"Menu: {place.name}", (Step("choice", "Menu", place.name, paths=choices),), starts)
    if place.ref == "startUpTaskActions":
        return Part("Start-up task", _steps(flow, place.actions, followed=False), starts)
    states = {item.text("state", "refId") for item in flow.body.sequence("states") if isinstance(item, Record)}
    what = "State" if place.ref in states else "Task"
    return Part(f"{what}: {place.name}", _steps(flow, place.actions, followed=False), starts)


def _steps(flow: Flow, actions: tuple[Action, ...], *, followed: bool) -> tuple[Step, ...]:
    """Return the steps of one path; `followed` tells whether something comes after it."""
    return tuple(_step(flow, each, followed=followed or each is not actions[-1]) for each in actions)


def _step(flow: Flow, action: Action, *, followed: bool) -> Step:
    role = _ROLES.get(action.kind) or ("end" if action.kind.startswith(_ENDS) else "plain")
    kind = kind_words(action.kind)
    return Step(
        role=role,
        kind=kind,
        name=action.name if action.name not in (action.kind, kind) else "",
        details=details(flow, action),
        line=action.place.line,
        paths=tuple(_paths(flow, action, followed=followed)),
    )


def _paths(flow: Flow, action: Action, *, followed: bool) -> list[Path]:
    """Return what leaves an action: the paths that are in the file, and those that Architect has all the same."""
    inside = followed or action.kind == "loop"
    found = {key: _steps(flow, actions, followed=inside) for key, actions in action.branches.items()}
    known = _known(action, found)
    paths = [_path(str(key[-1]) if key else "actions", steps) for key, steps in found.items()]
    if known or not (paths or action.kind.startswith(_TRANSFERS)):
        return known + paths
    return _with_the_other(action, paths, followed=followed)


def _known(action: Action, found: dict[Parts, tuple[Step, ...]]) -> list[Path]:
    """Return the paths of an action that has the same ones always, and take them out of what was found."""
    if action.kind == "callData":
        own = {key: found.pop(("outputs", key), ()) for key in ("success", "failure", "timeout")}
        return [Path(key, key, each, missing=key != "success" and not each) for key, each in own.items()]
    if action.kind == "decision":
        return [Path(key, steps=found.pop(("outputs", key), ())) for key in ("yes", "no")]
    if action.kind == "switch":
        return [Path(label, steps=found.pop(key, ())) for key, label in _cases(action)]
    if action.kind == "loop":
        return [Path("afterwards"), Path("each round", steps=found.pop(("outputs", "loop"), ()), returns=True)]
    return []


def _with_the_other(action: Action, paths: list[Path], *, followed: bool) -> list[Path]:
    """Add the path on which the file has nothing to run; what is usual comes first."""
    if action.kind.startswith(_TRANSFERS):
        return paths or ([_path("failure")] if followed else [])
    labels = {path.label for path in paths}
    rest = [_path(label) for label in sorted({_OTHER.get(label, "otherwise") for label in labels} - labels)]
    return rest + paths if labels <= _LESS_USUAL else paths + rest


def _path(label: str, steps: tuple[Step, ...] = ()) -> Path:
    return Path(path_words(label), label if label in ("success", "failure", "timeout") else "", steps)


def _cases(action: Action) -> Iterator[tuple[Parts, str]]:
    """Give the place and the label of each case of a switch, and of its default, which it always has."""
    evaluate = action.body.record("evaluate")
    way: tuple[str, ...] = ("evaluate", "firstTrue")
    if evaluate is not None and (match := evaluate.record("firstMatch")) is not None:
        way = ("evaluate", "firstMatch", next(iter(match.items), ""))
    for index, item in enumerate(action.body.sequence(*way, "cases")):
        value = value_text(item.get("case", "value")) if isinstance(item, Record) else ""
        yield (*way, "cases", index, "case"), value or f"case {index + 1}"
    yield (*way, "default"), "default"
