"""What a fault is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.intake import Intake
from tests.chaos.processes import Site
from tests.chaos.world import CALLS_PER_SECOND, LIGHT_REQUESTS_PER_SECOND, World


class Fault:
    """Something that goes wrong.

    `done` says for the documentation what is done; `seconds` is for how long in a full run and `short`, where there is
    one, in a short one. `shell`, `settings` and `rates` are for `World`; a short run, in which all faults share one,
    has none of them.
    """

    name: str
    done: str
    seconds: float = 8
    short: float | None = None
    shell: str = ""
    rates: tuple[float, float] = (CALLS_PER_SECOND, LIGHT_REQUESTS_PER_SECOND)

    def settings(self, site: Site) -> dict[str, str]:
        """Return settings for the service."""
        return {}

    @contextmanager
    def world(self, site: Site) -> Iterator[World]:
        """Start the world that this fault is for."""
        intake = Intake().start()
        try:
            with World(site, intake, self.settings(site), shell=self.shell, rates=self.rates) as world:
                yield world
        finally:
            intake.stop()

    def strike(self, world: World, seconds: float) -> None:
        """Bring the fault about for so many seconds, while calls go on, and put things right again."""
        time.sleep(seconds)


def intake_of(world: World) -> Intake:
    """Return the intake double of a world that has one."""
    assert isinstance(world.sink, Intake)
    return world.sink
