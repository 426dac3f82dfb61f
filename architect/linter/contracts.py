"""The rules of the two contracts, each shown in the words of Genesys' own check where they are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jsonschema import Draft4Validator
from jsonschema.exceptions import SchemaError

from architect.emulator.choices import ChoiceLog
from architect.emulator.export import DataAction
from architect.emulator.flattening import outputs
from architect.emulator.json_text import Json, dumps
from architect.emulator.schema import RESERVED_NAMES, input_contract_problems, output_contract_problems, violations
from architect.linter.document import Document
from architect.linter.finding import Finding, found
from architect.linter.spans import Parts

_INPUT: Parts = ("contract", "input", "inputSchema")
_OUTPUT: Parts = ("contract", "output", "successSchema")
_LARGEST_INTEGER = 999_999_999_999_999
_LARGEST_INT64 = 2**63 - 1
_SCALARS = "string, integer, number or boolean"


class Contracts:
    """Checks an action's contracts; afterwards `usable_output` says whether results can be validated against theirs."""

    def __init__(self, document: Document, action: DataAction) -> None:
        self._document = document
        self._action = action
        self.usable_output = True

    def findings(self) -> list[Finding]:
        """Check both contracts."""
        on_input = [*self._inputs(), *self._general(self._action.input_schema, _INPUT)]
        on_output = [
            *self._general(self._action.output_schema, _OUTPUT),
            *_output_findings(self._document, self._action.output_schema, _OUTPUT),
        ]
        self.usable_output = not output_contract_problems(self._action.output_schema)
        if not input_contract_problems(self._action.input_schema):
            on_input += self._required()
        if self.usable_output:
            on_output += self._dotted()
        return on_input + on_output

    def _inputs(self) -> Iterator[Finding]:
        schema = self._action.input_schema
        if schema.get("type", "object") != "object" or not isinstance(schema.get("properties", {}), dict):
            yield found(
                "input-not-simple",
                self._document,
                _INPUT,
                "The input contract is not an object with properties.",
                shown=_genesys({key: schema[key] for key in ("type", "properties") if key in schema}),
                remedy='Write {"type": "object", "properties": {...}}.',
            )
            return
        refused = bool(_genesys(schema))
        for name, declared in properties(schema).items():
            if refused or name in RESERVED_NAMES:
                yield from self._input(name, declared)

    def _input(self, name: str, declared: Json) -> Iterator[Finding]:
        parts = (*_INPUT, "properties", name)
        if name in RESERVED_NAMES:
            yield found(
                "input-name-reserved",
                self._document,
                parts,
                f"The input `{name}` has a name that Genesys uses itself.",
                shown=f"reserved are {', '.join(sorted(RESERVED_NAMES))}",
                remedy="Give it another name.",
            )
        told = _genesys({"type": "object", "properties": {name: {}}})
        if told:
            yield found(
                "input-name",
                self._document,
                parts,
                f"The input name `{name[:60]}` has characters that input names may not have.",
                shown=told,
                remedy="Use letters, digits, _ and -, beginning with a letter.",
            )
        told = _genesys({"type": "object", "properties": {"input": declared}})
        if told:
            kind = dumps(declared.get("type")) if isinstance(declared, dict) else "not an object"
            yield found(
                "input-not-simple",
                self._document,
                parts,
                f"The input `{name[:60]}` is {kind[:60]}; inputs are single values.",
                shown=told,
                remedy=f"Declare a {_SCALARS}; pass lists and objects as JSON text in a string.",
            )

    def _required(self) -> Iterator[Finding]:
        schema = self._action.input_schema
        declared = properties(schema)
        required = schema.get("required")
        for index, name in enumerate(required if isinstance(required, list) else []):
            if isinstance(name, str) and name not in declared:
                yield found(
                    "required-undeclared",
                    self._document,
                    (*_INPUT, "required", index),
                    f"`{name}` is required but not among the inputs, so no flow can pass it.",
                    trigger="every input the contract declares",
                    shown=violations({"type": "object", "required": [name]}, {}),
                    remedy=f"Declare `{name}` under properties, or take it out of required.",
                )

    def _general(self, schema: Mapping[str, Json], where: Parts) -> Iterator[Finding]:
        for parts, node in nodes(schema, where):
            if isinstance(node.get("$ref"), str) and parts[-1] != "properties":
                yield found(
                    "contract-ref",
                    self._document,
                    (*parts, "$ref"),
                    "The contract refers to another schema.",
                    shown="$ref is not supported",
                    remedy="Write that schema out in its place.",
                )
        try:
            Draft4Validator.check_schema(_without_ref(schema))
        except SchemaError as error:
            yield found(
                "contract-not-draft-04",
                self._document,
                (*where, *error.absolute_path),
                "The contract is not a JSON Schema of draft-04.",
                shown=error.message[:300],
                remedy="Mend it there; `required`, for one, is a list of names beside `properties`.",
            )

    def _dotted(self) -> Iterator[Finding]:
        for parts, name in _declared(self._action.output_schema, _OUTPUT):
            if "." not in name:
                continue
            nested: Json = "text"
            for part in reversed(name.split(".")):
                nested = {part: nested}
            seen = outputs(nested, {"type": "object", "properties": {name: {"type": "string"}}}, ChoiceLog())
            if name not in seen:
                first, _, rest = name.partition(".")
                yield found(
                    "output-dotted-name",
                    self._document,
                    parts,
                    f"The output `{name}` is declared under a dotted name, which is never filled.",
                    trigger=f"an answer {dumps(nested)}",
                    shown=f"the outputs a flow gets are {dumps(seen)}",
                    remedy=f"Declare the nested shape, `{rest}` inside an object `{first}`: flows then see `{name}`. "
                    "Or give it a name without dots.",
                )


