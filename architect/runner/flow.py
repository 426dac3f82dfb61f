"""A flow as its parts: variables, tasks or states, and actions with their branches.

The structure is read by two rules that hold for all actions: an action is a list item with one key, its kind, and what
an output path runs is a list under the key `actions`. What the keys of an action mean is the business of `steps`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

from architect.runner.errors import FlowError, Problem
from architect.runner.source import MAX_BYTES, Node, Place, Record, Scalar, Sequence, Source, read

FLOW_TYPES = (
    "inboundCall",
    "inqueueCall",
    "outboundCall",
    "secureCall",
    "inboundShortMessage",
    "inboundEmail",
    "inboundChat",
    "workflow",
    "commonModule",
)
"""The flow types that can be read, as the top-level key of the file spells them."""

Parts = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable. `kind` is the part before `Variable` in the file: string, integer, stringCollection ..."""

    name: str
    kind: str
    initial: Record | None
    is_input: bool
    is_output: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Action:
    """One action: its kind (`callData`), its name, its own keys, and what its output paths run.

    `branches` is keyed by the path of keys that leads to `actions`, as in ("outputs", "failure"); of a switch also by
    the case's number. `parts` is the action's place in the document.
    """

    kind: str
    name: str
    body: Record
    branches: Mapping[Parts, tuple[Action, ...]]
    place: Place
    parts: Parts

    def output(self, path: str) -> tuple[Action, ...]:
        """Give what an output path runs; nothing when the path is not there."""
        return self.branches.get(("outputs", path), ())

    def below(self) -> Iterator[Action]:
        """Give the action and every action in its branches."""
        yield self
        for branch in self.branches.values():
            for each in branch:
                yield from each.below()


