"""The request's body, JSON or a form: what is pasted in as JSON, and what breaks out of its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

from architect.emulator.json_text import Json, loads, quoted
from architect.linter.document import Document, Edit
from architect.linter.finding import Finding, found
from architect.linter.rewriting import edits, reference, tried, wrapped
from architect.linter.samples import PROBED, allowed, is_id, is_text
from architect.linter.templates import INPUT
from architect.linter.workbench import Place, Workbench, given, json_error, not_json

_FRAGMENTS = ("{}", '"key": "value"', '"text"', "[]", "1")
_PROBES = ('say "hi"', '"', "first line\nsecond line", "\n", "C:\\new", "\\")
_ALL_PROBES = 'say "hi"\nC:\\new'
_FORM_PROBES = ("salt & pepper=1", "a&b", "a+b", "100%41")
_NAMED_AS_JSON = re.compile(r"json|payload|body", re.IGNORECASE)
_MEANT_AS_JSON = re.compile(r"json|[{\[\"]|key|map\b|array|object|list", re.IGNORECASE)
_FORM = "application/x-www-form-urlencoded"


class Body:
    """The request's body: whether it is meant to be JSON, and which inputs are pasted into it as JSON.

    `fragments` gives each of those a value with which the body is JSON.
    """

    def __init__(self, document: Document, bench: Workbench, place: Place) -> None:
        self._document = document
        self._bench = bench
        self._place = place
        self._content_type = next(
            (value.lower() for name, value in bench.action.request.headers.items() if name.lower() == "content-type"),
            "application/json",
        )
        self.fragments: dict[str, Json] = {}
        self._error = self._fit()
        self.is_json = self._error is None and not self.is_form

    @property
    def is_form(self) -> bool:
        """Whether the body is a web form's."""
        return _FORM in self._content_type

    def findings(self) -> Iterator[Finding]:
        """Report what breaks the body."""
        if self.is_form:
            yield from self._form()
        elif self.is_json:
            yield from self._pasted()
            yield from self._unescaped()
        elif "json" in self._content_type and self._error:
            yield self._not_json(self._error)

    def _texts(self) -> list[str]:
        used = {each.name for each in self._place.template.occurrences() if each.root == INPUT}
        return [name for name, declared in self._bench.declared.items() if name in used and is_text(declared)]

    def _fit(self) -> str | None:
        """Find values with which the body is JSON; give the error when there are none."""
        marks: dict[str, Json] = {name: f"probed{index}x" for index, name in enumerate(self._texts())}
        for _ in range(len(marks) + 1):
            text = self._render(marks)
            if not text.strip():
                return None
            error = json_error(text)
            if error is None:
                return None
            culprit = next(
                (
                    name
                    for name, mark in marks.items()
                    if name not in self.fragments and text.startswith(str(mark), error.offset)
                ),
                None,
            )
            if culprit is None:
                return not_json(text, error)
            self.fragments[culprit] = max(_FRAGMENTS, key=lambda value: self._reach(marks, culprit, value))
        return "no value makes it JSON"

    def _render(self, marks: dict[str, Json]) -> str:
        return self._place.render({**self._bench.baseline, **marks, **self.fragments}).text

    def _reach(self, marks: dict[str, Json], name: str, value: str) -> int:
        text = self._place.render({**self._bench.baseline, **marks, **self.fragments, name: value}).text
        error = json_error(text)
        # How much is left behind the error, so that longer values have no advantage.
        return error.offset - len(text) if error else 1

    def _not_json(self, shown: str) -> Finding:
        return found(
            "body-not-json",
            self._document,
            self._place.parts,
            "The body is not JSON, whatever the inputs are.",
            trigger="an ordinary value for every input",
            shown=re.sub(r"probed\d+x", "sample", shown),
            remedy="Mend the template; look for a comma too many or a quote too few just before that place.",
        )

    def _pasted(self) -> Iterator[Finding]:
        for name in self.fragments:
            probes = allowed(self._bench.declared[name], ("Anna Smith", "x"))
            outcome = self._place.render({**self._bench.baseline, **self.fragments, name: (probes or [""])[0]})
            error = json_error(outcome.text)
            if not probes or error is None:
                continue
            is_whole = outcome.text.strip() == probes[0]
            meant = is_whole or self._is_said_to_be_json(name)
            yield found(
                "json-fragment" if meant else "unquoted-json",
                self._document,
                self._place.parts,
                f"`{name}` is pasted into the body as JSON; text that is not JSON breaks it."
                if meant
                else f"The text input `{name}` stands in the body without quotes.",
                trigger=given(name, probes[0]),
                shown=not_json(outcome.text, error),
                remedy="Have the flow build it with the JSON functions of Architect's expressions."
                if meant
                else f'Write "$esc.jsonEncode("$!{{input.{name}}}")"; if it is to be JSON, say so in its description.',
                at=self._at(name),
            )

    def _is_said_to_be_json(self, name: str) -> bool:
        declared = self._bench.declared[name]
        said = (
            [str(declared.get(key, "")) for key in ("title", "description", "default")]
            if isinstance(declared, dict)
            else []
        )
        return bool(_NAMED_AS_JSON.search(name)) or any(_MEANT_AS_JSON.search(words) for words in said)

    def _unescaped(self) -> Iterator[Finding]:
        strict = not self._place.template.has_conditions()
        for name in self._texts():
            if name in self.fragments:
                continue
            base = loads_or_none(self._place.render(self._inputs(name, PROBED)).text)
            if self._survives(name, base):
                continue
            for probe in allowed(self._bench.declared[name], _PROBES):
                outcome = self._place.render(self._inputs(name, probe))
                if outcome.error:
                    continue
                error = json_error(outcome.text)
                # What a macro has turned into something else on purpose is not there as it was given.
                is_there = strict and len(probe) > 1 and probe in outcome.text
                if error is None and (not is_there or carries(base, loads(outcome.text), probe)):
                    continue
                told = not_json(outcome.text, error) if error else f"{outcome.text}\nJSON, but not what was given"
                rule = "unescaped-json-id" if is_id(name) else "unescaped-json"
                yield self._finding(rule, name, probe, told, "jsonEncode")
                break

    def _survives(self, name: str, base: Json) -> bool:
        """Tell whether one value with everything in it arrives whole, so that none has to be tried by itself."""
        if not allowed(self._bench.declared[name], (_ALL_PROBES,)):
            return False
        outcome = self._place.render(self._inputs(name, _ALL_PROBES))
        if outcome.error or json_error(outcome.text):
            return False
        return carries(base, loads(outcome.text), _ALL_PROBES)

    def _inputs(self, name: str, value: str) -> dict[str, Json]:
        return {**self._bench.baseline, **self.fragments, name: value}

    def _form(self) -> Iterator[Finding]:
        strict = not self._place.template.has_conditions()
        for name in self._texts():
            base = _fields(self._place.render(self._inputs(name, PROBED)).text)
            for probe in allowed(self._bench.declared[name], _FORM_PROBES):
                outcome = self._place.render(self._inputs(name, probe))
                fields = _fields(outcome.text)
                if outcome.error or not strict or probe not in outcome.text:
                    continue
                if not carries(base, fields, probe):
                    shown = f"{outcome.text}\nread as {_worded(fields)}"
                    yield self._finding("unescaped-form", name, probe, shown, "uriEncode")
                    break

    def _finding(self, rule: str, name: str, probe: str, shown: str, macro: str) -> Finding:
        is_json = macro == "jsonEncode"
        what = "a JSON string without escaping" if is_json else "the form without encoding"
        return found(
            rule,
            self._document,
            self._place.parts,
            f"The text input `{name}` goes into {what}.",
            trigger=given(name, probe),
            shown=shown,
            remedy=f"Write $esc.{macro}({reference(self._bench, name)})" + (", inside the quotes." if is_json else "."),
            at=self._at(name),
            edits=self._escapes(name, macro, probe),
        )

    def _at(self, name: str) -> int | None:
        return next((each.start for each in self._place.template.of_input(name) if each.is_output), None)

    def _escapes(self, name: str, macro: str, probe: str) -> list[Edit]:
        """Wrap the bare references in the macro, provided that this repairs it."""
        changes = wrapped(self._bench, self._place, name, macro)
        if not changes:
            return []
        trial = tried(self._bench, self._place, changes)
        read = loads_or_none if macro == "jsonEncode" else _fields
        base = read(trial.render(self._inputs(name, PROBED)).text)
        got = read(trial.render(self._inputs(name, probe)).text)
        if base is None or got is None or not carries(base, got, probe):
            return []
        return edits(self._document, self._place, changes)


