"""What happens to the request when a flow leaves inputs out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from architect.emulator.json_text import Json
from architect.emulator.velocity_tree import Call
from architect.linter.bodies import Body
from architect.linter.document import Document, Edit
from architect.linter.finding import Finding, found
from architect.linter.rewriting import Change, edits, tried
from architect.linter.samples import PROBED
from architect.linter.templates import Occurrence
from architect.linter.workbench import Place, Workbench, json_error, not_json, split


class OptionalInputs:
    """Leaves out one optional input after the other, then all of them, and executes every template."""

    def __init__(self, document: Document, bench: Workbench, body: Body | None) -> None:
        self._document = document
        self._bench = bench
        self._body = body

    def findings(self, places: Iterable[Place]) -> Iterator[Finding]:
        """Report what breaks."""
        for place in places:
            base = self._base(place)
            guilty: set[str] = set()
            for name in self._bench.optional:
                if not place.template.of_input(name):
                    continue
                for finding in self._without(place, base, name):
                    guilty.add(name)
                    yield finding
            yield from self._without_any(place, base, guilty)

    def _base(self, place: Place) -> dict[str, Json]:
        fragments = self._body.fragments if self._body and place.kind == "body" else {}
        return {**self._bench.baseline, **fragments}

    def _without(self, place: Place, base: dict[str, Json], name: str) -> Iterator[Finding]:
        whole, outcome = place.render(base), place.render({k: v for k, v in base.items() if k != name})
        if whole.error and not whole.text:
            return
        if outcome.error and not whole.error:
            yield self._fails(place, name, outcome.error)
        elif place.kind == "body" and self._is_json(whole.text) and not self._is_json(outcome.text):
            yield self._breaks(place, f"without `{name}`", name, outcome.text, self._at(place, name))
        elif place.kind == "url" and self._empties(place, base, name, outcome.text):
            yield found(
                "optional-input-empties-path",
                self._document,
                place.parts,
                f"Without the optional input `{name}` a segment of the URL's path is empty.",
                trigger=f"{name} left out",
                shown=outcome.text,
                remedy="Make it required in a new action, or write the URL so that the segment goes with it (#if).",
                at=self._at(place, name),
            )

    def _fails(self, place: Place, name: str, error: str) -> Finding:
        declared = self._bench.declared[name]
        if isinstance(declared, dict) and "default" in declared:
            return found(
                "contract-default-not-filled",
                self._document,
                place.parts,
                f"The optional input `{name}` is used as if its default were always filled in.",
                trigger=f"{name} left out",
                shown=error,
                remedy=f"Have the flow always pass `{name}`, or write what an #if chooses when it is not there.",
                at=self._at(place, name),
            )
        repair = self._guards(place, name)
        quiet = f"$!{{input.{name}}}"
        if any(_is_argument(each) for each in place.template.of_input(name)):
            quiet = f'"{quiet}" with its quotes'
        return found(
            "optional-input",
            self._document,
            place.parts,
            f"The optional input `{name}` is used as if it were always there; when a flow leaves it out, the action "
            "fails.",
            trigger=f"{name} left out",
            shown=error,
            remedy=f"Write {quiet}, which is empty when it is left out"
            + ("." if repair else "; or declare it required in a new action, or put the place into #if ... #end."),
            at=self._at(place, name),
            edits=repair,
        )

    def _without_any(self, place: Place, base: dict[str, Json], guilty: set[str]) -> Iterator[Finding]:
        left_out = [name for name in self._bench.optional if place.template.of_input(name) and name not in guilty]
        if place.kind != "body" or len(left_out) < 2:
            return
        whole, outcome = place.render(base), place.render({k: v for k, v in base.items() if k not in left_out})
        if self._is_json(whole.text) and not outcome.error and not self._is_json(outcome.text):
            names = ", ".join(f"`{name}`" for name in left_out)
            yield self._breaks(place, f"without {names} together", ", ".join(left_out), outcome.text, None)

    def _breaks(self, place: Place, when: str, names: str, text: str, at: int | None) -> Finding:
        error = json_error(text)
        assert error is not None  # noqa: S101 - asked only when there is one
        return found(
            "optional-input-breaks-body",
            self._document,
            place.parts,
            f"The body is not JSON {when}.",
            trigger=f"{names} left out",
            shown=not_json(text, error),
            remedy="Put the place into #if ... #end with its comma, or declare the input required in a new action.",
            at=at,
        )

    def _is_json(self, text: str) -> bool:
        return self._body is not None and self._body.is_json and json_error(text) is None

    def _empties(self, place: Place, base: dict[str, Json], name: str, left: str) -> bool:
        marked = place.render({**base, name: PROBED}).text
        before, after = split(marked).path.split("/"), split(left).path.split("/")
        return len(before) == len(after) and any(
            PROBED in one and not other for one, other in zip(before, after, strict=True)
        )

    @staticmethod
    def _at(place: Place, name: str) -> int | None:
        strict = [each for each in place.template.of_input(name) if not each.in_condition]
        return next((each.start for each in strict if not each.reference.quiet), None) or next(
            (each.start for each in strict), None
        )

    def _guards(self, place: Place, name: str) -> list[Edit]:
        """Write the references quiet, provided that what comes of it is a request of the same form."""
        changes: list[Change] = []
        for each in place.template.of_input(name):
            if each.in_condition or (each.reference.quiet and not _is_argument(each)):
                continue
            if each.start is None or each.end is None or len(each.reference.steps) != 1:
                return []
            quiet = f"$!{{input.{name}}}"
            changes.append((each.start, each.end, f'"{quiet}"' if _is_argument(each) else quiet))
        trial = tried(self._bench, place, changes)
        base = self._base(place)
        outcome = trial.render({k: v for k, v in base.items() if k != name})
        is_json = place.kind == "body" and self._body is not None and self._body.is_json
        if outcome.error or (is_json and json_error(outcome.text)):
            return []
        if place.kind == "url" and self._empties(trial, base, name, outcome.text):
            return []
        return edits(self._document, place, changes)


def _is_argument(each: Occurrence) -> bool:
    return bool(each.around) and isinstance(each.around[-1], Call)
