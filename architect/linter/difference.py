"""What importing one data action file over another, already published, would do.

Contracts and `secure` are immutable once published, and Import changes only the configuration (Genesys, "Add contracts
to custom actions", and its Teams presence blueprint). So the new configuration runs under the old contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from architect.emulator.export import DataAction
from architect.emulator.json_text import Json, dumps
from architect.emulator.transport import masked
from architect.linter.contracts import properties
from architect.linter.document import Document
from architect.linter.linting import checked
from architect.linter.literal_secrets import LiteralSecrets

_WORDS_ONLY = frozenset({"title", "description", "$schema", "id"})

Weight = Literal["refused", "flows", "configuration", "words"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: how much it matters, the part it is in, and what it means.

    `refused`: keeps the import from replacing what is published. `flows`: what flows that use the action would notice.
    `configuration`: what Import changes. `words`: titles and descriptions, which stay as published.
    """

    weight: Weight
    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes from the published action to the new file."""

    changes: tuple[Change, ...]

    @property
    def importable(self) -> bool:
        """Whether the new file can be imported over the published action and means the same to flows."""
        return all(change.weight != "refused" for change in self.changes)

    def as_dict(self) -> dict[str, object]:
        """Give the difference for JSON."""
        return {
            "importable": self.importable,
            "changes": [{"weight": each.weight, "part": each.part, "text": each.text} for each in self.changes],
        }


def difference(published: DataAction, new: DataAction, new_text: str) -> Difference:
    """Compare a published action's file with one to be imported over it; `new_text` is the second file's content."""
    changes = [
        *_identity(published, new),
        *_inputs(published.input_schema, new.input_schema),
        *_outputs(published.output_schema, new.output_schema),
        *_wording(published, new),
        *_configuration(published, new),
    ]
    document = Document(new_text, name=new.source)
    changes += _under_old_contract(document, published, new)
    secrets = LiteralSecrets(document, published).masked_forms | LiteralSecrets(document, new).masked_forms
    return Difference(tuple(replace(each, text=masked(each.text, secrets)) for each in changes))


def difference_text(found: Difference, names: tuple[str, str]) -> str:
    """Give the difference for reading."""
    headings = {
        "refused": "Fixed once published, so that Import cannot change it:",
        "flows": "What flows would notice:",
        "configuration": "What Import changes:",
        "words": "What stays as published, and only reads differently:",
    }
    lines = []
    for weight, heading in headings.items():
        texts = [f"  {change.part}: {change.text}" for change in found.changes if change.weight == weight]
        if texts:
            lines += [heading, *texts]
    if not found.changes:
        lines.append("Both files are the same action.")
    verdict = (
        f"{names[1]} can be imported over {names[0]}."
        if found.importable
        else f"{names[1]} cannot replace {names[0]}: import it under a new name and change the flows over."
    )
    return "\n".join([*lines, verdict])


def flat_types(schema: Mapping[str, Json]) -> dict[str, str]:
    """Give the outputs a flow sees, flattened, each with its type; an array of objects is one collection a leaf."""
    found: dict[str, str] = {}
    _flatten(schema, "", found, is_list=False)
    return found


def _flatten(schema: Mapping[str, Json], prefix: str, found: dict[str, str], *, is_list: bool) -> None:
    declared, items = schema.get("properties"), schema.get("items")
    if schema.get("type") == "array" or (items is not None and declared is None):
        item = items[0] if isinstance(items, list) and items else items
        _flatten(item if isinstance(item, dict) else {}, prefix, found, is_list=True)
    elif isinstance(declared, dict) and (declared or schema.get("type") == "object"):
        for key, item in declared.items():
            name = f"{prefix}.{key}" if prefix else key
            _flatten(item if isinstance(item, dict) else {}, name, found, is_list=is_list)
    else:
        found[prefix or "value"] = ("collection of " if is_list else "") + _type(schema)


def _identity(old: DataAction, new: DataAction) -> Iterator[Change]:
    for part, before, after in (
        ("integrationType", old.integration_type, new.integration_type),
        ("actionType", old.action_type, new.action_type),
        ("secure", old.secure, new.secure),
    ):
        if before != after:
            yield Change("refused", part, f"{dumps(before)} becomes {dumps(after)}")
    if new.shape == "api":
        yield Change("refused", "shape", "the new file is an API body, which Import does not take")
    if old.name != new.name:
        yield Change("configuration", "name", f"{old.name!r} becomes {new.name!r}")


def _inputs(old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[Change]:
    before, after = properties(old), properties(new)
    needed_before, needed_after = _required(old), _required(new)
    for name in before.keys() - after.keys():
        yield Change("refused", "input", f"`{name}` is gone; flows that pass it cannot be published again")
    for name, declared in after.items():
        if name not in before:
            must = "flows must pass it" if name in needed_after else "flows may pass it"
            yield Change("refused", "input", f"`{name}` ({_type(declared)}) is new; {must}")
            continue
        if _type(declared) != _type(before[name]):
            yield Change("refused", "input", f"`{name}` was {_type(before[name])} and is {_type(declared)}")
        elif _essence(declared) != _essence(before[name]):
            yield Change("refused", "input", f"`{name}` allows other values than before")
        if name in needed_after - needed_before:
            yield Change("refused", "input", f"`{name}` is required now; flows that leave it out fail")
        if name in needed_before - needed_after:
            yield Change("refused", "input", f"`{name}` is optional now")
    if _frame(old) != _frame(new):
        yield Change("refused", "input", "the rules of the whole input contract differ")


def _outputs(old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[Change]:
    before, after = flat_types(old), flat_types(new)
    for name in sorted(before.keys() - after.keys()):
        yield Change("refused", "output", f"`{name}` ({before[name]}) is gone; flows that use it break")
    for name, kind in after.items():
        if name not in before:
            yield Change("refused", "output", f"`{name}` ({kind}) is new")
        elif before[name] != kind:
            yield Change("refused", "output", f"`{name}` was {before[name]} and is {kind}; flows bound to it break")
    same = {name: before[name] for name in before} == after
    if same and _essence(dict(old)) != _essence(dict(new)):
        yield Change("refused", "output", "what is required or allowed in the output contract differs")


def _wording(old: DataAction, new: DataAction) -> Iterator[Change]:
    for part, before, after in (
        ("input", old.input_schema, new.input_schema),
        ("output", old.output_schema, new.output_schema),
    ):
        one, other = dict(before), dict(after)
        if _essence(one) == _essence(other) and _essence(one, with_words=True) != _essence(other, with_words=True):
            yield Change("words", part, "titles or descriptions differ")


def _configuration(old: DataAction, new: DataAction) -> Iterator[Change]:
    before, after = _settings(old), _settings(new)
    for part in dict.fromkeys((*before, *after)):
        if before.get(part) == after.get(part):
            continue
        if "authorization" in part.lower():
            yield Change("configuration", part, "differs")
        elif part not in after:
            yield Change("configuration", part, f"is gone; it was {before[part]}")
        elif part not in before:
            yield Change("configuration", part, f"is new: {after[part]}")
        else:
            yield Change("configuration", part, f"{before[part]} becomes {after[part]}")


def _under_old_contract(document: Document, old: DataAction, new: DataAction) -> Iterator[Change]:
    """Say what is wrong with the new configuration under the published contract, and only there."""
    if _essence(dict(old.input_schema)) == _essence(dict(new.input_schema)) and _essence(
        dict(old.output_schema)
    ) == _essence(dict(new.output_schema)):
        return
    mixed = replace(new, input_schema=old.input_schema, output_schema=old.output_schema)
    alone = {(each.rule.id, each.problem) for each in checked(document, new)}
    for finding in checked(document, mixed):
        if finding.rule.severity == "error" and (finding.rule.id, finding.problem) not in alone:
            shown = finding.shown.splitlines()[0] if finding.shown else ""
            yield Change("flows", finding.pointer, f"under the published contract: {finding.problem} {shown}")


def _settings(action: DataAction) -> dict[str, str]:
    request, response = action.request, action.response
    return {
        "requestUrlTemplate": request.url_template,
        "requestType": request.method,
        **{f"header {name}": value for name, value in request.headers.items()},
        "requestTemplate": dumps(request.body_template),
        **{f"translationMap {name}": value for name, value in response.translation_map.items()},
        **{f"default {name}": value for name, value in response.defaults.items()},
        "successTemplate": dumps(response.success_template),
        **({"timeoutSeconds": str(action.timeout_seconds)} if action.timeout_seconds is not None else {}),
    }


def _required(schema: Mapping[str, Json]) -> set[str]:
    required = schema.get("required")
    return {each for each in required if isinstance(each, str)} if isinstance(required, list) else set()


def _frame(schema: Mapping[str, Json]) -> Json:
    return _essence({key: value for key, value in schema.items() if key not in {"properties", "required"}})


def _essence(schema: Json, *, with_words: bool = False) -> Json:
    """Put `required` in one order, which means nothing, and leave out what is only for reading."""
    if isinstance(schema, list):
        return [_essence(item, with_words=with_words) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Json] = {}
    for key, value in schema.items():
        if key == "properties" and isinstance(value, dict):
            # Keys are names here, and a property may well be called title.
            kept[key] = {name: _essence(item, with_words=with_words) for name, item in value.items()}
        elif key == "required" and isinstance(value, list):
            kept[key] = sorted(value, key=str)
        elif with_words or key not in _WORDS_ONLY:
            kept[key] = _essence(value, with_words=with_words)
    return kept


def _type(declared: Json | Mapping[str, Json]) -> str:
    kind = declared.get("type") if isinstance(declared, Mapping) else None
    if isinstance(kind, list):
        return " or ".join(map(str, kind))
    return kind if isinstance(kind, str) else "any type"