def carries(base: Json, got: Json, value: str) -> bool:
    """Tell whether `got` is `base` with `value` in place of the probed text, and nothing else changed."""
    if isinstance(base, dict):
        return (
            isinstance(got, dict)
            and len(base) == len(got)
            and all(
                key.replace(PROBED, value) == other and carries(base[key], got[other], value)
                for key, other in zip(base, got, strict=True)
            )
        )
    if isinstance(base, list):
        return (
            isinstance(got, list)
            and len(base) == len(got)
            and all(carries(one, other, value) for one, other in zip(base, got, strict=True))
        )
    if isinstance(base, str) and PROBED in base:
        # JSON inside a JSON string is escaped twice, and rightly so.
        return got in (base.replace(PROBED, value), base.replace(PROBED, quoted(value)[1:-1]))
    return type(base) is type(got)


def loads_or_none(text: str) -> Json:
    """Read JSON; None when it is none."""
    return loads(text) if json_error(text) is None else None


def _fields(text: str) -> list[Json]:
    try:
        return [[name, value] for name, value in parse_qsl(text, keep_blank_values=True)]
    except ValueError:
        return []


def _worded(fields: list[Json]) -> str:
    return ", ".join(f"{field[0]} = {field[1]!r}" for field in fields if isinstance(field, list))
