"""The URL and the headers: what inputs can do to them, and what should not stand in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, unquote

from architect.emulator.json_text import Json
from architect.emulator.request_building import header_problems, without_transfer_encoding
from architect.emulator.transport import sends_body
from architect.linter.bodies import carries
from architect.linter.document import Document, Edit
from architect.linter.finding import Finding, found
from architect.linter.rewriting import edits, reference, tried, wrapped
from architect.linter.samples import PROBED, allowed, is_id, is_text
from architect.linter.templates import Occurrence
from architect.linter.workbench import SERVICE, Place, Workbench, given, split

_PROBES = ("two words", "a/b", "a?b=c", "a#b", "a&b=c", "a+b", "100%")
_HOST_PROBE = "attacker.example/"


class Url:
    """The URL template of one action."""

    def __init__(self, document: Document, bench: Workbench, place: Place) -> None:
        self._document = document
        self._bench = bench
        self._place = place

    def findings(self) -> Iterator[Finding]:
        """Report what inputs can do to the URL, and plain http."""
        base = self._place.render(self._bench.baseline)
        if base.error:
            yield self._unusable(base.error)
            return
        if base.text.startswith("http://"):
            yield found(
                "insecure-url",
                self._document,
                self._place.parts,
                "The request goes over plain http.",
                shown=base.text,
                remedy="Use https; Genesys Cloud checks the certificate against public authorities.",
            )
        for name, declared in self._bench.declared.items():
            if self._place.template.of_input(name) and is_text(declared):
                yield from self._input(name)

    def _unusable(self, error: str) -> Finding:
        return found(
            "template-failure",
            self._document,
            self._place.parts,
            "The URL cannot be called, whatever the inputs are.",
            trigger="an ordinary value for every input",
            shown=error,
            remedy="Write an absolute https URL, or for the Genesys Cloud integration a path that begins with /api.",
        )

    def _input(self, name: str) -> Iterator[Finding]:
        first = next(iter(self._place.template.of_input(name)))
        if first.start == 0 and str(self._bench.baseline[name]).startswith(SERVICE):
            yield from self._whole(name)
            return
        marked = self._place.render({**self._bench.baseline, name: PROBED})
        if PROBED in split(marked.text).netloc:
            yield from self._host(name)
            return
        before = _structure(marked.text)
        is_form = any(map(_is_form_encoded, self._place.template.of_input(name)))
        broken = []
        for probe in allowed(self._bench.declared[name], _PROBES):
            outcome = self._place.render({**self._bench.baseline, name: probe})
            # What a macro has turned into something else on purpose is not there as it was given.
            inserted = probe in outcome.text or is_form
            if (outcome.error and outcome.text) or (
                inserted and not outcome.error and not carries(before, _structure(outcome.text), probe)
            ):
                broken.append((probe, outcome.error or outcome.text))
        if broken and PROBED in marked.text:
            yield self._raw(name, broken)

    def _raw(self, name: str, broken: list[tuple[str, str]]) -> Finding:
        probe, shown = broken[0]
        others = ", ".join(repr(each) for each, _ in broken[1:4])
        form = next((each for each in self._place.template.of_input(name) if _is_form_encoded(each)), None)
        path = split(self._place.render({**self._bench.baseline, name: PROBED}).text).path
        in_path = PROBED in path
        is_form = form is not None and in_path
        rule = "form-encoding-in-path" if is_form else "raw-url-id" if is_id(name) else "raw-url"
        problem = f"The text input `{name}` goes into the URL without encoding."
        if is_form:
            problem = f"`{name}` is form-encoded, but stands in the path of the URL, where + means a plus sign."
        return found(
            rule,
            self._document,
            self._place.parts,
            problem,
            trigger=given(name, probe) + (f"; also {others}" if others else ""),
            shown=shown if shown.startswith("Illegal") else f"calls {shown}",
            remedy=f"Write $esc.uriEncode({reference(self._bench, name)}).",
            at=next((each.start for each in self._place.template.of_input(name)), None),
            edits=self._encodes(name, probe) if not in_path else [],
        )

    def _encodes(self, name: str, probe: str) -> list[Edit]:
        """Encode a value of the query, provided that this repairs it; a path may be meant to hold slashes."""
        changes = wrapped(self._bench, self._place, name, "uriEncode")
        if not changes:
            return []
        trial = tried(self._bench, self._place, changes)
        base = _structure(trial.render({**self._bench.baseline, name: PROBED}).text)
        outcome = trial.render({**self._bench.baseline, name: probe})
        if outcome.error or not carries(base, _structure(outcome.text), probe):
            return []
        return edits(self._document, self._place, changes)

    def _host(self, name: str) -> Iterator[Finding]:
        for probe in allowed(self._bench.declared[name], (_HOST_PROBE,)):
            outcome = self._place.render({**self._bench.baseline, name: probe})
            host = split(outcome.text).netloc
            if not outcome.error and host == _HOST_PROBE.rstrip("/"):
                yield found(
                    "input-in-host",
                    self._document,
                    self._place.parts,
                    f"The input `{name}` is part of the host name: it can send the request anywhere.",
                    trigger=given(name, probe),
                    shown=f"calls {outcome.text}",
                    remedy=f"Give `{name}` an enum in the contract of a new action, or take the host from credentials.",
                    at=next((each.start for each in self._place.template.of_input(name)), None),
                )

    def _whole(self, name: str) -> Iterator[Finding]:
        for probe in allowed(self._bench.declared[name], ("https://attacker.example/",)):
            outcome = self._place.render({**self._bench.baseline, name: probe})
            if not outcome.error and split(outcome.text).netloc == "attacker.example":
                yield found(
                    "url-from-input",
                    self._document,
                    self._place.parts,
                    f"The input `{name}` is the URL itself.",
                    trigger=given(name, probe),
                    shown=f"calls {outcome.text}",
                    remedy="Pass only what the flow author chose, never what a caller said or typed.",
                    at=0,
                )


class Headers:
    """The headers of one action."""

    def __init__(self, document: Document, bench: Workbench, places: list[Place]) -> None:
        self._document = document
        self._bench = bench
        self._places = [place for place in places if place.kind == "header"]

    def findings(self) -> Iterator[Finding]:
        """Report names and values that cannot be, and how the body will be sent."""
        request = self._bench.action.request
        yield from self._names()
        for place in self._places:
            yield from self._breaks(place)
        _, is_buffered = without_transfer_encoding(request.headers)
        if (
            sends_body(request.method)
            and not is_buffered
            and request.body_template
            and self._bench.action.integration_type == "custom-rest-actions"
        ):
            yield found(
                "chunked-body",
                self._document,
                ("config", "request", "headers"),
                "The body is sent in chunks, without a Content-Length.",
                shown="Transfer-Encoding: chunked",
                remedy='If the service cannot take that, add the header "Transfer-Encoding": "buffered".',
            )

    def _names(self) -> Iterator[Finding]:
        for name, value in self._bench.action.request.headers.items():
            parts = ("config", "request", "headers", name)
            for told in header_problems(replace(self._bench.action.request, headers={name: value})):
                if "is not a header name" in told:
                    yield found(
                        "header-name",
                        self._document,
                        parts,
                        f"`{name[:60]}` cannot be the name of a header.",
                        shown=told,
                        remedy="Use letters, digits and -.",
                    )
                elif "'Accept' header" in told:
                    yield found(
                        "accept-not-json",
                        self._document,
                        parts,
                        "The Accept header asks for something other than JSON, so the action cannot be saved.",
                        shown=told.partition(", not ")[0],
                        remedy='Write "application/json".',
                        edits=[self._document.replace_value(parts, "application/json")],
                    )

    def _breaks(self, place: Place) -> Iterator[Finding]:
        for name, declared in self._bench.declared.items():
            if not place.template.of_input(name) or not is_text(declared):
                continue
            for probe in allowed(declared, ("first line\nsecond line", "\n")):
                outcome = place.render({**self._bench.baseline, name: probe})
                if "line break" in outcome.error:
                    yield found(
                        "header-line-break",
                        self._document,
                        place.parts,
                        f"A line break in the input `{name}` makes the action fail.",
                        trigger=given(name, probe),
                        shown=outcome.error,
                        remedy="Pass one line only; take line breaks out in the flow.",
                        at=next((each.start for each in place.template.of_input(name)), None),
                    )
                    break


def _structure(url: str) -> Json:
    parts = split(url)
    try:
        query: list[Json] = [[name, value] for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    except ValueError:
        query = []
    return [
        f"{parts.scheme}://{parts.netloc}",
        [unquote(each) for each in parts.path.split("/")],
        query,
        parts.fragment,
    ]


def _is_form_encoded(each: Occurrence) -> bool:
    return any(getattr(node, "name", "") in {"url", "urlFormEncode"} for node in each.around)
