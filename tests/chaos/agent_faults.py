"""Faults of the Datadog agent."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.fault import Fault, intake_of
from tests.chaos.intake import Behaviour
from tests.chaos.processes import Site, TestAgent
from tests.chaos.world import World


class AgentAway(Fault):
    """The agent ends for a while."""

    def __init__(self, seconds: float) -> None:
        self.name = f"the agent is away for {seconds:g} s"
        self.done = f"The agent ends, refuses connections for {seconds:g} seconds, and starts on the same port."
        self.seconds = seconds

    def strike(self, world: World, seconds: float) -> None:
        intake = intake_of(world)
        intake.stop()
        time.sleep(seconds)
        intake.start()


class AgentBehaves(Fault):
    """The agent is there, but does not take traces as it should."""

    behaviour: Behaviour

    def strike(self, world: World, seconds: float) -> None:
        intake = intake_of(world)
        intake.behaviour = self.behaviour
        time.sleep(seconds)
        intake.behaviour = Behaviour()


class AgentSlow(AgentBehaves):
    name = "the agent is slow"
    done = "The agent takes each payload three seconds late, later than its senders wait."
    seconds = 12
    behaviour = Behaviour(delay=3)


class AgentAnswers429(AgentBehaves):
    name = "the agent answers 429"
    done = "The agent refuses every payload with 429 for ten seconds."
    seconds = 10
    behaviour = Behaviour(status=429)


class AgentAnswers503(AgentBehaves):
    name = "the agent answers 503"
    done = "The agent refuses every payload with 503 for ten seconds."
    seconds = 10
    short = 2
    behaviour = Behaviour(status=503)


class AgentResets(AgentBehaves):
    name = "the agent resets connections"
    done = "The agent reads each payload, keeps nothing, and resets the connection."
    seconds = 6
    behaviour = Behaviour(reset=True)


class AnswerLost(AgentBehaves):
    name = "the agent's answers are lost"
    done = "The agent keeps each payload and resets the connection before it answers, so that all is sent again."
    seconds = 4
    short = 1
    behaviour = Behaviour(reset=True, takes_first=True)


class AgentFrozen(Fault):
    name = "Datadog's test agent is frozen"
    done = "SIGSTOP of Datadog's own test agent for six seconds, then SIGCONT."
    seconds = 6

    @contextmanager
    def world(self, site: Site) -> Iterator[World]:
        agent = TestAgent().start()
        try:
            with World(site, agent) as world:
                yield world
        finally:
            agent.stop()

    def strike(self, world: World, seconds: float) -> None:
        assert isinstance(world.sink, TestAgent)
        world.sink.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        world.sink.process.send_signal(signal.SIGCONT)
