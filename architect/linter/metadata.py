"""Name, timeout and the fixed contract of auth actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from architect.emulator.export import DataAction
from architect.emulator.json_text import Json, dumps
from architect.linter.document import Document
from architect.linter.finding import Finding, found

_API_NAME = 256
_ARCHITECT_NAME = 200


def check_metadata(document: Document, value: Mapping[str, Json], action: DataAction) -> Iterator[Finding]:
    """Check what is neither a contract nor a template."""
    yield from _name(document, action.name)
    yield from _timeout(document, value, action)
    if action.action_type == "customAuth":
        yield from _auth_contract(document, action)


def _name(document: Document, name: str) -> Iterator[Finding]:
    for rule, limit, whose in (
        ("name-too-long", _API_NAME, "the API"),
        ("name-too-long-for-architect", _ARCHITECT_NAME, "Architect"),
    ):
        if len(name) > limit:
            yield found(
                rule,
                document,
                ("name",),
                f"The action's name is too long for {whose}.",
                shown=f"{len(name)} characters; {whose} takes {limit}",
                remedy="Shorten it.",
            )
            return


def _timeout(document: Document, value: Mapping[str, Json], action: DataAction) -> Iterator[Finding]:
    config = value.get("config")
    seconds = config.get("timeoutSeconds") if isinstance(config, dict) else None
    if seconds is None:
        return
    parts = ("config", "timeoutSeconds")
    if action.action_type == "customAuth":
        yield found(
            "auth-action-timeout",
            document,
            parts,
            "A custom auth action cannot have a timeout of its own.",
            shown="timeoutSeconds is invalid for custom authentication actions",
            remedy="Take timeoutSeconds out.",
        )
    elif isinstance(seconds, bool) or not isinstance(seconds, int) or not 1 <= seconds <= 60:
        yield found(
            "timeout-out-of-range",
            document,
            parts,
            "timeoutSeconds is not a number of seconds a data action may take.",
            shown=f"{dumps(seconds)[:60]}; allowed are whole numbers from 1 to 60",
            remedy="Use a few seconds more than the service's slowest answer, and at most 60.",
        )


def _auth_contract(document: Document, action: DataAction) -> Iterator[Finding]:
    for schema, parts, what in (
        (action.input_schema, ("contract", "input", "inputSchema"), "inputs"),
        (action.output_schema, ("contract", "output", "successSchema"), "outputs"),
    ):
        properties = schema.get("properties")
        if isinstance(properties, dict) and properties:
            yield found(
                "auth-action-contract",
                document,
                (*parts, "properties"),
                f"This auth action declares {what}; Genesys fixes its contract and Import does not change it.",
                shown=f"declared: {', '.join(properties)[:200]}",
                remedy='Put back "properties": {}; every field of the answer is there as ${authResponse.field}.',
            )
