from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.genesys.conversation import Communication, Conversation, Participant, read_conversation
from app.genesys.participants import (
    PURPOSES,
    ConversationEndedError,
    NoParticipantError,
    SeveralParticipantsError,
    UnresolvedError,
    resolve,
)
from tests.conftest import CONVERSATION

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MACHINES = ("acd", "ivr", "agent")


def party(
    name: str,
    purpose: str,
    minute: int = 0,
    state: str = "connected",
    direction: str = "inbound",
    *,
    left: bool = False,
) -> Participant:
    started = NOON + timedelta(minutes=minute)
    return Participant(
        name,
        purpose,
        started=started,
        connected_at=started,
        ended=started + timedelta(minutes=1) if left else None,
        communications=(Communication(state, direction),),
    )


def conversation(*participants: Participant, ended: datetime | None = None) -> Conversation:
    return Conversation(CONVERSATION, ended, participants)


CALLER = party("c", "customer")


@pytest.mark.parametrize(
    ("participants", "chosen", "reason"),
    [
        ([CALLER, party("i", "ivr"), party("q", "acd"), party("a", "agent", 1)], "c", "the only customer, who is conn"),
        ([party("a", "agent", -1), CALLER], "c", "the only customer"),
        ([party("u", "user", 0, direction="outbound"), party("x", "external", 1)], "x", "the only external"),
        ([party("x", "external"), party("c", "customer", 5)], "c", "the only customer"),
        ([party("u", "user", 0, direction="outbound"), party("i", "ivr")], "u", "the only user"),
        ([party("b", "user", 0), party("u", "user", 1, direction="outbound")], "u", "the one user of 2 who dialled"),
        ([party("c", "customer", 0, left=True), party("d", "customer", 9)], "d", "the one customer of 2 who is conn"),
        ([party("c", "customer", 0, "alerting"), party("d", "customer", 9)], "d", "the one customer of 2 who is conn"),
        ([party("c", "customer", 0), party("d", "customer", 9)], "c", "the first to join of 2 customer participants"),
        ([party("c", "customer", 0, "dialing")], "c", "is being called"),
        ([party("c", "customer", 0, "disconnected"), party("a", "agent", 1)], "c", "has left"),
    ],
)
def test_the_participant_that_flows_work_for_is_chosen(
    participants: list[Participant], chosen: str, reason: str
) -> None:
    resolution = resolve(conversation(*participants))
    assert resolution.participant.id == chosen
    assert reason in resolution.reason
    assert {each.participant.id for each in resolution.passed_over} == {p.id for p in participants} - {chosen}


def test_each_of_the_others_is_told_why_it_was_passed_over() -> None:
    others = [
        party("i", "ivr"),
        party("q", "acd"),
        party("a", "agent"),
        party("x", "external"),
        party("gone", "customer", -5, left=True),
        party("ringing", "customer", -5, "alerting"),
        party("later", "customer", 5),
        party("new", "supervisor"),
    ]
    told = {each.participant.id: each.reason for each in resolve(conversation(CALLER, *others)).passed_over}
    assert told == {
        "i": "is a flow",
        "q": "is a queue",
        "a": "is an agent",
        "x": "is of purpose external, and a customer takes part",
        "gone": "has left",
        "ringing": "is not connected",
        "later": "joined later",
        "new": "has a purpose that flows do not work for",
    }


def test_an_ended_conversation_is_refused_whoever_took_part() -> None:
    with pytest.raises(ConversationEndedError, match="does not keep attributes"):
        resolve(conversation(CALLER, ended=NOON))
    with pytest.raises(ConversationEndedError):
        resolve(conversation(CALLER, ended=NOON), "c")


def test_a_conversation_of_machines_and_agents_has_nobody_to_write_on() -> None:
    with pytest.raises(NoParticipantError, match="only queues, flows and agents"):
        resolve(conversation(party("i", "ivr"), party("q", "acd"), party("a", "agent"), party("z", "")))


