"""What becomes of the result when the service's answer lacks a field."""

from __future__ import annotations

from collections.abc import Iterator

from architect.emulator.export import ResponseConfig
from architect.emulator.json_text import quoted
from architect.linter.document import Document, Edit
from architect.linter.finding import Finding, found
from architect.linter.response_bench import ResponseBench
from architect.linter.spans import Parts
from architect.linter.workbench import json_error

_MAP: Parts = ("config", "response", "translationMap")
_DEFAULTS: Parts = ("config", "response", "translationMapDefaults")
_SHOWN = 300


class Defaults:
    """Executes the success template with one field missing after the other."""

    def __init__(self, document: Document, response: ResponseConfig, bench: ResponseBench) -> None:
        self._document = document
        self._response = response
        self._bench = bench
        # Without a result that fits, nothing can be said about what a default spoils.
        self._fits = not bench.violation(bench.whole.value)

    def findings(self) -> Iterator[Finding]:
        """Report what breaks."""
        for name in self._bench.names:
            if self._bench.is_indefinite(name):
                yield from self._no_match(name)
            elif self._bench.may_be_missing(name):
                yield from self._missing(name)
                continue
            if name in self._response.defaults and self._bench.is_indefinite(name):
                yield from self._default(name)

    def _missing(self, name: str) -> Iterator[Finding]:
        if name in self._response.defaults:
            yield from self._default(name)
            return
        path = self._response.translation_map[name]
        outcome = self._bench.render({key: text for key, text in self._bench.values.items() if key != name})
        if outcome.error:
            yield found(
                "missing-default",
                self._document,
                (*_MAP, name),
                f"`{name}` has no default: when the answer lacks {path}, the action fails.",
                trigger=f"an answer without {path}",
                shown=outcome.error,
                remedy=f"Add `{name}` to translationMapDefaults, as JSON text, unless failing is what you want.",
            )

    def _default(self, name: str) -> Iterator[Finding]:
        default = self._response.defaults[name]
        if self._bench.is_indefinite(name) and not self._bench.default_applies(name):
            return
        told = self._told(name, default)
        if not told:
            return
        is_json = json_error(default) is None
        shown = default or "nothing"
        yield found(
            "default-breaks-contract" if is_json else "default-not-json",
            self._document,
            (*_DEFAULTS, name),
            f"The default of `{name}` does not fit the output contract."
            if is_json
            else f"The default of `{name}` is not JSON text; it is inserted as {shown} and the action fails.",
            trigger=f"an answer without {self._response.translation_map[name]}",
            shown=told,
            remedy="Give a default of the output's type."
            if is_json
            else 'A default is JSON text: text has its own quotes, as in "\\"UNKNOWN\\"".',
            edits=[] if is_json else self._quoted(name, default),
        )

    def _quoted(self, name: str, default: str) -> list[Edit]:
        text = quoted(default)
        return [] if self._told(name, text) else [self._document.replace_value((*_DEFAULTS, name), text)]

    def _told(self, name: str, text: str) -> str:
        outcome = self._bench.render({**self._bench.values, name: text})
        if outcome.error:
            return outcome.error
        return self._bench.violation(outcome.value) if self._fits else ""

    def _no_match(self, name: str) -> Iterator[Finding]:
        path = self._response.translation_map[name]
        told = self._told(name, "[]")
        if told:
            yield found(
                "no-match-breaks",
                self._document,
                (*_MAP, name),
                f"When nothing in the answer matches {path}, the result is an empty array and the action fails.",
                trigger=f"an answer in which nothing matches {path}",
                shown=told[:_SHOWN],
                remedy='Take one element with ${successTemplateUtils.firstFromArray("${'
                + name
                + '}", "$esc.quote$esc.quote")}, whose second argument stands in when there is none.',
            )
        if name not in self._response.defaults:
            return
        never = not self._bench.default_applies(name)
        yield found(
            "default-never-used" if never else "default-not-for-no-match",
            self._document,
            (*_DEFAULTS, name),
            f"The default of `{name}` can never apply: {path} gives an empty array when nothing matches."
            if never
            else f"The default of `{name}` does not apply when nothing matches {path}, only when what it starts "
            "from is not there.",
            trigger=f"an answer in which nothing matches {path}",
            shown=f"`{name}` is [] and not {self._response.defaults[name][:_SHOWN]}",
            remedy="Deal with the empty array in the success template, with successTemplateUtils.firstFromArray.",
        )
