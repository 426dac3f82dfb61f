"""The compiled contracts against marshmallow, which they were compiled from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, fields, post_load, validate

from schemas import CONTRACTS, START_CALL_TRACE, Contract
from schemas.compiled import NotCompilableError, compile_inputs, compile_outputs
from schemas.contract import Inputs, Outputs, text_input

NAMES = sorted({name for contract in CONTRACTS for name in contract.input_names()})
VALUES = st.one_of(
    st.text(max_size=20), st.sampled_from(["", " ", "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"]), st.none(),
    st.integers(), st.booleans(), st.floats(), st.lists(st.text(max_size=2), max_size=2),
)  # fmt: skip
BODIES = st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=10)), VALUES, max_size=12)


def by_marshmallow(contract: Contract, body: dict[str, Any]) -> dict[str, str] | None:
    try:
        loaded: dict[str, str] = contract.inputs.load(body)
    except ValidationError:
        return None
    return loaded


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
@given(body=BODIES)
def test_what_the_short_way_accepts_is_what_marshmallow_makes_of_it(contract: Contract, body: dict[str, Any]) -> None:
    short = compile_inputs(contract.inputs)(body)
    judged = by_marshmallow(contract, body)
    if short is not None:
        assert short == judged
    elif judged is not None:
        # It passes on what is right only for a null, which marshmallow takes for left out.
        assert None in body.values()


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
@given(body=st.dictionaries(st.sampled_from(NAMES), st.text(min_size=1).filter(str.strip), max_size=12))
def test_every_well_formed_body_goes_the_short_way(contract: Contract, body: dict[str, str]) -> None:
    required = {field.data_key: "x" for field in contract.inputs.fields.values() if field.required}
    whole = {**required, **body}
    assert compile_inputs(contract.inputs)(whole) == by_marshmallow(contract, whole)
    assert compile_inputs(contract.inputs)(whole) is not None


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
@given(data=st.data())
def test_outputs_are_made_complete_as_marshmallow_does(contract: Contract, data: st.DataObject) -> None:
    names = st.sampled_from(sorted([*contract.outputs.fields, "no_such_output"]))
    outputs = {"status": "ok", **data.draw(st.dictionaries(names, st.text()))}
    assert json.dumps(compile_outputs(contract.outputs)(outputs)) == json.dumps(contract.outputs.dump(outputs))


class WithValidator(Inputs):
    name = fields.String(data_key="name", load_default="", validate=validate.Length(max=3))


class WithNumber(Inputs):
    name = fields.Integer(data_key="name", load_default=0)


class WithoutDefault(Inputs):
    name = fields.String(data_key="name")


class WithHook(Inputs):
    name = text_input("name", "A name.", "x")

    @post_load
    def shout(self, data: dict[str, str], **_: object) -> dict[str, str]:
        return {name: value.upper() for name, value in data.items()}


class OtherOutputs(Outputs):
    count = fields.Integer()


@pytest.mark.parametrize("schema", [WithValidator(), WithNumber(), WithoutDefault()])
def test_a_schema_that_says_more_is_refused(schema: Inputs) -> None:
    with pytest.raises(NotCompilableError, match=r"name is more than a string"):
        compile_inputs(schema)


def test_a_schema_with_a_hook_of_its_own_is_refused() -> None:
    with pytest.raises(NotCompilableError, match="has hooks of its own"):
        compile_inputs(WithHook())
    with pytest.raises(NotCompilableError, match=r"count is more than a string"):
        compile_outputs(OtherOutputs())


def test_using_a_schema_does_not_make_it_uncompilable() -> None:
    """Marshmallow adds empty lists of hooks to a schema that it loads with."""
    START_CALL_TRACE.inputs.load({"conversationId": "x"})
    compile_inputs(START_CALL_TRACE.inputs)
