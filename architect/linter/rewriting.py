"""Rewrites references in a template, and tries the template so rewritten before anybody writes it to a file."""

from __future__ import annotations

from collections.abc import Iterable

from architect.linter.document import Document, Edit
from architect.linter.templates import Occurrence
from architect.linter.workbench import Place, Workbench

Change = tuple[int, int, str]
"""Start and end in the template's text, and what to write there."""


def reference(bench: Workbench, name: str) -> str:
    """Give an input as a macro's argument: quiet and in a string when it may be left out."""
    return f"${{input.{name}}}" if name in bench.required else f'"$!{{input.{name}}}"'


def wrapped(bench: Workbench, place: Place, name: str, macro: str) -> list[Change]:
    """Put the references to an input that are written out as they are into `$esc.macro(...)`."""
    changes = []
    for each in place.template.of_input(name):
        if each.is_output and each.start is not None and each.end is not None:
            following = place.template.text[each.end : each.end + 1]
            changes.append((each.start, each.end, _call(bench, each, name, macro, following)))
    return changes


def tried(bench: Workbench, place: Place, changes: Iterable[Change]) -> Place:
    """Make the rewritten template executable. Raises `TemplateSyntaxError`."""
    text = place.template.text
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return bench.place(place.kind, place.parts, place.template.name, text)


def edits(document: Document, place: Place, changes: Iterable[Change]) -> list[Edit]:
    """Give the changes as edits of the file."""
    return [document.replace_in_string(place.parts, *change) for change in changes]


def _call(bench: Workbench, each: Occurrence, name: str, macro: str, following: str) -> str:
    source = each.reference.source if len(each.reference.steps) > 1 else reference(bench, name)
    # Behind a call, these would be read as a further step of the reference.
    return f"${{esc.{macro}({source})}}" if following in {".", "(", "["} else f"$esc.{macro}({source})"
