"""A scenario: one call as it arrives, and what the world around the flow does with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import yaml

from architect.runner.errors import ScenarioError

CONVERSATION = "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"
"""The conversation of scenarios that name none."""

Kind = Literal["http", "answer", "rejected", "failure", "timeout"]
_KINDS: tuple[Kind, ...] = ("http", "rejected", "failure", "timeout")
EVERY_ACTION = "*"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a data action does when it is called.

    `http` runs its export against a real server; `answer` takes the Success path with `outputs`; `rejected` does so
    with `status: rejected`, as Callspan refuses an input; `failure` and `timeout` take these paths.
    """

    kind: Kind
    outputs: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutsideWrite:
    """Somebody writes participant data over REST, right after the action called `after` has run."""

    after: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What an action that needs a person or the platform does: the output path it takes, and values for variables."""

    path: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One call.

    `replies` are keyed by the data action's name, or `*` for the rest; several are used one after the other, the last
    for good. `actions` is the folder of exports, `modules` that of common modules. `variables` sets built-in variables
    (`Call.Ani`) and the inputs of workflows. `choices` are keyed by the name of an action, `digits` are pressed in
    menus one after the other. `step_timeout_seconds` shortens the timeout of every Call Data Action.
    """

    name: str = "scenario"
    conversation_id: str = CONVERSATION
    participant_data: Mapping[str, str] = field(default_factory=dict)
    substitutions: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, object] = field(default_factory=dict)
    replies: Mapping[str, Sequence[Reply]] = field(default_factory=lambda: {EVERY_ACTION: (Reply("failure"),)})
    choices: Mapping[str, Choice] = field(default_factory=dict)
    digits: Sequence[str] = ()
    outside_writes: Sequence[OutsideWrite] = ()
    step_timeout_seconds: float | None = None
    actions: Path | None = None
    modules: Path | None = None
    base_url: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    organization_id: str = "00000000-0000-4000-8000-000000000000"

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Scenario:
        """Read a scenario's YAML file; its paths are relative to it. Raises `ScenarioError`, OSError."""
        file = Path(path)
        try:
            found = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ScenarioError(f"{path}: not YAML: {error}") from None
        try:
            return cls.from_dict(found, folder=file.parent, name=file.stem)
        except ScenarioError as error:
            raise ScenarioError(f"{path}: {error}") from None

    @classmethod
    def from_dict(cls, found: object, *, folder: Path, name: str) -> Scenario:
        """Take a scenario from plain data, under the field names of this class. Raises `ScenarioError`."""
        if not isinstance(found, dict):
            raise ScenarioError("a scenario is a mapping, such as `conversation_id: ...`")
        unknown = found.keys() - _READERS.keys()
        if unknown:
            raise ScenarioError(f"`{min(map(str, unknown))}` is unknown; known are {', '.join(_READERS)}")
        fields: dict[str, Any] = {key: _READERS[key](key, value) for key, value in found.items()}
        for key in ("actions", "modules"):
            if key in fields:
                fields[key] = folder / fields[key]
        return replace(cls(name=name), **fields)


def _text(field_name: str, value: object) -> str:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ScenarioError(f"`{field_name}` should be text")
    return str(value)


def _texts(field_name: str, value: object) -> dict[str, str]:
    return {key: _text(f"{field_name}.{key}", each) for key, each in _mapping(field_name, value).items()}


def _mapping(field_name: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ScenarioError(f"`{field_name}` should be a mapping")
    return {str(key): each for key, each in value.items()}


def _seconds(field_name: str, value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
        raise ScenarioError(f"`{field_name}` should be a number of seconds above 0")
    return float(value)


def _path(field_name: str, value: object) -> Path:
    return Path(_text(field_name, value))


def _replies(field_name: str, value: object) -> dict[str, tuple[Reply, ...]]:
    return {
        key: tuple(_reply(f"{field_name}.{key}", each) for each in (found if isinstance(found, list) else [found]))
        for key, found in _mapping(field_name, value).items()
    }


def _reply(field_name: str, value: object) -> Reply:
    for kind in _KINDS:
        if value == kind:
            return Reply(kind)
    if isinstance(value, dict) and value.keys() == {"outputs"}:
        return Reply("answer", _mapping(f"{field_name}.outputs", value["outputs"]))
    raise ScenarioError(f"`{field_name}` should be one of {', '.join(_KINDS)}, or `outputs:` with values")


def _choices(field_name: str, value: object) -> dict[str, Choice]:
    found = {}
    for key, each in _mapping(field_name, value).items():
        parts = _mapping(f"{field_name}.{key}", each)
        if parts.keys() - {"path", "variables"}:
            raise ScenarioError(f"`{field_name}.{key}` may have `path` and `variables`")
        path = _text(f"{field_name}.{key}.path", parts["path"]) if "path" in parts else None
        found[key] = Choice(path, _mapping(f"{field_name}.{key}.variables", parts.get("variables", {})))
    return found


def _digits(field_name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ScenarioError(f"`{field_name}` should be a list")
    return tuple(_text(field_name, each) for each in value)


def _writes(field_name: str, value: object) -> tuple[OutsideWrite, ...]:
    if not isinstance(value, list):
        raise ScenarioError(f"`{field_name}` should be a list")
    writes = []
    for each in value:
        parts = _texts(field_name, each)
        if parts.keys() != {"after", "name", "value"}:
            raise ScenarioError(f"an item of `{field_name}` has `after`, `name` and `value`")
        writes.append(OutsideWrite(**parts))
    return tuple(writes)


_READERS = {
    "conversation_id": _text,
    "participant_data": _texts,
    "substitutions": _texts,
    "variables": _mapping,
    "replies": _replies,
    "choices": _choices,
    "digits": _digits,
    "outside_writes": _writes,
    "step_timeout_seconds": _seconds,
    "actions": _path,
    "modules": _path,
    "base_url": _text,
    "credentials": _texts,
    "organization_id": _text,
}
