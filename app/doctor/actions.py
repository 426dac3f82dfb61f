"""Whether exported action files are those that this version would export."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.doctor.check import Check
from schemas import CONTRACTS, START_CALL_TRACE, Contract
from schemas.exports import AUTHORIZATIONS, auth_action, data_action

if TYPE_CHECKING:
    from architect.emulator.export import DataAction
    from architect.linter.difference import Change, Difference

NAME = "exported actions"
_AGAIN = "Export again with `callspan export`"


def exported(folder: Path, url: str | None) -> list[Check]:
    """Compare each file of a folder with what would be exported for its address; `url` is where it should send to."""
    try:
        from architect.emulator.export import DataAction, ExportError
        from architect.linter.difference import difference
    except ModuleNotFoundError as error:
        what = f"not compared: {error.name} is missing"
        return [Check(NAME, "skipped", what, "pip install '.[emulator]' in the folder of Callspan.")]
    checks, seen = [], set()
    for path in sorted(folder.glob("*.json")):
        try:
            action = DataAction.load(path)
        except (ExportError, OSError) as error:
            checks.append(_check("failed", path.name, str(error), f"{_AGAIN}."))
            continue
        contract = _contract(action)
        seen.add(contract)
        checks += _compared(path.name, action, contract, url, difference)
    if START_CALL_TRACE not in seen:
        what = f"{folder} has no {START_CALL_TRACE.name}"
        checks.append(Check(NAME, "failed", what, f"{_AGAIN} --out {folder}, or correct --actions."))
    return checks


def _contract(action: DataAction) -> Contract | None:
    """Return what an action is, by where it sends to: names are changed when a new version is imported."""
    path = urlsplit(action.request.url_template).path
    return next((contract for contract in CONTRACTS if contract.path == path), None)


def _compared(
    name: str,
    action: DataAction,
    contract: Contract | None,
    url: str | None,
    difference: Callable[[DataAction, DataAction, str], Difference],
) -> Iterator[Check]:
    address = urlsplit(action.request.url_template)
    base = f"{address.scheme}://{address.netloc}"
    if contract is None and address.path != "/oauth/token":
        yield _check("skipped", name, "none of Callspan's", "Keep the actions of others in another folder.")
        return
    expected = _export(action, contract, base)
    text = json.dumps(expected)
    found = difference(action, type(action).parse(text, source="this version"), text)
    yield _judged(name, found.changes)
    if url is not None and base != url:
        yield _check("failed", name, f"sends to {base}, not to {url}", f"{_AGAIN} --base-url {url}.")


def _export(action: DataAction, contract: Contract | None, base: str) -> Mapping[str, Any]:
    """Return what would be exported in this action's place, under its name and with its way of signing in."""
    if contract is None:
        return {**auth_action(base), "name": action.name}
    signed = action.request.headers.get("Authorization")
    way = next((way for way, header in AUTHORIZATIONS.items() if header == signed), "oauth")
    return data_action(dataclasses.replace(contract, name=action.name), base, way)


def _judged(name: str, changes: Sequence[Change]) -> Check:
    told = [f"{change.part}: {change.text}" for change in changes if change.weight != "words"]
    if not told:
        return _check("ok", name, "as this version exports it")
    if any(change.weight == "refused" for change in changes):
        fix = f"{_AGAIN}, import it under a new name, and change the flows over: published contracts are fixed."
        return _check("failed", name, "its contract is another: " + "; ".join(told), fix)
    fix = f"{_AGAIN} and import it over the published one, unless the change is yours."
    return _check("warning", name, "differs from this version: " + "; ".join(told), fix)


def _check(status: Any, name: str, what: str, fix: str = "") -> Check:
    return Check(NAME, status, f"{name}: {what}", fix)
