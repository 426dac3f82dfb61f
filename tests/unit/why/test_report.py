from __future__ import annotations

import json
from typing import Any

import pytest

from app.printing import Line
from app.why.diagnosis import diagnose
from app.why.question import Seen
from app.why.report import as_dict, lines, shown
from tests.conftest import TRACE_ID, TRACEPARENT

from .test_causes import AGENT, OLD_FLOW, customer, party, seen

OURS = {
    "traceparent": TRACEPARENT,
    "dd_trace_id": TRACE_ID,
    "dd_trace_url": f"https://app.datadoghq.com/apm/trace/{TRACE_ID}",
    "callspan_source": "flow",
}


def text(what: Seen, *, show_value: bool = False) -> str:
    return "\n".join(joined(each) for each in lines(what, diagnose(what), show_value=show_value))


def joined(line: Line) -> str:
    return "".join(piece for piece, _ in line)


def test_the_verdict_comes_first_then_the_participants_then_the_causes_then_what_to_do() -> None:
    told = text(seen([customer(), party("a", "agent", {"priority": "high"}), OLD_FLOW])).splitlines()
    assert told[0].startswith("priority does not show up: it was written on a participant at whom")
    assert told[2:7] == [
        "* c  customer  connected",
        "  a  agent     connected",
        "    priority         (4 characters; --show-value shows it)",
        "  i  ivr       left",
        "* the participant for whom flows work, and at whom scripts and reports look",
    ]
    assert told[8].startswith("certain    it was written on a participant")
    assert told[-1].startswith("what to do Write on customer c.") or told[-2].startswith("what to do Write on")


def test_our_own_ids_are_shown_with_their_values() -> None:
    assert shown(seen([customer()]).question, customer(**OURS), show_value=False) == OURS


@pytest.mark.parametrize(
    ("value", "asked", "show_value", "told"),
    [
        ("Anna Muster", {}, False, "(11 characters; --show-value shows it)"),
        ("Anna Muster", {"expected": "Bert"}, False, "(11 characters, not the expected value; --show-value shows it)"),
        ("high", {"expected": "high"}, False, "high (as expected)"),
        ("high", {}, True, "high"),
        ("+41 44 555 01 00", {}, True, "(hidden: it looks like a phone number)"),
        ("anna@example.com", {}, True, "(hidden: it looks like an e-mail address)"),
    ],
    ids=["hidden", "not as expected", "as expected", "asked for", "phone", "e-mail"],
)
def test_a_value_is_shown_only_where_it_may_be(value: str, asked: dict[str, Any], show_value: bool, told: str) -> None:
    question = seen([customer()], **asked).question
    assert shown(question, customer(priority=value), show_value=show_value) == {"priority": told}


def test_nothing_of_other_attributes_is_shown_but_their_number() -> None:
    what = seen([customer(priority="high", name="Anna Muster", phone="+41445550100"), AGENT])
    for told in (text(what, show_value=True), json.dumps(as_dict(what, diagnose(what), show_value=True))):
        assert "Anna" not in told
        assert "5550100" not in told
        assert "phone" not in told
    assert "and 2 more" in text(what)
    assert as_dict(what, diagnose(what), show_value=True)["participants"][0]["others"] == 2


def test_what_somebody_else_put_under_our_names_is_not_shown() -> None:
    what = seen([customer(dd_trace_id="+41445550100")])
    assert "5550100" not in text(what, show_value=True)


def test_the_json_has_the_same() -> None:
    what = seen([customer(), AGENT], [customer(priority="high"), AGENT])
    found = as_dict(what, diagnose(what), show_value=False)
    assert found["visible"] is True
    assert found["readings"][:2] == [0.0, 1.0]
    assert found["causes"][0]["id"] == "not-yet-visible"
    assert [each["flows_work_for_it"] for each in found["participants"]] == [True, False]
    assert json.loads(json.dumps(found)) == found


def test_where_it_is_there_nothing_is_to_be_done() -> None:
    assert "what to do" not in text(seen([customer(priority="high")]))
