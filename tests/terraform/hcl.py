"""Terraform files as data, and what can be said of them without Terraform: `python-hcl2` and a provider's schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import hcl2
from hcl2 import SerializationOptions

from tests.terraform.rules import Rules, violations

_OPTIONS = SerializationOptions(strip_string_quotes=True, explicit_blocks=False, with_comments=False)
_OF_TERRAFORM = {"count", "depends_on", "for_each", "lifecycle", "provider"}

Block = Mapping[str, Any]


def read(folder: Path) -> dict[str, list[Any]]:
    """Return the blocks of a module by their kind, such as `resource`; expressions are texts that begin with `${`."""
    blocks: dict[str, list[Any]] = {}
    for path in sorted(folder.glob("*.tf")):
        for kind, found in hcl2.loads(path.read_text(), serialization_options=_OPTIONS).items():
            blocks.setdefault(kind, []).extend(found)
    return blocks


def named(blocks: list[Mapping[str, Block]]) -> dict[str, Block]:
    """Return blocks with one label, such as variables, by it."""
    return {name: block for labelled in blocks for name, block in labelled.items()}


def problems(folder: Path, schema: Mapping[str, Any], rules: Rules) -> list[str]:
    """Return what is wrong with the resources of a module, and with its references to variables."""
    blocks = read(folder)
    found = [
        f"{kind}.{name}{problem}"
        for labelled in blocks.get("resource", [])
        for kind, resources in labelled.items()
        for name, resource in resources.items()
        for problem in _of_resource(schema["resource_schemas"], rules, kind, resource)
    ]
    used = {name for path in folder.glob("*.tf") for name in re.findall(r"\bvar\.(\w+)", path.read_text())}
    undeclared = sorted(used - set(named(blocks.get("variable", []))))
    return [*found, *(f"var.{name}: not declared" for name in undeclared)]


def _of_resource(schemas: Mapping[str, Block], rules: Rules, kind: str, resource: Block) -> Iterator[str]:
    if kind not in schemas:
        yield ": no such resource"
        return
    yield from _of_block(schemas[kind], {name: v for name, v in resource.items() if name not in _OF_TERRAFORM}, "")
    for path, message in violations(rules, kind, _literals(resource)):
        yield f".{'.'.join(str(step) for step in path if isinstance(step, str))}: {message}"


def _of_block(schema: Block, block: Block, at: str) -> Iterator[str]:
    for name, value in block.items():
        if name in schema["block_types"]:
            for inner in value:
                yield from _of_block(schema["block_types"][name]["block"], inner, f"{at}.{name}")
        elif schema["attributes"].get(name, {}).keys() <= {"type", "computed"}:
            yield f"{at}.{name}: not an argument"
    for name, attribute in schema["attributes"].items():
        if attribute.get("required") and name not in block:
            yield f"{at}.{name}: required"
    for name, nested in schema["block_types"].items():
        count = len(block.get(name, []))
        if count < nested["min_items"] or 0 < nested["max_items"] < count:
            yield f"{at}.{name}: {count} blocks"


def _literals(value: Any) -> Any:
    """Return a value with nothing in place of its expressions."""
    if isinstance(value, Mapping):
        return {name: _literals(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_literals(inner) for inner in value]
    return None if isinstance(value, str) and "${" in value else value
