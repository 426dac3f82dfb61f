"""What the request's templates refer to: inputs, credentials and macros that exist, or do not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from architect.emulator.choices import ChoiceLog
from architect.emulator.java_values import Tool
from architect.emulator.macros import macros
from architect.emulator.velocity import TemplateSyntaxError
from architect.linter.document import Document
from architect.linter.finding import Finding, found
from architect.linter.spans import Parts
from architect.linter.templates import INPUT, Occurrence
from architect.linter.workbench import KNOWN_ROOTS, MAX_TEMPLATE, Place, Workbench

_RAW_REQUEST = "rawRequest"
_PLACE = re.compile(r"\[line (\d+), column (\d+)\]")


class References:
    """Checks the references of every template that is sent; afterwards `places` are those that can be executed."""

    def __init__(self, document: Document, bench: Workbench) -> None:
        self._document = document
        self._bench = bench
        self._misspelt: set[str] = set()
        self.places: list[Place] = []

    def findings(self) -> list[Finding]:
        """Check, and learn which inputs the templates take for granted."""
        parsed, findings = self._parse()
        for place in parsed:
            findings += self._roots(place)
        for place in parsed:
            findings += self._undeclared(place)
        for place in parsed:
            outcome = place.render(self._bench.baseline)
            if not outcome.error or outcome.text:
                self.places.append(place)
            elif not any(each.parts == place.parts and each.rule.id != "undeclared-input" for each in findings):
                findings.append(self._failure(place, outcome.error))
        return findings + list(self._unused(parsed))

    def _parse(self) -> tuple[list[Place], list[Finding]]:
        places: list[Place] = []
        findings: list[Finding] = []
        for kind, parts, name, text in self._bench.templates():
            if len(text) > MAX_TEMPLATE:
                findings.append(
                    self._not_executed(parts, f"it has {len(text)} characters; up to {MAX_TEMPLATE} are tried")
                )
                continue
            try:
                place = self._bench.place(kind, parts, name, text)
            except TemplateSyntaxError as error:
                findings.append(syntax_finding(self._document, parts, text, str(error)))
                continue
            if self._bench.is_foreign(place.template):
                findings.append(
                    self._not_executed(parts, "the engine has no macros of Salesforce or Microsoft actions")
                )
                continue
            places.append(place)
        return places, findings

    def _roots(self, place: Place) -> Iterator[Finding]:
        known = {*KNOWN_ROOTS, *macros(ChoiceLog())}
        seen: set[str] = set()
        for each in place.template.occurrences():
            if each.root in seen:
                continue
            seen.add(each.root)
            if each.root in {"authResponse", "credentials"}:
                yield from self._auth(place, each)
            elif each.root not in known:
                yield from self._unknown(place, each, known)

    def _unknown(self, place: Place, each: Occurrence, known: set[str]) -> Iterator[Finding]:
        outcome = place.render(self._bench.baseline)
        # Another unknown variable may fail first; this one fails as soon as that is mended.
        told = outcome.error if f"${each.root} " in outcome.error else ""
        if not told and (not outcome.error or each.in_condition):
            return
        meant = closest(each.root, known)
        edits = []
        if meant in KNOWN_ROOTS and meant.lower() == each.root.lower():
            self._bench.extra_roots.add(each.root)
            edits = [
                self._document.replace_in_string(place.parts, start, start + len(other.root), meant)
                for other in place.template.occurrences()
                if other.root == each.root and other.start is not None
                for start in [other.start + other.reference.source.index(other.root)]
            ]
        yield found(
            "unknown-variable",
            self._document,
            place.parts,
            f"`{each.reference.source}` begins with `${each.root}`, which templates do not have."
            + (f" Did you mean `${meant}`?" if meant else ""),
            shown=told or f"Variable ${each.root} has not been set",
            remedy=f"Write `{each.reference.source.replace(each.root, meant, 1)}`."
            if meant
            else "Use ${input.name} for an input.",
            at=each.start,
            edits=edits,
        )

    def _auth(self, place: Place, each: Occurrence) -> Iterator[Finding]:
        action = self._bench.action
        if action.action_type == "customAuth":
            wrong = each.root == "authResponse"
            why = "this is the auth action itself, which runs before there is an answer"
        else:
            wrong = action.integration_type == "purecloud-data-actions"
            why = "the Genesys Cloud integration signs in by itself and offers templates nothing"
        if wrong:
            yield found(
                "auth-unavailable",
                self._document,
                place.parts,
                f"`{each.reference.source}` is not available here: {why}.",
                shown=f"Variable ${each.root} has not been set at {place.template.name}",
                remedy="Use ${credentials.field} here." if action.action_type == "customAuth" else "Take it out.",
                at=each.start,
            )

    def _undeclared(self, place: Place) -> Iterator[Finding]:
        declared = self._bench.declared
        for name, each in _first_of_each(place.template.occurrences(), self._bench.extra_roots):
            if name in declared or name == _RAW_REQUEST:
                continue
            outcome = place.render(self._bench.baseline)
            self._bench.assumed.add(name)
            meant = closest(name, declared)
            unique = [known for known in declared if known.lower() == name.lower()]
            if meant:
                self._misspelt.add(meant)
            edits = []
            if len(unique) == 1:
                edits = [
                    self._document.replace_in_string(place.parts, start, start + len(name), unique[0])
                    for other in place.template.occurrences()
                    if other.name == name and other.root == each.root and other.start is not None
                    for start in [other.start + other.reference.source.index("." + name) + 1]
                ]
            hint = f" Did you mean `{meant}`?" if meant else ""
            yield found(
                "undeclared-input",
                self._document,
                place.parts,
                f"`{each.reference.source}` is not an input of this action.{hint}",
                trigger="a value for every declared input",
                shown=outcome.error or f"renders as if it were never given: {outcome.text[:200]}",
                remedy=f"Write `{each.reference.source.replace('.' + name, '.' + meant, 1)}`."
                if meant
                else f"Declare `{name}` in the input contract of a new action; a published contract is fixed.",
                at=each.start,
                edits=edits,
            )

    def _failure(self, place: Place, error: str) -> Finding:
        return failure_finding(
            self._document,
            place.parts,
            place.template.text,
            error,
            "an ordinary value for every input",
            "The template fails for ordinary inputs.",
        )

    def _not_executed(self, parts: Parts, why: str) -> Finding:
        return found(
            "template-not-executed",
            self._document,
            parts,
            "This template was not tried.",
            shown=why,
            remedy="Try it with the test of the action in Genesys Cloud.",
        )

    def _unused(self, places: Iterable[Place]) -> Iterator[Finding]:
        request = self._bench.action.request
        if request.method == "DELETE" and INPUT in request.body_template:
            # Whether a DELETE sends its template is not documented.
            return
        used: set[str] = set()
        for place in places:
            for each in place.template.occurrences():
                if each.root == INPUT or each.root in self._bench.extra_roots:
                    if each.name in {None, _RAW_REQUEST}:
                        return
                    used.add(str(each.name))
        if len(list(places)) < len(list(self._bench.templates())):
            return
        for name in self._bench.declared:
            if name in used or name in self._misspelt:
                continue
            requests = [
                [place.render({**self._bench.baseline, name: value}) for place in places] for value in ("one", "two")
            ]
            if requests[0] == requests[1]:
                yield found(
                    "unused-input",
                    self._document,
                    ("contract", "input", "inputSchema", "properties", name),
                    f"The input `{name}` is used nowhere in the request.",
                    trigger=f'{name} = "one", then {name} = "two"',
                    shown="both requests are the same",
                    remedy="Use it, or leave it out of the contract of the next action.",
                )


def closest(name: str, known: Iterable[str]) -> str | None:
    """Suggest what was meant: the same name in another case, or a similar one."""
    names = list(known)
    for each in names:
        if each.lower() == name.lower():
            return each
    found_ = difflib.get_close_matches(name, names, n=1, cutoff=0.75)
    return found_[0] if found_ else None


def syntax_finding(document: Document, parts: Parts, text: str, error: str) -> Finding:
    """Report a template that cannot be parsed."""
    return found(
        "template-syntax",
        document,
        parts,
        "The template cannot be parsed, so the action always fails.",
        shown=error.splitlines()[0] if error else "",
        remedy=" ".join(error.splitlines()[1:]) or "Mend it there.",
        at=_offset(text, error),
    )


def failure_finding(document: Document, parts: Parts, text: str, error: str, trigger: str, problem: str) -> Finding:
    """Report a template that cannot be executed; when that is for something that does not exist, say what does."""
    missing = re.search(r"does not contain (?:method|property) '?([A-Za-z_]\w*)", error)
    at = _offset(text, error)
    if missing is None:
        return found(
            "template-failure", document, parts, problem, trigger=trigger, shown=error, remedy="Mend it there.", at=at
        )
    names = sorted(
        name
        for tool in macros(ChoiceLog()).values()
        if isinstance(tool, Tool) and f"'{tool.java_class}'" in error
        for name in (*tool.methods(), *tool.constants)
    )
    meant = closest(missing[1], names)
    known = f"There is {', '.join(names)}." if names else "Use one of the documented macros or a method of text."
    return found(
        "unknown-macro",
        document,
        parts,
        f"`{missing[1]}` does not exist in this form." + (f" Did you mean `{meant}`?" if meant else ""),
        trigger=trigger,
        shown=error,
        remedy=f"Write `{meant}`." if meant and meant != missing[1] else known,
        at=at,
    )


def _first_of_each(occurrences: Iterable[Occurrence], extra_roots: set[str]) -> list[tuple[str, Occurrence]]:
    first: dict[str, Occurrence] = {}
    for each in occurrences:
        if (each.root == INPUT or each.root in extra_roots) and each.name is not None:
            first.setdefault(each.name, each)
    return list(first.items())


def _offset(text: str, error: str) -> int | None:
    """Find the place an engine error names, as an offset in the template."""
    places = _PLACE.findall(error)
    if not places:
        return None
    line, column = map(int, places[-1])
    lines = text.split("\n")
    if line > len(lines):
        return None
    return min(sum(len(each) + 1 for each in lines[: line - 1]) + column - 1, max(len(text) - 1, 0))
