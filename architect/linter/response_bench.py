"""Executes the success template with made-up answers, as the engine does when it runs the action."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from architect.emulator.choices import ChoiceLog
from architect.emulator.export import DataAction
from architect.emulator.failure import ActionError
from architect.emulator.json_text import Json, dumps, loads
from architect.emulator.jsonpath import JsonPath, JsonPathError, PathNotFoundError
from architect.emulator.macros import macros
from architect.emulator.response_reading import transform
from architect.emulator.schema import violations
from architect.emulator.velocity import TemplateError
from architect.linter.samples import result
from architect.linter.spans import Parts
from architect.linter.templates import ReadTemplate

RAW = "rawResult"
_MARK = "probed"
_CONTRACT_WORDS = ("instance type (", "missing required properties", "not allowed by the schema")


@dataclass(frozen=True, slots=True)
class Result:
    """What the success template gave: a JSON value, or the error."""

    value: Json = None
    error: str = ""


class ResponseBench:
    """The response side of one action. `values` is JSON text by name, as found in an answer that has everything."""

    def __init__(self, action: DataAction, parsed: ReadTemplate, paths: Mapping[str, JsonPath]) -> None:
        self._action = action
        self._paths = paths
        tools = set(macros(ChoiceLog()))
        roots = dict.fromkeys(each.root for each in parsed.occurrences())
        self.roots = [root for root in roots if root not in tools and root != RAW]
        self.names = [name for name in self.roots if name in action.response.translation_map]
        self.parsed = parsed
        self.landings: dict[str, Parts] = {}
        self.values: dict[str, str] = {}
        self.whole = Result()

    def prepare(self) -> Result:
        """Find values with which the template gives a result of the contract's types, and give that result."""
        assumed = {root: dumps(_MARK) for root in self.roots if root not in self.names}
        self.values = {**assumed, **{name: self._candidates(name)[0] for name in self.names}}
        self.whole = self.render(self.values)
        for name in self.names:
            if not self.whole.error:
                break
            self._settle(name)
        if not self.whole.error:
            for name in self.names:
                self._fit(name)
            self.whole = self.render(self.values)
        return self.whole

    def render(self, values: Mapping[str, str], raw: str = "{}") -> Result:
        """Execute the success template."""
        config = replace(self._action.response, success_template=self.parsed.text)
        try:
            return Result(transform(config, raw, values, ChoiceLog()))
        except TemplateError as error:
            return Result(error=str(error))
        except ActionError as error:
            return Result(error=error.message)

    def violation(self, value: Json) -> str:
        """Say how a result's types and names violate the output contract; lengths and patterns are not tried."""
        try:
            told = violations(self._action.output_schema, value)
        except ValueError:
            return ""
        return told if any(words in told for words in _CONTRACT_WORDS) else ""

    def is_indefinite(self, name: str) -> bool:
        """Tell whether the name's path gives a list of whatever matches."""
        path = self._paths.get(name)
        return path is not None and not path.is_definite

    def may_be_missing(self, name: str) -> bool:
        """Tell whether an answer without the field leaves the name unset."""
        path = self._paths.get(name)
        if path is None or not path.is_definite:
            return False
        try:
            path.read({})
        except PathNotFoundError:
            return True
        except JsonPathError:
            return False
        return False

    def default_applies(self, name: str) -> bool:
        """Tell whether any answer at all makes an indefinite path give way to its default."""
        path = self._paths[name]
        empties: tuple[Json, ...] = ({}, [])
        for empty in empties:
            try:
                path.read(empty)
            except PathNotFoundError:
                return True
            except JsonPathError:
                continue
        return False

    def _candidates(self, name: str) -> list[str]:
        if self.is_indefinite(name):
            return ['["probed"]', '[{"key":"probed"}]', "[1]"]
        return ['"probed"', "1", '["probed"]', '[{"key":"probed"}]', '{"key":"probed"}', '{"key":{"key":"probed"}}']

    def _settle(self, name: str) -> None:
        """Take the candidate with which the template gets furthest."""
        for candidate in self._candidates(name):
            outcome = self.render({**self.values, name: candidate})
            if not outcome.error or _reach(outcome.error) > _reach(self.whole.error):
                self.values[name] = candidate
                self.whole = outcome
            if not self.whole.error:
                return

    def _fit(self, name: str) -> None:
        """Replace the mark by a value of the type that the contract has where it lands."""
        mark = f"mark of {name}"
        text = self.values[name].replace(_MARK, mark)
        outcome = self.render({**self.values, name: text})
        if outcome.error:
            return
        whole, inner = loads(text), mark
        for wanted, in_list in ((whole, False), (inner, isinstance(whole, list))):
            landing = next(_places(outcome.value, wanted), None)
            if landing is None:
                continue
            self.landings[name] = landing
            schema = schema_at(self._action.output_schema, landing)
            if schema is None:
                return
            value = result(schema)
            if self.is_indefinite(name) and not in_list and not isinstance(value, list):
                return
            fitted = dumps([value] if in_list else value)
            if not self.render({**self.values, name: fitted}).error:
                self.values[name] = fitted
            return


def schema_at(schema: Json | Mapping[str, Json], parts: Parts) -> Mapping[str, Json] | None:
    """Follow a result's pointer parts through a contract; None where it says nothing."""
    for part in parts:
        if not isinstance(schema, Mapping):
            return None
        if isinstance(part, int):
            items = schema.get("items")
            schema = items[0] if isinstance(items, list) and items else items
        else:
            declared = schema.get("properties")
            schema = declared.get(part) if isinstance(declared, dict) else None
    return schema if isinstance(schema, Mapping) else None


def _places(value: Json, wanted: Json, parts: Parts = ()) -> Iterator[Parts]:
    if value == wanted and type(value) is type(wanted):
        yield parts
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, wanted, (*parts, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, wanted, (*parts, index))


def _reach(error: str) -> tuple[int, ...]:
    """Rank an error by how far the template came: executed and wrong JSON is further than not executed."""
    numbers = [int(part.strip(",.]")) for part in error.replace("[", " ").split() if part.strip(",.]").isdigit()]
    return ("did not give JSON" in error, *numbers[:2])
