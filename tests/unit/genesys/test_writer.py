"""The writer on a conversation as the stand-in keeps it, in time that passes only when somebody waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.genesys.budget import Budget
from app.genesys.conversation import Conversation, read_conversation
from app.genesys.errors import PlatformError, TimedOutError, UnavailableError
from app.genesys.writer import MISSING, OVERWRITTEN, PERSISTED, READ_BACK, AttributeWriter, outcome
from architect.emulator.platform import Behaviour, StoppedClock, documents
from architect.emulator.platform import Conversation as Kept
from tests.conftest import CONVERSATION


@dataclass
class World:
    """A conversation, what else happens to it and when (seconds from the beginning), and the platform's own faults."""

    behaviour: Behaviour
    happens: list[tuple[float, Callable[[], object]]] = field(default_factory=list)
    failures: list[PlatformError | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = StoppedClock()
        self.began = self.clock.now()
        self.kept = Kept(CONVERSATION, clock=self.clock, behaviour=self.behaviour)
        self.customer = self.kept.join("customer")
        self.patches: list[Mapping[str, str]] = []
        self.readings = 0

    def sleep(self, seconds: float) -> None:
        until = self.clock.now() + seconds
        coming = sorted(self.happens, key=lambda each: each[0])
        due = [each for each in coming if self.began + each[0] <= until]
        self.happens = coming[len(due) :]
        for moment, happen in due:
            self.clock.advance(max(0.0, self.began + moment - self.clock.now()))
            happen()
        self.clock.advance(max(0.0, until - self.clock.now()))

    def conversation(self, *_: object) -> Conversation:
        self.readings += 1
        failure = self.failures.pop(0) if self.failures else None
        if failure:
            raise failure
        return read_conversation(documents.conversation(self.kept))

    def set_attributes(self, _: str, participant_id: str, attributes: Mapping[str, str], __: Budget) -> None:
        self.patches.append(attributes)
        self.kept.patch(participant_id, attributes)

    def write(self, seconds: float = 10, **wanted: str) -> Mapping[str, str]:
        writer = AttributeWriter(self)
        budget = Budget(seconds, self.clock.now, self.sleep)
        participant = writer.find(CONVERSATION, budget).participant
        self.readings = 1
        written = writer.put(CONVERSATION, participant, wanted, budget)
        self.attempts = written.attempts
        assert budget.spent < seconds
        return written.outcomes

    @property
    def stored(self) -> Mapping[str, str]:
        return self.kept.participant(self.customer.id).attributes


def test_a_write_is_read_back_until_it_is_there() -> None:
    world = World(Behaviour(write_delay=4))
    assert world.write(priority="high", line="sales") == {"priority": PERSISTED, "line": PERSISTED}
    assert world.attempts == world.readings == 1 + 4
    assert world.clock.now() - world.began == pytest.approx(sum(READ_BACK[:4]))


def test_what_is_there_already_is_not_written_again() -> None:
    world = World(Behaviour(write_delay=0))
    world.kept.patch(world.customer.id, {"priority": "high"})
    assert world.write(priority="high") == {"priority": PERSISTED}
    assert world.patches == []
    assert world.write(priority="high", line="sales") == {"priority": PERSISTED, "line": PERSISTED}
    assert world.patches == [{"line": "sales"}]


def test_a_write_that_never_shows_is_missing_after_the_whole_budget() -> None:
    world = World(Behaviour(write_delay=60))
    world.customer.attributes["line"] = "old"
    assert world.write(priority="high", line="sales") == {"priority": MISSING, "line": MISSING}
    assert 9 < world.clock.now() - world.began < 10


def test_a_flow_that_ends_overwrites_what_was_written_meanwhile() -> None:
    world = World(Behaviour(write_delay=3))
    flow = world.kept.start_flow()
    flow.set("priority", "normal")
    world.happens = [(3.5, flow.end)]
    assert world.write(priority="high", line="sales") == {"priority": OVERWRITTEN, "line": PERSISTED}


def test_the_value_from_before_is_overwritten_when_ours_had_been_there() -> None:
    assert outcome("new", "old", ["new", "old"]) == OVERWRITTEN
    assert outcome("new", "old", ["old", "old"]) == MISSING
    assert outcome("new", "old", ["old", None]) == MISSING
    assert outcome("new", None, ["other", "new"]) == PERSISTED


def test_a_write_that_could_not_be_read_back_is_an_error_that_says_it_was_accepted() -> None:
    world = World(Behaviour(), failures=[None, UnavailableError("away")])
    with pytest.raises(UnavailableError) as caught:
        world.write(priority="high")
    assert caught.value.accepted
    world = World(Behaviour(), failures=[UnavailableError("away")])
    with pytest.raises(UnavailableError) as before:
        world.write(priority="high")
    assert not before.value.accepted


def test_a_conversation_that_can_be_read_no_more_is_reported_as_it_was_seen_last() -> None:
    world = World(Behaviour(write_delay=2), failures=[None, None, TimedOutError("slow")])
    assert world.write(priority="high") == {"priority": MISSING}


@pytest.mark.parametrize(("delay", "what"), [(0.0, PERSISTED), (0.1, MISSING)])
def test_a_budget_too_short_to_wait_still_reads_once(delay: float, what: str) -> None:
    world = World(Behaviour(write_delay=delay))
    assert world.write(0.2, priority="high") == {"priority": what}
    assert world.attempts == 2


names = st.sampled_from(["priority", "line", "tier"])
values = st.sampled_from(["", "a", "b", "c"])
sets = st.dictionaries(names, values, min_size=1)
moments = st.floats(0, 12)
happenings = st.tuples(moments, sets, st.sampled_from(["flow sets", "flow gets", "rest"]))


@given(
    before=st.dictionaries(names, values),
    wanted=sets,
    behaviour=st.builds(
        Behaviour,
        write_delay=st.sampled_from([0.0, 0.2, 0.5, 2.0, 6.0, 30.0]),
        flow_holds_reads=st.booleans(),
        pending_at_end=st.sampled_from(["lost", "stored"]),
    ),
    flow_type=st.sampled_from(["inboundCall", "inboundShortMessage"]),
    others=st.lists(happenings, max_size=6),
    ends=st.tuples(st.none() | moments, st.none() | moments),
    budget=st.floats(1, 20),
)
def test_the_report_is_always_what_the_platform_keeps_at_that_moment(
    before: dict[str, str],
    wanted: dict[str, str],
    behaviour: Behaviour,
    flow_type: str,
    others: list[tuple[float, dict[str, str], str]],
    ends: tuple[float | None, float | None],
    budget: float,
) -> None:
    world = World(behaviour)
    world.customer.attributes.update(before)
    flow = world.kept.start_flow(flow_type)
    running = True

    def act(pairs: dict[str, str], kind: str) -> None:
        for name, value in pairs.items():
            if kind == "rest":
                world.kept.patch(world.customer.id, {name: value})
            elif running and kind == "flow sets":
                flow.set(name, value)
            elif running:
                flow.get(name)

    def end_flow() -> None:
        nonlocal running
        if running:
            flow.end()
        running = False

    def end_conversation() -> None:
        nonlocal running
        world.kept.end()
        running = False

    world.happens = [(moment, lambda p=pairs, k=kind: act(p, k)) for moment, pairs, kind in others]
    world.happens += [
        (moment, end) for moment, end in zip(ends, (end_flow, end_conversation), strict=True) if moment is not None
    ]
    report = world.write(budget, **wanted)
    assert report.keys() == wanted.keys()
    for name, what in report.items():
        assert (what == PERSISTED) == (world.stored.get(name) == wanted[name])
        assert what != OVERWRITTEN or name in world.stored
        assert what != MISSING or world.stored.get(name) == before.get(name) or name not in world.stored
