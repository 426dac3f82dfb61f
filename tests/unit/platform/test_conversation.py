"""The core of the stand-in: what becomes of writes by flows and over REST, in whatever order they come."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from architect.emulator.platform import Behaviour, Conversation, StoppedClock
from architect.emulator.platform.conversation import PURPOSES
from architect.emulator.platform.flow import Flow

DELAY = 2.0
NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.text("xyz", max_size=2)
ATTRIBUTES = st.dictionaries(NAMES, VALUES, max_size=3)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def call(clock: StoppedClock) -> Conversation:
    call = Conversation(clock=clock, behaviour=Behaviour(write_delay=DELAY))
    call.join("customer", attributes={"line": "sales"})
    return call


def attributes(conversation: Conversation, position: int = 0) -> dict[str, str]:
    return dict(conversation.participants[position].attributes)


def test_a_write_is_visible_after_its_delay_and_not_before(call: Conversation, clock: StoppedClock) -> None:
    call.patch(call.participants[0].id, {"a": "1"})
    clock.advance(DELAY - 0.01)
    assert attributes(call) == {"line": "sales"}
    clock.advance(0.01)
    assert attributes(call) == {"line": "sales", "a": "1"}


def test_names_differ_by_case(call: Conversation, clock: StoppedClock) -> None:
    call.patch(call.participants[0].id, {"Line": "service"})
    clock.advance(DELAY)
    assert attributes(call) == {"line": "sales", "Line": "service"}


def test_a_later_write_does_not_overtake_a_slow_one(call: Conversation, clock: StoppedClock) -> None:
    customer = call.participants[0].id
    call.patch(customer, {"a": "first"}, delay=10)
    call.patch(customer, {"a": "second"}, delay=0)
    assert "a" not in attributes(call)
    clock.advance(10)
    assert attributes(call)["a"] == "second"


def test_a_voice_flow_overwrites_at_its_end_what_was_written_meanwhile(call: Conversation, clock: StoppedClock) -> None:
    flow = call.start_flow("inboundCall")
    flow.set("a", "flow")
    call.patch(call.participants[0].id, {"a": "rest", "b": "rest"})
    clock.advance(DELAY)
    assert attributes(call) == {"line": "sales", "a": "rest", "b": "rest"}
    assert flow.get("a") == "flow"
    flow.end()
    assert attributes(call) == {"line": "sales", "a": "flow", "b": "rest"}


def test_a_voice_flow_also_wins_over_what_was_still_to_come(call: Conversation, clock: StoppedClock) -> None:
    flow = call.start_flow("inQueueCall")
    flow.set("a", "flow")
    call.patch(call.participants[0].id, {"a": "rest", "b": "rest"})
    flow.end()
    clock.advance(DELAY)
    assert attributes(call) == {"line": "sales", "a": "flow", "b": "rest"}


@pytest.mark.parametrize(("holds", "line"), [(True, "sales"), (False, "service")])
def test_what_a_voice_flow_only_read_is_written_back_as_chosen(clock: StoppedClock, holds: bool, line: str) -> None:
    call = Conversation(clock=clock, behaviour=Behaviour(write_delay=0, flow_holds_reads=holds))
    customer = call.join("customer", attributes={"line": "sales"})
    flow = call.start_flow()
    assert flow.get("line") == "sales"
    assert flow.get("unset") is None
    call.patch(customer.id, {"line": "service", "unset": "set"})
    flow.end()
    assert attributes(call) == {"line": line, "unset": "set"}


def test_a_message_flow_writes_straight_through_and_holds_nothing(clock: StoppedClock) -> None:
    conversation = Conversation(media="messages", clock=clock, behaviour=Behaviour(write_delay=0))
    customer = conversation.join("customer")
    flow = conversation.start_flow("inboundShortMessage")
    flow.set("a", "flow")
    assert attributes(conversation) == {"a": "flow"}
    assert flow.get("a") == "flow"
    conversation.patch(customer.id, {"a": "rest"})
    flow.end()
    assert attributes(conversation) == {"a": "rest"}


@pytest.mark.parametrize("purpose", sorted(PURPOSES - {"customer"}))
def test_others_take_writes_that_no_flow_reads(call: Conversation, clock: StoppedClock, purpose: str) -> None:
    other = call.join(purpose)
    flow = call.start_flow()
    call.patch(other.id, {"a": "1"})
    clock.advance(DELAY)
    assert attributes(call, 1) == {"a": "1"}
    assert flow.get("a") is None
    assert attributes(call) == {"line": "sales"}


@pytest.mark.parametrize(
    ("present", "caller"),
    [
        (["agent", "customer"], 1),
        (["external", "customer"], 1),
        (["acd", "user", "external"], 2),
        (["user", "user"], 0),
        (["customer", "customer"], 0),
    ],
)
def test_a_flow_works_on_the_callers_data(clock: StoppedClock, present: list[str], caller: int) -> None:
    call = Conversation(clock=clock)
    for purpose in present:
        call.join(purpose)
    flow = call.start_flow()
    flow.set("a", "1")
    flow.end()
    assert [position for position, each in enumerate(call.participants) if each.attributes] == [caller]
    assert (call.participants[-1].purpose, call.participants[-1].id) == ("ivr", flow.id)
    assert call.participants[-1].ended == clock.now()


def test_a_flow_does_not_work_for_somebody_who_left(call: Conversation) -> None:
    call.leave(call.participants[0].id)
    with pytest.raises(ValueError, match="no customer, external or user"):
        call.start_flow()


def test_somebody_who_left_still_takes_writes(call: Conversation, clock: StoppedClock) -> None:
    customer = call.participants[0].id
    call.leave(customer)
    call.patch(customer, {"a": "1"})
    clock.advance(DELAY)
    assert attributes(call)["a"] == "1"


def test_leaving_twice_keeps_the_first_moment(call: Conversation, clock: StoppedClock) -> None:
    call.leave(call.participants[0].id)
    first = clock.now()
    clock.advance(1)
    call.end()
    assert (call.participants[0].ended, call.ended) == (first, first + 1)


def test_an_ended_conversation_stores_nothing(call: Conversation, clock: StoppedClock) -> None:
    call.end()
    call.patch(call.participants[0].id, {"a": "1"})
    clock.advance(DELAY)
    assert attributes(call) == {"line": "sales"}


@pytest.mark.parametrize(("chosen", "kept"), [("lost", {}), ("stored", {"a": "1"})])
def test_a_write_under_way_when_the_conversation_ends_is_lost_or_stored_as_chosen(
    clock: StoppedClock, chosen: str, kept: dict[str, str]
) -> None:
    behaviour = replace(Behaviour(write_delay=DELAY), pending_at_end=chosen)
    call = Conversation(clock=clock, behaviour=behaviour)
    call.patch(call.join("customer").id, {"a": "1"})
    call.end()
    clock.advance(DELAY)
    assert attributes(call) == kept


def test_what_is_due_is_stored_before_the_conversation_ends(call: Conversation, clock: StoppedClock) -> None:
    call.patch(call.participants[0].id, {"a": "1"})
    clock.advance(DELAY)
    call.end()
    assert attributes(call)["a"] == "1"


def test_running_flows_write_when_the_conversation_ends(call: Conversation) -> None:
    flow = call.start_flow()
    flow.set("a", "flow")
    call.end()
    assert attributes(call)["a"] == "flow"
    with pytest.raises(ValueError, match="has ended"):
        flow.set("a", "later")
    assert [each.ended for each in call.participants] == [call.ended, call.ended]


def test_a_conversation_ends_once(call: Conversation, clock: StoppedClock) -> None:
    call.end()
    first = call.ended
    clock.advance(1)
    call.end()
    assert call.ended == first


def test_an_ended_conversation_lets_nobody_in(call: Conversation) -> None:
    call.end()
    with pytest.raises(ValueError, match="has ended"):
        call.join("agent")
    with pytest.raises(ValueError, match="has ended"):
        call.start_flow()


@pytest.mark.parametrize("act", [lambda flow: flow.get("a"), lambda flow: flow.set("a", "1"), Flow.end])
def test_an_ended_flow_does_nothing_more(call: Conversation, act: object) -> None:
    flow = call.start_flow()
    assert call.flow(flow.id) is flow
    flow.end()
    with pytest.raises(ValueError, match="has ended"):
        act(flow)  # type: ignore[operator]
    with pytest.raises(KeyError):
        call.flow(flow.id)


def test_what_cannot_be_is_refused(call: Conversation) -> None:
    with pytest.raises(ValueError, match="purpose is one of acd, agent, customer"):
        call.join("caller")
    with pytest.raises(ValueError, match="media is one of callbacks, calls, emails, messages"):
        Conversation(media="voice")
    with pytest.raises(ValueError, match=r"in conversation .* already"):
        call.join("agent", participant_id=call.participants[0].id)
    with pytest.raises(KeyError):
        call.patch("00000000-0000-4000-8000-000000000000", {})


class Interleaving(RuleBasedStateMachine):
    """Any order of writes over REST, of flows' reads and writes, and of time passing.

    `last` is what each attribute must come to once everything has settled: whatever was accepted last decides, and the
    end of a flow is the moment at which all it holds is written.
    """

    def __init__(self) -> None:
        super().__init__()
        self.clock = StoppedClock()
        self.call = Conversation(clock=self.clock, behaviour=Behaviour(write_delay=DELAY))
        self.customer = self.call.join("customer").id
        self.agent = self.call.join("agent").id
        self.last: dict[str, str] = {}
        self.agents: dict[str, str] = {}
        self.flow: Flow | None = None
        self.held: dict[str, str] = {}

    @rule(written=ATTRIBUTES, delay=st.sampled_from([None, 0.0, 1.0, 5.0]))
    def write_to_the_customer(self, written: dict[str, str], delay: float | None) -> None:
        before = attributes(self.call)
        self.call.patch(self.customer, written, delay=delay)
        self.last.update(written)
        if delay != 0.0:
            assert attributes(self.call) == before

    @rule(written=ATTRIBUTES)
    def write_to_the_agent(self, written: dict[str, str]) -> None:
        self.call.patch(self.agent, written)
        self.agents.update(written)

    @rule(seconds=st.sampled_from([0.5, 1.0, 3.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @precondition(lambda self: self.flow is None)
    @rule()
    def flow_starts(self) -> None:
        self.flow = self.call.start_flow()

    @precondition(lambda self: self.flow is not None)
    @rule(name=NAMES, value=VALUES)
    def flow_sets(self, name: str, value: str) -> None:
        assert self.flow is not None
        self.flow.set(name, value)
        self.held[name] = value

    @precondition(lambda self: self.flow is not None)
    @rule(name=NAMES)
    def flow_gets(self, name: str) -> None:
        assert self.flow is not None
        value = self.flow.get(name)
        assert value == self.held.get(name, attributes(self.call).get(name))
        if value is not None:
            self.held[name] = value

    @precondition(lambda self: self.flow is not None)
    @rule()
    def flow_ends(self) -> None:
        assert self.flow is not None
        self.flow.end()
        assert attributes(self.call).items() >= self.held.items()
        self.last.update(self.held)
        self.flow, self.held = None, {}

    @invariant()
    def nothing_stands_there_that_nobody_wrote(self) -> None:
        assert attributes(self.call).keys() <= self.last.keys()

    def teardown(self) -> None:
        self.clock.advance(60)
        assert attributes(self.call) == self.last
        assert attributes(self.call, 1) == self.agents


TestInterleaving = Interleaving.TestCase
TestInterleaving.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)


@settings(deadline=None)
@given(written=ATTRIBUTES, meanwhile=ATTRIBUTES, wait=st.floats(0, 2 * DELAY))
def test_a_flow_that_ends_leaves_its_values_whenever_others_were_written(
    written: dict[str, str], meanwhile: dict[str, str], wait: float
) -> None:
    clock = StoppedClock()
    call = Conversation(clock=clock, behaviour=Behaviour(write_delay=DELAY))
    customer = call.join("customer").id
    flow = call.start_flow()
    for name, value in written.items():
        flow.set(name, value)
    call.patch(customer, meanwhile)
    clock.advance(wait)
    flow.end()
    clock.advance(DELAY)
    assert attributes(call) == {**meanwhile, **written}