def properties(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Give the schema's properties, empty when there are none."""
    found_ = schema.get("properties")
    return found_ if isinstance(found_, dict) else {}


def nodes(schema: Json | Mapping[str, Json], parts: Parts) -> Iterator[tuple[Parts, Mapping[str, Json]]]:
    """Walk every object inside a schema."""
    if isinstance(schema, Mapping):
        yield parts, schema
        for key, item in schema.items():
            yield from nodes(item, (*parts, key))
    elif isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from nodes(item, (*parts, index))


def _declared(schema: Json | Mapping[str, Json], parts: Parts) -> Iterator[tuple[Parts, str]]:
    for at, node in nodes(schema, parts):
        if at[-1] == "properties":
            for name in node:
                yield (*at, name), name


def _output_findings(document: Document, schema: Mapping[str, Json], where: Parts) -> Iterator[Finding]:
    for parts, node in nodes(schema, where):
        items = node.get("items")
        if node.get("type") == "array" and isinstance(items, dict) and items.get("type") == "array":
            yield found(
                "output-nested-array",
                document,
                (*parts, "items"),
                "The items of this array are arrays again.",
                shown="the output contract does not support nested arrays",
                remedy="Return objects with a list each, one list, or the inner lists as text.",
            )
        if node.get("type") == "integer":
            yield from _integer(document, node, parts)


def _integer(document: Document, node: Mapping[str, Json], parts: Parts) -> Iterator[Finding]:
    maximum, form = node.get("maximum"), str(node.get("format"))
    too_large = isinstance(maximum, int) and not isinstance(maximum, bool) and maximum > _LARGEST_INTEGER
    if not too_large and form not in {"int64", "uint64", "long"}:
        return
    largest = min(maximum, _LARGEST_INT64) if isinstance(maximum, int) else _LARGEST_INT64
    if largest > _LARGEST_INTEGER:
        yield found(
            "integer-beyond-architect",
            document,
            parts,
            f"`{parts[-1]}` may be larger than Architect's integers, which end at {_LARGEST_INTEGER:,}.",
            trigger=f"an answer with {largest}",
            shown=f"{largest} conforms to the contract and has {len(str(largest))} digits; Architect takes 15",
            remedy='Declare it {"type": "string"} and have the service send text.',
        )


def _genesys(schema: Mapping[str, Json]) -> str:
    return "; ".join(told for told in input_contract_problems(schema) if told.startswith("Failed Validation"))


def _without_ref(node: Json | Mapping[str, Json]) -> dict[str, Json]:
    def cleaned(item: Json) -> Json:
        if isinstance(item, dict):
            return {key: cleaned(value) for key, value in item.items() if key != "$ref"}
        return [cleaned(value) for value in item] if isinstance(item, list) else item

    whole = cleaned(dict(node)) if isinstance(node, Mapping) else {}
    assert isinstance(whole, dict)  # noqa: S101 - it went in as one
    return whole
