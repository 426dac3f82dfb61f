"""From bytes to a `Document` and its JSON value, or to the findings that say why not."""

from __future__ import annotations

from architect.emulator.export import MAX_BYTES
from architect.emulator.json_position import first_duplicate, line_and_column, place_at, pointer
from architect.emulator.json_text import Json, JsonTextError, loads, type_name
from architect.linter.document import BOM, Document, Edit
from architect.linter.finding import Finding, found
from architect.linter.rules import RULES


class UnreadableError(Exception):
    """The file holds no JSON object; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.problem)
        self.finding = finding


def read(raw: bytes, name: str) -> tuple[Document, dict[str, Json], list[Finding]]:
    """Read a file's bytes. Raises `UnreadableError`."""
    if len(raw) > MAX_BYTES:
        raise UnreadableError(
            _whole("file-too-large", name, f"The file is {len(raw)} bytes long.", f"At most {MAX_BYTES} are read.")
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        encoding = "UTF-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "another encoding"
        told = f"byte {error.start} cannot be UTF-8: {error.reason}"
        raise UnreadableError(
            _whole(
                "not-utf8", name, f"The file is not UTF-8 text; it looks like {encoding}.", told, "Save it as UTF-8."
            )
        ) from None
    document = Document(text, name=name)
    value = _value(document)
    return document, value, list(_surprises(document))


def _value(document: Document) -> dict[str, Json]:
    text = document.text
    try:
        value = loads(text)
    except JsonTextError as error:
        # `loads` gives no place for what json itself accepts, such as NaN.
        deep = error.message.startswith("nested deeper")
        line, column = line_and_column(text, error.offset)
        parts = place_at(text, error.offset)
        where = f"inside {pointer(parts)}" if parts else "at the top level"
        problem = (
            f"The JSON is nested too deeply {where}."
            if deep
            else f"The file stops being JSON at line {line}, column {column}, {where}."
        )
        if not text.strip():
            problem = "The file is empty."
        finding = Finding(
            RULES["nested-too-deep" if deep else "not-json"],
            document.name,
            parts,
            line,
            column,
            problem,
            "",
            error.message,
            "Flatten it." if deep else "Export the action again, or mend the JSON there.",
        )
        raise UnreadableError(finding) from None
    if not isinstance(value, dict):
        told = f"the file holds {_article(type_name(value))}"
        raise UnreadableError(
            _whole("wrong-shape", document.name, "The file is not a data action.", told, "An export is a JSON object.")
        )
    return value


def _surprises(document: Document) -> list[Finding]:
    findings = []
    if document.has_bom:
        finding = found(
            "byte-order-mark",
            document,
            (),
            "The file begins with a byte order mark, which JSON may not have.",
            shown="json.loads: Unexpected UTF-8 BOM (decode using utf-8-sig)",
            remedy="Save it as UTF-8 without BOM.",
            # The mark is in front of the text that offsets count in; the fixer leaves it out.
            edits=[Edit(0, 0, "")],
        )
        findings.append(finding)
    duplicate = first_duplicate(document.text)
    if duplicate is not None:
        line, column = line_and_column(document.text, duplicate.offset)
        findings.append(
            Finding(
                RULES["duplicate-key"],
                document.name,
                duplicate.parts,
                line,
                column,
                f"`{duplicate.parts[-1]}` stands in its object for the second time.",
                "",
                "Only this last one is read here.",
                "Keep one of the two.",
            )
        )
    return findings


def _whole(rule: str, name: str, problem: str, shown: str, remedy: str = "Lint the exported file itself.") -> Finding:
    return Finding(RULES[rule], name, (), 1, 1, problem, "", shown, remedy)


def _article(kind: str) -> str:
    return {"null": "null", "array": "an array", "integer": "an integer"}.get(kind, f"a {kind}")


__all__ = ["BOM", "UnreadableError", "read"]
