"""The faults: what can go wrong around Callspan, each brought about as it would happen."""

from __future__ import annotations

from tests.chaos.agent_faults import (
    AgentAnswers429,
    AgentAnswers503,
    AgentAway,
    AgentFrozen,
    AgentResets,
    AgentSlow,
    AnswerLost,
)
from tests.chaos.client_faults import EventsInDisorder, HalfOpen, Saturated, SlowReaders, TokenEndpointAway
from tests.chaos.fault import Fault
from tests.chaos.process_faults import (
    AllKilled,
    ClockStepped,
    JournalFull,
    LogsFull,
    Replaced,
    RollingRestart,
    ServiceDown,
    WorkerKilled,
)


class Nothing(Fault):
    name = "nothing"
    done = "Nothing: what all others are compared with."
    short = 1


FAULTS: tuple[Fault, ...] = (
    Nothing(),
    WorkerKilled(),
    AllKilled(),
    Replaced(),
    RollingRestart(),
    AgentAway(2),
    AgentAway(15),
    AgentAway(60),
    AgentSlow(),
    AgentAnswers429(),
    AgentAnswers503(),
    AgentResets(),
    AnswerLost(),
    AgentFrozen(),
    LogsFull(),
    JournalFull(),
    ClockStepped(),
    Saturated(),
    SlowReaders(),
    HalfOpen(),
    TokenEndpointAway(),
    EventsInDisorder(),
    ServiceDown(),
)