def test_legs_that_came_at_once_are_named_so_that_one_can_be_asked_for() -> None:
    legs = conversation(party("d", "customer"), party("c", "customer"), party("a", "agent"))
    with pytest.raises(SeveralParticipantsError, match=r"2 participants of .* customer .* c, d\. .* participantId"):
        resolve(legs)
    resolution = resolve(legs, "d")
    assert resolution.participant.id == "d"
    assert "participantId" in resolution.reason
    assert [(each.participant.id, each.reason) for each in resolution.passed_over] == [
        ("c", "was not asked for"),
        ("a", "is an agent"),
    ]


@pytest.mark.parametrize(("asked", "why"), [("a", "is an agent"), ("i", "is a flow"), ("nobody", "has no participant")])
def test_asking_for_a_participant_cannot_make_it_a_wrong_one(asked: str, why: str) -> None:
    with pytest.raises(NoParticipantError, match=why):
        resolve(conversation(CALLER, party("a", "agent"), party("i", "ivr")), asked)


moments = st.none() | st.integers(0, 4).map(lambda minute: NOON + timedelta(minutes=minute))
communications = st.builds(
    Communication,
    st.sampled_from(["", "connected", "alerting", "dialing", "disconnected", "terminated", "none"]),
    st.sampled_from(["", "inbound", "outbound"]),
)


@st.composite
def crowds(draw: st.DrawFn) -> list[Participant]:
    purposes = draw(st.lists(st.sampled_from([*PURPOSES, *MACHINES, "", "supervisor"]), max_size=8))
    return [
        Participant(
            str(n),
            purpose,
            draw(moments),
            draw(moments),
            draw(st.none() | moments),
            tuple(draw(st.lists(communications, max_size=2))),
        )
        for n, purpose in enumerate(purposes)
    ]


def outcome(crowd: list[Participant]) -> tuple[str, str]:
    try:
        resolution = resolve(conversation(*crowd))
    except UnresolvedError as error:
        return error.code, str(error)
    return resolution.participant.id, resolution.reason


@given(crowds(), st.randoms())
def test_the_choice_depends_neither_on_order_nor_on_machines(crowd: list[Participant], random: Random) -> None:
    shuffled = random.sample(crowd, len(crowd))
    without = [each for each in crowd if each.purpose in PURPOSES]
    assert outcome(crowd) == outcome(shuffled) == outcome(without)


@given(crowds())
def test_nobody_better_is_passed_over_and_everybody_is_accounted_for(crowd: list[Participant]) -> None:
    fit = [each for each in crowd if each.purpose in PURPOSES]
    if not fit:
        with pytest.raises(NoParticipantError):
            resolve(conversation(*crowd))
        return
    try:
        resolution = resolve(conversation(*crowd))
    except SeveralParticipantsError:
        assume(False)
    chosen = resolution.participant
    assert chosen.purpose not in MACHINES
    assert all(PURPOSES.index(each.purpose) >= PURPOSES.index(chosen.purpose) for each in fit)
    alike = [each for each in fit if each.purpose == chosen.purpose]
    assert not chosen.left or all(each.left for each in alike)
    assert chosen.connected or not any(each.connected for each in alike)
    assert {each.participant.id for each in resolution.passed_over} | {chosen.id} == {each.id for each in crowd}
    assert resolution.reason
    assert all(each.reason for each in resolution.passed_over)


def test_a_document_is_read_whatever_else_is_in_it() -> None:
    document = {
        "id": CONVERSATION,
        "startTime": "2026-11-22T12:00:00.000Z",
        "novelty": {"of": ["any", "kind"]},
        "participants": [
            {
                "id": "c",
                "purpose": "Customer",
                "startTime": "2026-11-22T12:00:00.013Z",
                "connectedTime": None,
                "attributes": {"priority": "high", "count": 3},
                "calls": [{"id": "s", "state": "CONNECTED", "direction": "inbound", "segments": []}],
                "messages": None,
            },
            {"id": "i", "purpose": "ivr", "endTime": "2026-11-22T12:01:00Z", "attributes": None},
            {"id": "?"},
        ],
    }
    read = read_conversation(document)
    customer, ivr, unknown = read.participants
    assert (customer.purpose, customer.connected, customer.directions) == ("customer", True, {"inbound"})
    assert customer.attributes == {"priority": "high", "count": 3}
    assert (ivr.left, ivr.attributes, unknown.purpose, unknown.left) == (True, {}, "", False)
    assert resolve(read).participant.id == "c"
