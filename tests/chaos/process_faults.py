"""Faults of the service's own processes, its disks and its clock."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from tests.chaos.fault import Fault, intake_of
from tests.chaos.intake import Intake
from tests.chaos.processes import Site
from tests.chaos.world import World

CLOCK = Path(__file__).parent / "clock"
HOUR = 3600


class WorkerKilled(Fault):
    name = "a worker is killed"
    done = "SIGKILL of one of two workers, every two seconds."
    short = 2

    def strike(self, world: World, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            world.service.workers()[0].kill()
            time.sleep(2)


class AllKilled(Fault):
    name = "every process is killed while the agent is away"
    done = "The agent goes away; five seconds later SIGKILL of the master and all workers; both start again."
    seconds = 5
    short = 1.5

    def strike(self, world: World, seconds: float) -> None:
        intake = intake_of(world)
        intake.stop()
        time.sleep(seconds)
        world.note_losses()
        for process in (psutil.Process(world.service.process.pid), *world.service.workers()):
            process.kill()
        world.service.process.wait()
        world.service.start()
        intake.start()


class Replaced(Fault):
    name = "the dyno is replaced"
    done = "SIGTERM of all processes at once, as Heroku sends it; the successor starts with an empty disk."
    seconds = 2
    short = 0

    def strike(self, world: World, seconds: float) -> None:
        world.replace_service(0, same_disk=False)
        time.sleep(seconds)


class RollingRestart(Fault):
    name = "rolling restart"
    done = "SIGHUP of the master, every four seconds: new workers, then the old ones end."
    short = 2

    def strike(self, world: World, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            world.service.process.send_signal(signal.SIGHUP)
            time.sleep(min(seconds, 4))


class ServiceDown(Fault):
    name = "the whole service is down for a minute"
    done = "Every process ends; the service starts again a minute later, on the same disk."
    seconds = 60
    short = 2

    def strike(self, world: World, seconds: float) -> None:
        world.replace_service(seconds, same_disk=True)


class LogsFull(Fault):
    name = "logs cannot be written"
    done = "Standard output and error lead to a full device, `/dev/full`."
    seconds = 6
    shell = "exec >/dev/full 2>&1"


class JournalFull(Fault):
    name = "the journal's disk is full"
    done = "The journal lies on a file system of 256 kB, which fills while the agent is away for eight seconds."

    @contextmanager
    def world(self, site: Site) -> Iterator[World]:
        with ExitStack() as stack:
            intake = Intake().start()
            stack.callback(intake.stop)
            folder = site.folder / "tiny"
            folder.mkdir()
            shell = ""
            mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
            if subprocess.run(mount, check=False, capture_output=True).returncode == 0:
                stack.callback(subprocess.run, ["umount", str(folder)], check=True)
            else:
                shell = "exec >/dev/null 2>&1; ulimit -f 128"  # in blocks of 512 bytes, and for every file it writes
            yield stack.enter_context(World(site, intake, {"CALLSPAN_JOURNAL_DIR": str(folder)}, shell=shell))

    def strike(self, world: World, seconds: float) -> None:
        intake = intake_of(world)
        intake.stop()
        time.sleep(seconds)
        folder = Path(world.settings["CALLSPAN_JOURNAL_DIR"])
        world.notes["journal"] = f"{sum(path.stat().st_size for path in folder.rglob('*') if path.is_file())} bytes"
        intake.start()


class ClockStepped(Fault):
    name = "the clock steps by an hour"
    done = (
        "The service's wall clock (in Python; the system's stays) goes an hour ahead, back, an hour behind, and back."
    )

    def settings(self, site: Site) -> dict[str, str]:
        clock = site.folder / "clock"
        clock.write_text("0")
        path = os.pathsep.join(filter(None, [str(CLOCK), os.environ.get("PYTHONPATH", "")]))
        return {"PYTHONPATH": path, "CHAOS_CLOCK": str(clock)}

    def strike(self, world: World, seconds: float) -> None:
        clock = Path(world.settings["CHAOS_CLOCK"])
        for step in (HOUR, 0, -HOUR, 0):
            # In one step, as a file that is being written is empty for a moment.
            new = clock.with_suffix(".new")
            new.write_text(str(step))
            new.replace(clock)
            time.sleep(seconds / 4)
