"""The examples of the Architect expression help, all of them, against what the engine gives."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from architect.expressions import (
    NOT_SET,
    Audio,
    AudioPart,
    Entity,
    EvaluationError,
    Expression,
    PhoneNumber,
)


class Example(NamedTuple):
    input: str
    output: str


@dataclass(frozen=True)
class Described:
    """What an output in words comes to, and the variables its input needs."""

    value: object
    variables: dict[str, object] = field(default_factory=dict)


MAY_5 = datetime(2009, 5, 5, 10, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
EMAIL = Entity(
    "Email",
    {
        "id": "message-id",
        "from": Entity("EmailAddress", {"id": "address-id"}),
        "attachments": [Entity("EmailAttachment", {"id": "attachment-id"})],
    },
)

DESCRIBED = {
    'Append(Prompt.Welcome, ToAudioTTS("John"))': Described(
        Audio((AudioPart("prompt", "Welcome"), AudioPart("tts", "John")))
    ),
    "If(5>3, MakeDateTime(2009, 5, 5, 10, 30, 0), MakeDateTime(2005, 1, 1, 0, 0, 0))": Described(MAY_5),
    "If(5>3, MakeDuration(0, 1, 0, 0), MakeDuration(2, 0, 0, 0))": Described(HOUR),
    "If(5>3, MakeList(true), MakeList(false))": Described([True]),
    "If(5>3, MakeList(100), MakeList(200))": Described([100]),
    "If(5>3, MakeList(100.5), MakeList(200.0))": Described([Decimal("100.5")]),
    "If(5>3, MakeList(MakeDateTime(2009, 5, 5, 10, 30, 0)), MakeList(MakeDateTime(2005, 1, 1, 0, 0, 0)))": Described(
        [MAY_5]
    ),
    "If(5>3, MakeList(MakeDuration(0, 1, 0, 0)), MakeList(MakeDuration(2, 0, 0, 0)))": Described([HOUR]),
    "If(5>3, MakeList(ToSkill(NOT_SET)), MakeList(ToSkill(NOT_SET), ToSkill(NOT_SET)))": Described([NOT_SET]),
    "ToString(Flow.PhoneNumberVariable)": Described(
        "tel:+13178723000", {"Flow.PhoneNumberVariable": PhoneNumber("+13178723000")}
    ),
    "ToString(Flow.SkillVariable)": Described("Spanish", {"Flow.SkillVariable": Entity("Skill", {"name": "Spanish"})}),
    "ToString(Flow.UserVariable)": Described("jane", {"Flow.UserVariable": Entity("User", {"username": "jane"})}),
    "ToString(Flow.WrapupCodeVariable)": Described(
        "Sold", {"Flow.WrapupCodeVariable": Entity("WrapupCode", {"name": "Sold"})}
    ),
    "ToString(Call.Contact)": Described("contact-id", {"Call.Contact": Entity("Contact", {"id": "contact-id"})}),
    "ToString(Email.Message)": Described("message-id", {"Email.Message": EMAIL}),
    "ToString(Email.Message.from)": Described("address-id", {"Email.Message": EMAIL}),
    "ToString(Email.Message.attachments[0])": Described("attachment-id", {"Email.Message": EMAIL}),
    "ToString(Flow.ExternalOrganization)": Described(
        "organization-id", {"Flow.ExternalOrganization": Entity("ExternalOrganization", {"id": "organization-id"})}
    ),
    "ToString(Flow.ExternalContact)": Described(
        "contact-id", {"Flow.ExternalContact": Entity("ExternalContact", {"id": "contact-id"})}
    ),
    "ToString(Flow.ExternalPhoneNumber)": Described(
        "(317) 872-3000",
        {"Flow.ExternalPhoneNumber": Entity("ExternalPhoneNumber", {"display": "(317) 872-3000"})},
    ),
    "ToString(Prompt.Welcome)": Described("Welcome"),
    'ToString(MakeCurrency(ToDecimal(NOT_SET), "USD"), 2)': Described("|USD"),
    "ToString(MakeCurrency(ToDecimal(NOT_SET), ToString(NOT_SET)), 2)": Described("|"),
}
"""Outputs that are a sentence, or a string without its quotes."""

WITHOUT_OUTPUT = {
    *(f"AR_FN_STR_TOSTRING_ANY_EX_OUT_{number}" for number in (5, 24, 35)),
    *(f"AR_FN_STR_TOSTRING_ANY_COLL_EX_OUT_{number}" for number in (*range(10), 12, 13, 16, 17)),
    *(f"AR_FN_STR_TOSTRING_{kind}_COLL_LNG_EX_OUT_{number}" for kind in ("DEC", "CUR") for number in (0, 1)),
    *(f"AR_FN_ANY_COLL_LOGICALIF_BLN_ANY_COLL_ANY_COLL_EX_OUT_{number}" for number in (0, 2)),
    "AR_FN_ANY_LOGICALIF_BLN_ANY_ANY_EX_OUT_4",
    "AR_FN_AUDIO_LOGICALIF_BLN_AUDIO_AUDIO_EX_OUT_0",
}
"""Cannot pass: where the output belongs, the help has the key of a text resource that it does not contain."""

RUNTIME_ERROR = "This would result in an error at runtime."


def expected(output: str) -> tuple[object, str]:
    """Return the value a documented output stands for, and its type."""
    not_set = re.fullmatch("A NOT_SET ([A-Za-z]+)", output)
    if not_set:
        return NOT_SET, not_set[1]
    if output in ("true", "false"):
        return output == "true", "Boolean"
    if output.startswith('"'):
        return output[1:-1], "String"
    number = re.match(r"(-?\d+)(\.\d+)?(?= \(|$)", output)
    assert number, f"the documented output {output!r} is not understood"
    return (Decimal(number[0]), "Decimal") if number[2] else (int(number[1]), "Integer")


def shortcoming(example: Example) -> str | None:
    """Say what is wrong with what the engine makes of an example, if anything is."""
    expression = Expression.parse(example.input)
    kind = expression.check()
    if example.output in WITHOUT_OUTPUT:
        variables = {name: Entity("ExternalAddress") for name in expression.variables()}
        given = expression.evaluate(variables)
        return "now has its output: take it out of the table" if given == example.output else None
    if example.output == RUNTIME_ERROR:
        with pytest.raises(EvaluationError):
            expression.evaluate({})
        return None
    described = DESCRIBED.get(example.input)
    value, wanted_kind = (described.value, kind) if described else expected(example.output)
    given = expression.evaluate(described.variables if described else {})
    same = given == value and type(given) is type(value) and kind == wanted_kind
    return None if same else f"gives {given!r} of type {kind}, documented is {example.output}"


@pytest.fixture
def examples(sample: Callable[[str], Path]) -> list[Example]:
    read: list[dict[str, Any]] = json.loads(sample("expressions/expr_examples.json").read_text(encoding="utf-8"))
    return [Example(each["input"], each["output"]) for each in read]


def test_every_documented_example_gives_its_documented_output(examples: list[Example]) -> None:
    assert len(examples) == 340
    found = {example.input: shortcoming(example) for example in examples}
    assert {text: wrong for text, wrong in found.items() if wrong} == {}


def test_all_but_those_without_an_output_pass(examples: list[Example]) -> None:
    without = [example for example in examples if example.output.startswith("AR_FN_")]
    assert {example.output for example in without} == WITHOUT_OUTPUT
    assert len(examples) - len(without) == 315


def test_no_entry_of_the_tables_is_out_of_date(examples: list[Example]) -> None:
    assert set(DESCRIBED) <= {example.input for example in examples}