@dataclass(frozen=True, slots=True)
class Task:
    """A task, a state, or the start-up task of in-queue flows and common modules. `ref` is its refId."""

    name: str
    ref: str
    variables: tuple[Variable, ...]
    actions: tuple[Action, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu: a choice is an action under the key that selects it (`digit_1`)."""

    name: str
    ref: str
    choices: Mapping[str, Action]
    place: Place


@dataclass(frozen=True)
class Flow:
    """A flow that was read. `start` is where it begins; `places` are its tasks, states and menus by their refId."""

    type: str
    name: str
    body: Record
    variables: tuple[Variable, ...]
    places: Mapping[str, Task | Menu]
    start: Task | Menu
    source: Source

    @classmethod
    def load(cls, path: str | PathLike[str], substitutions: Mapping[str, str] | None = None) -> Flow:
        """Read a file. Raises `FlowError` for its content, OSError when it cannot be read."""
        file = Path(path)
        if file.stat().st_size > MAX_BYTES:
            raise FlowError(str(path), [Problem(1, 1, f"larger than {MAX_BYTES} bytes, Architect's limit for a flow")])
        try:
            text = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise FlowError(str(path), [Problem(1, 1, f"not UTF-8 at byte {error.start}")]) from None
        return cls.parse(text, name=str(path), substitutions=substitutions)

    @classmethod
    def parse(cls, text: str, *, name: str = "flow", substitutions: Mapping[str, str] | None = None) -> Flow:
        """Read a flow's YAML. Raises `FlowError`. Substitutions that are not given stay as they are."""
        return _Reader(read(text, name=name, substitutions=substitutions or {})).flow()

    @property
    def is_voice(self) -> bool:
        """Whether Call Data Action has no failure outputs and Set Participant Data waits for the flow's end."""
        return self.type in {"inboundCall", "inqueueCall", "outboundCall", "secureCall"}

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """Every action, in the order of the file."""
        tops: list[Action] = []
        for each in self.places.values():
            tops += each.actions if isinstance(each, Task) else each.choices.values()
        return tuple(action for top in tops for action in top.below())

    @cached_property
    def declared(self) -> tuple[Variable, ...]:
        """Every declared variable: the flow's, then those of its tasks and states."""
        own = [each for place in self.places.values() if isinstance(place, Task) for each in place.variables]
        return (*self.variables, *own)


class _Reader:
    """Takes one file apart. Problems are collected, so that all are reported at once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._problems: list[Problem] = []

    def flow(self) -> Flow:
        (key, *rest) = self._source.root.items
        body = self._source.root.items[key]
        place = self._source.root.keys[key].place
        if key not in FLOW_TYPES:
            self._fail(place, f"`{key}` is not a flow type that can be read: {', '.join(FLOW_TYPES)}")
        if rest:
            self._fail(self._source.root.keys[rest[0]].place, f"`{rest[0]}` stands beside the flow; a file holds one")
        if not isinstance(body, Record):
            self._fail(place, f"`{key}` holds no flow")
            body = Record({}, {}, place)
        name = body.text("name")
        if not name:
            self._fail(place, "the flow has no `name`")
        places = self._places(key, body)
        start = self._start(key, body, places, place)
        if self._problems or start is None:
            raise FlowError(self._source.name, self._problems)
        return Flow(key, name or "", body, self._variables(body), places, start, self._source)

    def _fail(self, place: Place, text: str) -> None:
        self._problems.append(Problem(place.line, place.column, text))

    def _places(self, flow_type: str, body: Record) -> dict[str, Task | Menu]:
        places: dict[str, Task | Menu] = {}
        if "startUpTaskActions" in body.items:
            actions = self._actions(body.sequence("startUpTaskActions"), (flow_type, "startUpTaskActions"))
            places["startUpTaskActions"] = Task(
                "start-up task", "startUpTaskActions", (), actions, body.keys["startUpTaskActions"].place
            )
        for plural, single in (("tasks", "task"), ("states", "state"), ("menus", "menu")):
            for index, item in enumerate(body.sequence(plural)):
                record = item.record(single) if isinstance(item, Record) else None
                if record is None:
                    self._fail(item.place, f"an item of `{plural}` should have the one key `{single}`")
                    continue
                ref = record.text("refId") or record.text("name") or ""
                if ref in places:
                    self._fail(record.place, f"the refId `{ref}` is used twice")
                parts: Parts = (flow_type, plural, index, single)
                places[ref] = self._menu(record, ref, parts) if single == "menu" else self._task(record, ref, parts)
        return places

    def _task(self, record: Record, ref: str, parts: Parts) -> Task:
        actions = self._actions(record.sequence("actions"), (*parts, "actions"))
        return Task(record.text("name") or ref, ref, self._variables(record), actions, record.place)

    def _menu(self, record: Record, ref: str, parts: Parts) -> Menu:
        choices = {}
        for action in self._actions(record.sequence("choices"), (*parts, "choices")):
            choices[action.body.text("dtmf") or action.name] = action
        return Menu(record.text("name") or ref, ref, choices, record.place)

    def _start(
        self, flow_type: str, body: Record, places: Mapping[str, Task | Menu], place: Place
    ) -> Task | Menu | None:
        if "startUpTaskActions" in places:
            return places["startUpTaskActions"]
        reference = body.get("startUpRef")
        if not isinstance(reference, Scalar):
            wanted = "startUpTaskActions" if flow_type in {"inqueueCall", "commonModule"} else "startUpRef"
            self._fail(place, f"the flow has no `{wanted}`, so nothing says where it begins")
            return None
        found = places.get(reference_id(reference.text))
        if found is None:
            self._fail(reference.place, f"startUpRef names `{reference.text}`, which is not in this file")
        return found

    def _variables(self, record: Record) -> tuple[Variable, ...]:
        found = []
        for item in record.sequence("variables"):
            for key, body in item.items.items() if isinstance(item, Record) else ():
                name = body.text("name") if isinstance(body, Record) else None
                if not key.endswith("Variable") or not isinstance(body, Record) or name is None:
                    self._fail(
                        item.place, f"`{key}` declares no variable: expected stringVariable and so on, with a name"
                    )
                    continue
                found.append(
                    Variable(
                        name=name,
                        kind=key.removesuffix("Variable"),
                        initial=body.record("initialValue"),
                        is_input=body.text("isInput") == "true",
                        is_output=body.text("isOutput") == "true",
                        place=body.place,
                    )
                )
        return tuple(found)

    def _actions(self, nodes: tuple[Node, ...], parts: Parts) -> tuple[Action, ...]:
        actions = []
        for index, item in enumerate(nodes):
            if not isinstance(item, Record) or len(item.items) != 1:
                self._fail(item.place, "an action should be a list item with one key, the kind of the action")
                continue
            ((kind, body),) = item.items.items()
            if not isinstance(body, Record):
                self._fail(item.place, f"the action `{kind}` has nothing in it")
                continue
            here: Parts = (*parts, index, kind)
            branches = dict(self._branches(body, (), here))
            actions.append(Action(kind, body.text("name") or kind, body, branches, item.keys[kind].place, here))
        return tuple(actions)

    def _branches(self, node: Node, path: Parts, parts: Parts) -> Iterator[tuple[Parts, tuple[Action, ...]]]:
        if isinstance(node, Record):
            for key, child in node.items.items():
                if key == "actions" and isinstance(child, Sequence):
                    yield path, self._actions(child.nodes, (*parts, key))
                else:
                    yield from self._branches(child, (*path, key), (*parts, key))
        elif isinstance(node, Sequence):
            for index, child in enumerate(node.nodes):
                yield from self._branches(child, (*path, index), (*parts, index))


def reference_id(reference: str) -> str:
    """Give the refId in a reference such as `/inboundCall/tasks/task[Main_12]` or `./tasks/task[Main_12]`."""
    return reference.partition("[")[2].rstrip("]") or reference
