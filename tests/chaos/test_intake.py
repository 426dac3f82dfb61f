"""The intake double does as it is told; what it keeps is what the faults are judged by."""

from __future__ import annotations

from collections.abc import Iterator

import msgpack  # type: ignore[import-untyped]
import pytest
import urllib3

from tests.chaos.intake import Behaviour, Held, Intake

TRACE = 0x8F14E45FCEEA467FA34E7D5C3B2A1908
LOW = TRACE & (2**64 - 1)
CHUNK = [
    {
        "trace_id": LOW, "span_id": 10, "parent_id": 0, "name": "root",
        "meta": {"_dd.p.tid": f"{TRACE >> 64:016x}", "conversation.id": "c"},
    },
    {"trace_id": LOW, "span_id": 11, "parent_id": 10, "name": "child", "meta": {}},
]  # fmt: skip
ROOT = Held(f"{TRACE:032x}", f"{10:016x}", "", "root", "c")
CHILD = Held(f"{TRACE:032x}", f"{11:016x}", f"{10:016x}", "child", "")


@pytest.fixture
def intake() -> Iterator[Intake]:
    intake = Intake().start()
    yield intake
    intake.stop()


def put(intake: Intake, *chunks: object, count: str | None = None, path: str = "/v0.4/traces") -> int:
    """Send chunks as a tracer does, and return the status; 0 when there was no answer."""
    with urllib3.PoolManager(retries=False, timeout=5) as http:
        headers = {"X-Datadog-Trace-Count": str(len(chunks)) if count is None else count}
        try:
            return http.request("PUT", intake.url + path, body=msgpack.packb(chunks), headers=headers).status
        except urllib3.exceptions.HTTPError:
            return 0


@pytest.mark.parametrize(
    ("behaviour", "status", "kept"),
    [
        (Behaviour(), 200, 2),
        (Behaviour(delay=0.05), 200, 2),
        (Behaviour(status=429), 429, 0),
        (Behaviour(status=503), 503, 0),
        (Behaviour(reset=True), 0, 0),
        (Behaviour(reset=True, takes_first=True), 0, 2),
        (Behaviour(keeps=False), 200, 0),
    ],
)
def test_it_answers_and_keeps_as_told(intake: Intake, behaviour: Behaviour, status: int, kept: int) -> None:
    intake.behaviour = behaviour
    assert put(intake, CHUNK) == status
    assert intake.held() == [ROOT, CHILD][:kept]
    assert intake.failures() == ""


def test_it_keeps_what_it_took_while_it_is_away_and_comes_back_at_the_same_address(intake: Intake) -> None:
    assert put(intake, CHUNK) == 200
    intake.stop()
    assert put(intake, CHUNK) == 0
    intake.start()
    assert put(intake, CHUNK[:1]) == 200
    assert intake.held() == [ROOT, CHILD, ROOT]


@pytest.mark.parametrize(
    ("chunks", "count", "complaint"),
    [
        ([CHUNK], "2", "1 chunks, but told of 2"),
        ([CHUNK], "", "1 chunks, but told of "),
        ([[CHUNK[0], {**CHUNK[1], "trace_id": 1}]], "1", "a chunk of several traces"),
    ],
    ids=["miscounted", "not counted", "mixed"],
)
def test_it_complains_of_what_a_real_agent_would_not_take(
    intake: Intake, chunks: list[object], count: str, complaint: str
) -> None:
    put(intake, *chunks, count=count)
    assert complaint in intake.failures()


def test_it_knows_one_version_of_the_api(intake: Intake) -> None:
    assert put(intake, CHUNK, path="/v0.5/traces") == 404
    assert intake.held() == []
