from __future__ import annotations

import pytest

from architect.emulator.choices import ChoiceLog
from architect.emulator.flattening import declared_names, flatten, outputs
from architect.emulator.json_text import Json

STRING: dict[str, Json] = {"type": "string"}


def an_object(**properties: Json) -> dict[str, Json]:
    return {"type": "object", "properties": dict(properties)}


def an_array(items: Json) -> dict[str, Json]:
    return {"type": "array", "items": items}


@pytest.mark.parametrize(
    ("value", "flat", "choices"),
    [
        ({"a": 1, "b": "x"}, {"a": 1, "b": "x"}, []),
        ({"a": {"b": {"c": 1}}}, {"a.b.c": 1}, []),
        ({"a": [1, 2]}, {"a": [1, 2]}, []),
        ({"a": []}, {"a": []}, []),
        (
            {"results": [{"id": 1, "n": {"x": "a"}}, {"id": 2, "n": {"x": "b"}}]},
            {"results.id": [1, 2], "results.n.x": ["a", "b"]},
            [],
        ),
        ({"r": [{"a": 1}, {"b": 2}]}, {"r.a": [1, None], "r.b": [None, 2]}, ["flatten-missing-leaf"]),
        ({"urn:2.0:User": {"v": 1}}, {"urn:2__0:User.v": 1}, ["flatten-dots"]),
        ([{"id": 1}, {"id": 2}], {"id": [1, 2]}, ["flatten-top-level-array"]),
        ([1, 2], {"value": [1, 2]}, ["flatten-top-level-array"]),
        ({}, {}, []),
    ],
)
def test_flattening(value: Json, flat: dict[str, Json], choices: list[str]) -> None:
    log = ChoiceLog()
    assert flatten(value, log) == flat
    assert [choice.id for choice in log.choices()] == choices


def test_a_contract_declares_leaves_and_collections() -> None:
    schema = an_object(
        a=STRING, b=an_object(c=STRING), l=an_array(STRING), r=an_array(an_object(id=STRING, n=an_object(x=STRING)))
    )
    assert declared_names(schema) == {"a": False, "b.c": False, "l": True, "r.id": True, "r.n.x": True}


def test_the_list_form_of_items_is_understood() -> None:
    assert declared_names(an_object(a=an_array([an_object(n=STRING)]))) == {"a.n": True}


@pytest.mark.parametrize(
    ("value", "schema", "bound"),
    [
        ({"a": "1", "b": "2"}, an_object(a=STRING), {"a": "1"}),
        ({}, an_object(a=STRING), {}),
        ({"r": []}, an_object(r=an_array(an_object(id=STRING, n=STRING))), {"r.id": [], "r.n": []}),
        ([], an_array(an_object(id=STRING)), {"id": []}),
        ({"x": {"2.0": "v"}}, an_object(x=an_object(**{"2__0": STRING})), {"x.2__0": "v"}),
        ({"anything": 1}, an_object(), {}),
    ],
)
def test_a_flow_sees_only_what_the_contract_declares(
    value: Json, schema: dict[str, Json], bound: dict[str, Json]
) -> None:
    assert outputs(value, schema, ChoiceLog()) == bound
