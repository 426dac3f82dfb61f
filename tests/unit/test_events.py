from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.genesys.events import Event, MalformedEventError, read_events
from tests.conftest import CONVERSATION, TRACE_ID
from tests.events import ORGANIZATION, envelope

BARE = {"topic": "customer.end", "conversationId": CONVERSATION, "eventTime": "1795368068000"}


def read(payload: object) -> Event:
    (event,) = read_events(payload)
    assert isinstance(event, Event)
    return event


def test_an_envelope_of_eventbridge_is_read() -> None:
    event = read(envelope("acd.end", sessionId="s-1", queueId="q-1", acdOutcome="ANSWERED", connectedDurationMs=39674))
    assert event.kind == "acd.end"
    assert event.conversation.trace_id == TRACE_ID
    assert event.organization_id == ORGANIZATION
    assert event.session == "s-1"
    assert event.milliseconds("connectedDurationMs") == 39674
    assert event.word("acdOutcome") == "answered"
    assert event.identifier("queueId") == "q-1"


def test_a_bare_event_of_a_data_action_is_read_though_all_its_values_are_text() -> None:
    event = read({**BARE, "participantId": "p-1", "interactingDurationMs": "61000", "direction": ""})
    assert (event.kind, event.time_ms, event.session) == ("customer.end", 1795368068000, "p-1")
    assert event.milliseconds("interactingDurationMs") == 61000
    assert event.word("direction") == ""


def test_a_list_keeps_its_order_and_the_good_beside_the_bad() -> None:
    events = read_events([envelope("customer.end"), {"detail-type": "v2.users.{id}.presence"}, 5, BARE])
    kinds = [event.kind if isinstance(event, Event) else type(event).__name__ for event in events]
    assert kinds == ["customer.end", "NoneType", "MalformedEventError", "customer.end"]


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ("text", "must be a JSON object"),
        (None, "must be a JSON object"),
        ({}, "topic is required"),
        ({**BARE, "topic": 5}, "topic is required"),
        ({**BARE, "conversationId": "uwu"}, "conversationId is not a conversation id"),
        ({**BARE, "conversationId": None}, "conversationId is not a conversation id"),
        ({**BARE, "eventTime": "soon"}, "eventTime must be milliseconds"),
        ({**BARE, "eventTime": True}, "eventTime must be milliseconds"),
        ({**BARE, "eventTime": -1}, "eventTime must be milliseconds"),
        ({**BARE, "eventTime": 10**20}, "eventTime must be milliseconds"),
        ({**BARE, "eventTime": "9" * 5000}, "eventTime must be milliseconds"),
        ({"detail-type": "v2.detail.events.conversation.{id}.acd.end", "detail": []}, "detail.eventBody must be"),
    ],
    ids=str,
)
def test_what_can_never_be_read_is_refused_with_the_field(payload: object, words: str) -> None:
    (problem,) = read_events(payload)
    assert isinstance(problem, MalformedEventError)
    assert words in str(problem)


@pytest.mark.parametrize("payload", [[], [BARE] * 101])
def test_an_empty_or_an_endless_list_is_refused(payload: list[object]) -> None:
    with pytest.raises(MalformedEventError, match="1 to 100"):
        read_events(payload)


@pytest.mark.parametrize("value", ["NEW_ENUM_VALUE", "UNKNOWN", 5, None, ["VOICE"], "tel:+15551234567", "x" * 41])
def test_a_value_that_is_no_known_word_never_fails(value: object) -> None:
    word = read(envelope("customer.end", mediaType=value)).word("mediaType")
    assert word in ("new_enum_value", "")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_is_read_or_refused(payload: object) -> None:
    try:
        events = read_events(payload)
    except MalformedEventError:
        return
    assert all(event is None or isinstance(event, Event | MalformedEventError) for event in events)
