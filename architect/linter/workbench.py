"""Executes a request's templates with made-up inputs, as the engine does when it runs the action."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import SplitResult, urlsplit

from architect.emulator.choices import ChoiceLog
from architect.emulator.export import DataAction
from architect.emulator.failure import ActionError
from architect.emulator.json_position import line_and_column
from architect.emulator.json_text import Json, JsonTextError, dumps, loads
from architect.emulator.macros import macros
from architect.emulator.request_building import resolve_headers
from architect.emulator.schema import input_contract_problems
from architect.emulator.transport import final_url, sends_body
from architect.emulator.velocity import TemplateError
from architect.linter.contracts import properties
from architect.linter.samples import TEXT, ordinary
from architect.linter.spans import Parts
from architect.linter.templates import INPUT, ReadTemplate, template

PLATFORM = "https://api.mypurecloud.com"
SERVICE = "https://service.example.com"
MAX_TEMPLATE = 100_000
"""Longer templates are not tried: each is executed some dozens of times."""

KNOWN_ROOTS = ("input", "credentials", "authResponse")
"""The variables of a request besides the macros."""

_FOREIGN = frozenset({"salesforce", "msdynamics"})
_RAW_REQUEST = "rawRequest"
_REQUEST: Parts = ("config", "request")
_LINE = 120
Inputs = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a template gave: its text, or the error. Of an unusable URL or header there are both."""

    text: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """One template of the request: what it is, where it stands, and how to execute it."""

    kind: str
    parts: Parts
    template: ReadTemplate
    render: Callable[[Inputs], Outcome]


class AnyField(Mapping[str, str]):
    """Credentials or an auth answer that has every field a template asks for."""

    def __init__(self, addresses: frozenset[str] = frozenset()) -> None:
        self._addresses = addresses

    def __getitem__(self, name: str) -> str:
        return SERVICE if name in self._addresses else TEXT

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Workbench:
    """The request side of one action. `assumed` are inputs that templates use without their being declared."""

    def __init__(self, action: DataAction) -> None:
        self.action = action
        self.declared = properties(action.input_schema)
        if input_contract_problems(action.input_schema):
            # Such a contract cannot be validated against; what it names is still of use.
            self.declared = {name: _type_only(declared) for name, declared in self.declared.items()}
        required = action.input_schema.get("required")
        self.required = (
            frozenset(each for each in required if isinstance(each, str)) if isinstance(required, list) else frozenset()
        )
        self.assumed: set[str] = set()
        self.extra_roots: set[str] = set()

    @cached_property
    def baseline(self) -> dict[str, Json]:
        """An ordinary value for every declared input, and an address where the whole URL is one."""
        values = {name: ordinary(declared) for name, declared in self.declared.items()}
        root, name = self._address()
        if root == INPUT and name is not None:
            values[name] = f"{SERVICE}/hook"
        return values

    @property
    def optional(self) -> list[str]:
        """The declared inputs that may be left out."""
        return [name for name in self.declared if name not in self.required]

    def templates(self) -> Iterator[tuple[str, Parts, str, str]]:
        """Give kind, place, name and text of every template that is sent."""
        request = self.action.request
        yield "url", (*_REQUEST, "requestUrlTemplate"), "requestUrlTemplate", request.url_template
        for name, text in request.headers.items():
            yield "header", (*_REQUEST, "headers", name), name, text
        if sends_body(request.method):
            yield "body", (*_REQUEST, "requestTemplate"), "requestTemplate", request.body_template

    def place(self, kind: str, parts: Parts, name: str, text: str) -> Place:
        """Make a template executable. Raises `TemplateSyntaxError`."""
        parsed = template(text, name)
        if kind == "url":
            return Place(kind, parts, parsed, lambda inputs: self._url(parsed, inputs))
        if kind == "header":
            return Place(kind, parts, parsed, lambda inputs: self._header(parsed, inputs))
        return Place(kind, parts, parsed, lambda inputs: self._plain(parsed, inputs))

    def variables(self, inputs: Inputs, parsed: ReadTemplate) -> dict[str, object]:
        """Give what a template sees."""
        passed: dict[str, Json] = {name: value for name, value in inputs.items() if value is not None}
        seen: dict[str, Json] = {**dict.fromkeys(self.assumed, TEXT), **passed}
        if _RAW_REQUEST in parsed.text:
            seen[_RAW_REQUEST] = dumps(passed)
        root, name = self._address()
        addresses = frozenset({name} if root != INPUT and name else ())
        shown: dict[str, object] = {
            "input": seen,
            "credentials": AnyField(addresses),
            "authResponse": AnyField(addresses),
            **macros(ChoiceLog()),
        }
        return {**shown, **{root: shown[_nearest(root)] for root in self.extra_roots}}

    def is_foreign(self, parsed: ReadTemplate) -> bool:
        """Tell whether the template uses macros of other integrations, which the engine does not have."""
        return any(each.root in _FOREIGN for each in parsed.occurrences())

    def _address(self) -> tuple[str, str | None]:
        """Name the reference that is the beginning of the URL, if one is."""
        try:
            first = next(iter(template(self.action.request.url_template, "requestUrlTemplate").occurrences()), None)
        except TemplateError:
            return "", None
        return (first.root, first.name) if first is not None and first.start == 0 else ("", None)

    def _plain(self, parsed: ReadTemplate, inputs: Inputs) -> Outcome:
        try:
            return Outcome(parsed.render(self.variables(inputs, parsed)))
        except TemplateError as error:
            return Outcome(error=str(error))

    def _url(self, parsed: ReadTemplate, inputs: Inputs) -> Outcome:
        outcome = self._plain(parsed, inputs)
        if outcome.error:
            return outcome
        url = PLATFORM + outcome.text if outcome.text.startswith("/") else outcome.text
        try:
            final_url(url, None)
        except ActionError as error:
            return Outcome(url, error.message)
        return Outcome(url)

    def _header(self, parsed: ReadTemplate, inputs: Inputs) -> Outcome:
        only = replace(self.action.request, headers={parsed.name: parsed.text})
        try:
            return Outcome(resolve_headers(only, self.variables(inputs, parsed), ChoiceLog())[parsed.name])
        except TemplateError as error:
            return Outcome(error=str(error))
        except ActionError as error:
            return Outcome(error=error.message)


def json_error(text: str) -> JsonTextError | None:
    """Tell why a text is not JSON, or None when it is."""
    try:
        loads(text)
    except JsonTextError as error:
        return error
    return None


def split(url: str) -> SplitResult:
    """Take a URL apart; what cannot be is empty in every part."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def not_json(text: str, error: JsonTextError) -> str:
    """Show where a text stops being JSON: that line, or the part of it around the place."""
    line, column = line_and_column(text, error.offset)
    lines = text.split("\n")
    if error.offset >= len(text.rstrip()) and text.strip():
        line = len(text.rstrip().split("\n"))
    shown = lines[line - 1].strip()
    if len(shown) > _LINE:
        start = max(column - _LINE // 2, 0)
        shown = f"...{lines[line - 1][start : start + _LINE]}..."
    where = f"line {line}: " if len(lines) > 1 else ""
    return f"{where}{shown}\nnot JSON: {error.message}"


def given(name: str, value: Json) -> str:
    """Word an input for a finding."""
    return json.dumps({name: value}, ensure_ascii=False, default=str)


def _type_only(declared: Json) -> Json:
    return {"type": declared["type"]} if isinstance(declared, dict) and isinstance(declared.get("type"), str) else {}


def _nearest(root: str) -> str:
    return next(known for known in KNOWN_ROOTS if known.lower() == root.lower())
