"""The short form of `make chaos`: faults one after the other, in one world, while calls go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from architect.runner import Transcript
from tests.chaos import report
from tests.chaos.faults import FAULTS
from tests.chaos.intake import Behaviour, Held, Intake
from tests.chaos.ledger import Ledger
from tests.chaos.processes import Site
from tests.chaos.result import read
from tests.chaos.world import World

SHORT = [fault for fault in FAULTS if fault.short is not None]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site.new() as site:
        yield site


@pytest.fixture
def intake() -> Iterator[Intake]:
    intake = Intake().start()
    yield intake
    intake.stop()


def test_through_one_fault_after_the_other_every_call_is_tagged_and_nothing_acknowledged_is_lost(
    site: Site, intake: Intake, figure: Callable[[str], None]
) -> None:
    with World(site, intake) as world:
        for fault in SHORT:
            with world.struck(fault.name):
                fault.strike(world, fault.short or 0)
        result = world.result("all")
        assert result.problems == []
        assert result.tagged == result.calls > 50
        assert world.blame() == {}, world.service.output()
        assert result.complete == result.calls
        assert result.counted == 0
        assert result.events_refused == {}
        assert set(result.errors) <= {"no answer", "timeout", "503"}
        assert result.tracebacks == 0, world.service.output()
    figure(f"{result.calls} calls through {len(SHORT)} faults, {result.tagged_by_flow} tagged by their flow alone")


def test_an_agent_that_forgets_what_it_took_is_found_out(site: Site, intake: Intake) -> None:
    intake.behaviour = Behaviour(keeps=False)
    with World(site, intake, quiet=2) as world:
        with world.struck("forgetful"):
            pass
        result = world.result("forgetful")
    assert result.tagged == result.calls > 0
    assert result.complete == 0
    assert result.lost_spans == result.promised > 100


CALL = "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"
TRACE = CALL.replace("-", "")
ROOT = Held(TRACE, TRACE[:16], "", "genesys.conversation", CALL)
START = Held(TRACE, "00000000000000aa", TRACE[:16], "callspan.start", CALL)
STORED = {
    "traceparent": f"00-{TRACE}-{TRACE[:16]}-01",
    "dd_trace_id": TRACE,
    "dd_trace_url": f"https://app.datadoghq.com/apm/trace/{TRACE}",
    "priority": "normal",
    "line": "sales",
    "callspan_source": "service",
}


def ledger_of(stored: dict[str, str]) -> Ledger:
    ledger = Ledger()
    ledger.play(CALL, Transcript("flow", "inboundCall", in_order=True, stored=stored))
    ledger.promise(CALL, "genesys.conversation", "callspan.start")
    return ledger


@pytest.mark.parametrize(
    ("held", "lost", "complete"),
    [
        ([ROOT, START], [], 1),
        ([START, ROOT, START], [], 1),
        ([ROOT], ["callspan.start"], 0),
        ([ROOT, START._replace(conversation="other")], ["callspan.start"], 0),
        ([ROOT, START._replace(trace_id="0" * 32)], [], 0),
        ([ROOT, START._replace(parent_id="00000000000000bb")], [], 0),
        ([ROOT, START, ROOT._replace(span_id="00000000000000cc")], [], 0),
    ],
    ids=["whole", "repeated", "lost", "other call", "other trace", "orphan", "second root"],
)
def test_the_ledger_sees_what_is_wrong_with_a_trace(held: list[Held], lost: list[str], complete: int) -> None:
    account = ledger_of(STORED).account(held)
    assert (sorted(account.lost), account.complete) == (lost, complete)


@pytest.mark.parametrize("name", STORED)
def test_the_ledger_sees_a_call_without_one_of_its_tags(name: str) -> None:
    account = ledger_of({**STORED, name: "other"}).account([ROOT, START])
    assert (account.calls, account.tagged) == (1, 0)


def test_the_page_is_made_from_the_last_full_run() -> None:
    """`python -m tests.chaos.report` writes it again."""
    results = read(report.RESULTS)
    assert [result.fault for result in results] == [fault.name for fault in FAULTS]
    assert report.page(results, report.PAGE.read_text()) == report.PAGE.read_text()
