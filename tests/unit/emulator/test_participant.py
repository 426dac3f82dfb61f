from __future__ import annotations

import pytest

from architect.emulator.participant import ParticipantData


@pytest.mark.parametrize("flow_type", ["inboundCall", "inqueueCall", "outboundCall", "secureCall"])
def test_a_voice_flow_s_writes_reach_the_call_when_the_flow_ends(flow_type: str) -> None:
    data = ParticipantData(flow_type)
    data.set("traceparent", "00-1")
    assert (data.get("traceparent"), data.stored) == ("00-1", {})
    data.end_flow()
    assert data.stored == {"traceparent": "00-1"}


def test_they_overwrite_what_was_written_from_outside_meanwhile() -> None:
    data = ParticipantData("inboundCall", {"kept": "k"})
    data.set("traceparent", "flow")
    data.write_from_outside("traceparent", "outside")
    assert data.get("traceparent") == "flow"
    data.end_flow()
    assert data.stored == {"kept": "k", "traceparent": "flow"}


def test_other_flows_write_straight_through() -> None:
    data = ParticipantData("inboundShortMessage")
    data.set("a", "1")
    assert data.stored == {"a": "1"}


def test_names_are_case_sensitive_and_unset_ones_are_none() -> None:
    data = ParticipantData(stored={"Name": "x"})
    assert (data.get("Name"), data.get("name")) == ("x", None)


def test_values_are_strings() -> None:
    with pytest.raises(TypeError, match=r"`n` takes a string, not int; use ToString\(\)"):
        ParticipantData().set("n", 1)  # type: ignore[arg-type]


def test_what_is_shown_as_stored_cannot_be_changed_through() -> None:
    data = ParticipantData(stored={"a": "1"})
    shown = dict(data.stored)
    data.write_from_outside("a", "2")
    assert (shown, data.stored) == ({"a": "1"}, {"a": "2"})
