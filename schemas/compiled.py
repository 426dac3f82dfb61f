"""Contracts compiled for speed: what a schema says, without asking marshmallow for each call.

Only a schema of plain strings can be compiled, and anything but well-formed input is left to marshmallow itself, so
there is one place that says what is accepted and one that words its errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import fields, missing

from schemas.contract import Inputs, Outputs

Loader = Callable[[Mapping[str, Any]], dict[str, str] | None]
Dumper = Callable[[Mapping[str, str]], dict[str, str]]


class NotCompilableError(TypeError):
    """A schema says more than that its fields are strings, required or with a default."""


def compile_inputs(schema: Inputs) -> Loader:
    """Return a function that loads a JSON object as the schema does, or None for what marshmallow has to judge.

    Raises:
        NotCompilableError: when the schema has another kind of field, a validator, or a hook of its own.

    """
    if _hooks(type(schema)) != _hooks(Inputs):
        raise NotCompilableError(f"{type(schema).__name__} has hooks of its own")
    plan = []
    for name, field in schema.fields.items():
        default = None if field.required else field.load_default
        plain = type(field) is fields.String and not field.validators and not field.allow_none
        if not plain or default is missing or not isinstance(default, str | None):
            raise NotCompilableError(f"{type(schema).__name__}.{name} is more than a string")
        plan.append((field.data_key or name, name, default))
    required = [name for name, field in schema.fields.items() if field.required]

    def load(body: Mapping[str, Any]) -> dict[str, str] | None:
        loaded = {}
        for key, name, default in plan:
            value = body.get(key, default)
            if type(value) is not str:
                return None
            loaded[name] = value
        for name in required:
            if not loaded[name].strip():
                return None
        return loaded

    return load


def _hooks(schema: type[Inputs]) -> dict[str, list[Any]]:
    """Return the hooks of a schema; marshmallow has no public list of them, and adds empty ones when it is used."""
    return {kind: hooks for kind, hooks in schema._hooks.items() if hooks}  # noqa: SLF001


def compile_outputs(schema: Outputs) -> Dumper:
    """Return a function that makes outputs complete, in the schema's order, as the schema's `dump` does.

    Raises:
        NotCompilableError: as above.

    """
    defaults = []
    for name, field in schema.fields.items():
        if type(field) is not fields.String or field.data_key is not None:
            raise NotCompilableError(f"{type(schema).__name__}.{name} is more than a string")
        defaults.append((name, "" if field.dump_default is missing else field.dump_default))

    def dump(outputs: Mapping[str, str]) -> dict[str, str]:
        return {name: outputs.get(name, default) for name, default in defaults}

    return dump
