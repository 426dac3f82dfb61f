"""Translation map, defaults and success template: from the service's answer to the action's outputs."""

from __future__ import annotations

from collections.abc import Iterator

from architect.emulator.export import DataAction
from architect.emulator.json_text import Json, dumps
from architect.emulator.jsonpath import JsonPath, JsonPathError, PathNotFoundError
from architect.emulator.velocity import TemplateSyntaxError
from architect.linter.contracts import nodes, properties
from architect.linter.defaults import Defaults
from architect.linter.document import Document
from architect.linter.finding import Finding, found
from architect.linter.references import closest, failure_finding, syntax_finding
from architect.linter.response_bench import RAW, ResponseBench
from architect.linter.spans import Parts
from architect.linter.templates import Occurrence, ReadTemplate, template
from architect.linter.workbench import KNOWN_ROOTS, MAX_TEMPLATE

_TEMPLATE: Parts = ("config", "response", "successTemplate")
_MAP: Parts = ("config", "response", "translationMap")
_DEFAULTS: Parts = ("config", "response", "translationMapDefaults")


class Responses:
    """The response side of one action. `usable` says whether its output contract can be validated against."""

    def __init__(self, document: Document, action: DataAction, *, usable: bool) -> None:
        self._document = document
        self._action = action
        self._response = action.response
        self._usable = usable
        self._paths: dict[str, JsonPath] = {}

    def findings(self) -> Iterator[Finding]:
        """Report what breaks."""
        yield from self._map()
        text = self._response.success_template
        if len(text) > MAX_TEMPLATE:
            return
        try:
            parsed = template(text, "successTemplate")
        except TemplateSyntaxError as error:
            yield syntax_finding(self._document, _TEMPLATE, text, str(error))
            return
        yield from self._unused(parsed)
        bench = ResponseBench(self._action, parsed, self._paths)
        yield from self._executed(bench)

    def _map(self) -> Iterator[Finding]:
        for name, path in self._response.translation_map.items():
            try:
                self._paths[name] = JsonPath(path)
            except JsonPathError as error:
                yield found(
                    "jsonpath-syntax",
                    self._document,
                    (*_MAP, name),
                    f"The path of `{name}` is not a JSONPath.",
                    shown=str(error),
                    remedy="A path looks like $.customer.id or $['first name'].",
                )
                continue
            yield from self._dotted(name, path)

    def _dotted(self, name: str, path: str) -> Iterator[Finding]:
        """Suspect `$.a.b` only where the file itself speaks of a key `a.b`."""
        tail = path.removeprefix("$.")
        known = {name, *(key for parts, node in nodes(self._action.output_schema, ("",)) for key in _keys(parts, node))}
        if "." not in tail or tail not in known:
            return
        answer: dict[str, Json] = {tail: "text"}
        try:
            self._paths[name].read(answer)
        except PathNotFoundError as error:
            yield found(
                "dotted-path",
                self._document,
                (*_MAP, name),
                f"`{path}` looks for nested keys; it does not find one key `{tail}`.",
                trigger=f"an answer {dumps(answer)}",
                shown=str(error),
                remedy=f"If the answer has one key with dots, write $['{tail}'].",
            )

    def _unused(self, parsed: ReadTemplate) -> Iterator[Finding]:
        used = {each.root for each in parsed.occurrences()}
        for name in self._response.translation_map:
            if name not in used and not any(
                closest(root, [name]) for root in used - set(self._response.translation_map)
            ):
                yield found(
                    "unused-map-entry",
                    self._document,
                    (*_MAP, name),
                    f"The success template does not use `{name}`.",
                    shown=f"variables used: {', '.join(sorted(used)) or 'none'}",
                    remedy=f"Use ${{{name}}} in the success template, or take the entry out.",
                )
        for name in self._response.defaults:
            if name not in self._response.translation_map:
                yield found(
                    "default-without-entry",
                    self._document,
                    (*_DEFAULTS, name),
                    f"`{name}` has a default but no path, so the default is never used.",
                    shown=f"translationMap has {', '.join(self._response.translation_map) or 'no entries'}",
                    remedy=f"Add a path for `{name}` to translationMap, or take the default out.",
                )

    def _executed(self, bench: ResponseBench) -> Iterator[Finding]:
        yield from self._unmapped(bench)
        outcome = bench.prepare()
        if outcome.error:
            yield self._failed(bench, outcome.error)
            return
        yield from self._quoted(bench)
        if not self._usable:
            return
        yield from Defaults(self._document, self._response, bench).findings()
        # What rawResult holds is for the service to decide.
        if any(each.root == RAW for each in bench.parsed.occurrences()):
            return
        told = bench.violation(outcome.value)
        if told:
            yield self._breaks_contract(bench, outcome.value, told)
        elif not bench.parsed.has_conditions():
            yield from self._outputs(outcome.value)

    def _unmapped(self, bench: ResponseBench) -> Iterator[Finding]:
        values = dict.fromkeys(bench.roots, '"text"')
        for root in bench.roots:
            if root in self._response.translation_map:
                continue
            outcome = bench.render({name: text for name, text in values.items() if name != root})
            at = next((each for each in bench.parsed.occurrences() if each.root == root), None)
            if f"Variable ${root} has not been set" not in outcome.error or at is None:
                continue
            if root in KNOWN_ROOTS:
                yield found(
                    "input-in-success-template",
                    self._document,
                    _TEMPLATE,
                    f"The success template uses `{at.reference.source}`; only what came with the answer is there.",
                    shown=outcome.error,
                    remedy="The flow has the input already; leave it out of the outputs.",
                    at=at.start,
                )
                continue
            yield self._unknown(bench, at, outcome.error)

    def _unknown(self, bench: ResponseBench, at: Occurrence, error: str) -> Finding:
        names = [*self._response.translation_map, RAW]
        meant = closest(at.root, names)
        same = [name for name in names if name.lower() == at.root.lower()]
        edits = []
        if len(same) == 1:
            edits = [
                self._document.replace_in_string(_TEMPLATE, start, start + len(at.root), same[0])
                for other in bench.parsed.occurrences()
                if other.root == at.root and other.start is not None
                for start in [other.start + other.reference.source.index(at.root)]
            ]
        return found(
            "unmapped-variable",
            self._document,
            _TEMPLATE,
            f"The success template uses `${at.root}`, which the translation map does not set."
            + (f" Did you mean `${meant}`?" if meant else ""),
            trigger="any answer",
            shown=error,
            remedy=f"Write `${{{meant}}}`." if meant else f"Add `{at.root}` with its path to translationMap.",
            at=at.start,
            edits=edits,
        )

    def _failed(self, bench: ResponseBench, error: str) -> Finding:
        if "did not give JSON" not in error:
            return failure_finding(
                self._document, _TEMPLATE, bench.parsed.text, error, "any answer", "The success template fails."
            )
        return found(
            "result-not-json",
            self._document,
            _TEMPLATE,
            "The success template does not give JSON, whatever the answer is.",
            trigger="an answer that has every field",
            shown=error,
            remedy="Mend the template; look for a comma too many or a quote too few just before that place.",
        )

    def _quoted(self, bench: ResponseBench) -> Iterator[Finding]:
        text = bench.parsed.text
        for each in bench.parsed.occurrences():
            if each.root not in bench.names or not each.is_output or each.start is None or each.end is None:
                continue
            if text[each.start - 1 : each.start] != '"' or text[each.end : each.end + 1] != '"':
                continue
            outcome = bench.render({**bench.values, each.root: '"text"'})
            if not outcome.error:
                continue
            bare = template(text[: each.start - 1] + each.reference.source + text[each.end + 1 :], "successTemplate")
            wanted = ResponseBench(self._action, bare, self._paths)
            whole = wanted.prepare()
            needs_text = (
                bool(bench.violation(bench.whole.value)) and not whole.error and not wanted.violation(whole.value)
            )
            yield found(
                "quoted-variable",
                self._document,
                _TEMPLATE,
                f"`{each.reference.source}` stands in quotes, but values are inserted as JSON text, which has its own.",
                trigger=f'an answer with {self._response.translation_map[each.root]} = "text"',
                shown=outcome.error,
                remedy=f"Write {each.reference.source} without the quotes around it.",
                at=each.start,
                edits=[self._document.replace_in_string(_TEMPLATE, each.start - 1, each.end + 1, each.reference.source)]
                if needs_text
                else [],
            )

    def _breaks_contract(self, bench: ResponseBench, value: Json, told: str) -> Finding:
        return found(
            "result-breaks-contract",
            self._document,
            _TEMPLATE,
            "The result of the success template does not fit the output contract.",
            trigger="an answer with " + ", ".join(f"{name} = {text}" for name, text in bench.values.items()),
            shown=f"{dumps(value)}\n{told}",
            remedy="Change the success template; a published contract is fixed.",
        )

    def _outputs(self, value: Json) -> Iterator[Finding]:
        if not isinstance(value, dict):
            return
        declared = properties(self._action.output_schema)
        for name in declared:
            if name not in value and "." not in name:
                meant = closest(name, [key for key in value if key not in declared])
                yield found(
                    "output-never-set",
                    self._document,
                    ("contract", "output", "successSchema", "properties", name),
                    f"The output `{name}` is declared but the success template never writes it.",
                    trigger="an answer that has every field",
                    shown=dumps(value),
                    remedy=f"Rename `{meant}` in the success template."
                    if meant
                    else "Write it in the success template.",
                )
        for name in value:
            if name not in declared and declared:
                yield found(
                    "output-undeclared",
                    self._document,
                    _TEMPLATE,
                    f"The success template writes `{name}`, which the contract does not declare.",
                    trigger="an answer that has every field",
                    shown=dumps(value),
                    remedy="Take it out, or declare it in the contract of a new action.",
                )


def _keys(parts: Parts, node: object) -> list[str]:
    return list(node) if parts[-1] == "properties" and isinstance(node, dict) else []
