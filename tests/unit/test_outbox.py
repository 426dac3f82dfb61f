from __future__ import annotations

import dataclasses
import errno
import os
import signal
import time
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import outbox as outbox_module
from app.identity import TraceContext
from app.outbox import BATCH, MAX_BYTES, Outbox
from app.segment import SUFFIX, Segment, orphans, size_of
from app.span import MAX_AGE_MS, FinishedSpan
from architect.sandbox import wait_for
from tests.unit.test_shared import in_process

LINK = TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")


def span(**changes: object) -> FinishedSpan:
    now = time.time_ns()
    made = FinishedSpan(
        "callspan.start",
        "start-call-trace",
        uuid.uuid4().hex,
        uuid.uuid4().hex[:16],
        "",
        now,
        now + 1,
        {"a": "é\n\ud800"},
    )
    return dataclasses.replace(made, **changes)


class Agent:
    """Takes spans, or does not."""

    def __init__(self) -> None:
        self.away = False
        self.spans: list[FinishedSpan] = []
        self.batches: list[int] = []
        self.lost = 0

    def deliver(self, spans: list[FinishedSpan]) -> bool:
        if self.away:
            return False
        self.spans += spans
        self.batches.append(len(spans))
        return True

    def lose(self, spans: int) -> None:
        self.lost += spans

    def outbox(self, folder: Path | None) -> Outbox:
        return Outbox(self.deliver, self.lose, folder)


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Agent:
    monkeypatch.setattr(outbox_module, "INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(outbox_module, "RETRY_SECONDS", 0.02)
    monkeypatch.setattr(outbox_module, "ADOPT_SECONDS", 0.05)
    return Agent()


@pytest.fixture(params=["folder", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path if request.param == "folder" else None


IDS = st.text("0123456789abcdef", min_size=16, max_size=16)
SPANS = st.builds(
    FinishedSpan,
    st.text(), st.text(), IDS, IDS, IDS | st.just(""), st.integers(0, 2**62), st.integers(0, 2**62),
    st.dictionaries(st.text(), st.text()), st.text(), st.booleans(), st.sampled_from([None, LINK]),
)  # fmt: skip


@given(SPANS)
def test_a_span_is_one_line_and_the_same_when_read_again(given_span: FinishedSpan) -> None:
    line = given_span.to_line()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert FinishedSpan.from_line(line) == given_span


@pytest.mark.parametrize(
    "line",
    [
        b"[1]", b"[]", b"{}", b"null", b"[" * 9000, b'["a", "b", "x", "y", "z", 0, 0, {}, "", false, ""]',
        b'["a", "b", "1", "2", "", "0", 0, {}, "", false, ""]', b'["a", "b", "1", "2", "", 0, 0, [], "", false, ""]',
        b'["a", "b", "1", "2", "", 0, 0, {}, "", false, 1]', b'["a", "b", "1", "2", "", 0, 0, {}, "", false, "x"]',
    ],
)  # fmt: skip
def test_a_damaged_line_is_no_span(line: bytes) -> None:
    """It would end the thread that delivers, and cost every span after it."""
    assert FinishedSpan.from_line(line) is None


@given(SPANS, st.integers(1, 60))
def test_a_line_that_was_cut_off_is_no_span(given_span: FinishedSpan, missing: int) -> None:
    assert FinishedSpan.from_line(given_span.to_line()[: -1 - missing]) is None


def test_spans_are_delivered_in_order_and_in_batches(agent: Agent, folder: Path | None) -> None:
    outbox = agent.outbox(folder)
    spans = [span() for _ in range(2 * BATCH + 3)]
    for each in spans:
        outbox.put(each)
    assert outbox.waiting_bytes() == sum(len(each.to_line()) for each in spans)
    outbox.start()
    wait_for("the spans", lambda: len(agent.spans) == len(spans) or None)
    wait_for("their files to go", lambda: outbox.waiting_bytes() == 0 or None)
    outbox.stop()
    assert agent.spans == spans
    assert agent.batches == [BATCH, BATCH, 3]


def test_what_the_agent_does_not_take_is_delivered_when_it_is_back(agent: Agent, folder: Path | None) -> None:
    agent.away = True
    outbox = agent.outbox(folder)
    outbox.start()
    spans = []
    for _ in range(20):
        spans.append(span())
        outbox.put(spans[-1])
        time.sleep(0.005)
    agent.away = False
    wait_for("the spans", lambda: len(agent.spans) >= len(spans) or None)
    outbox.stop()
    assert agent.spans == spans
    assert agent.lost == 0


def test_what_was_taken_before_the_agent_went_away_is_not_delivered_again(agent: Agent, folder: Path | None) -> None:
    outbox = agent.outbox(folder)
    for _ in range(3 * BATCH):
        outbox.put(span())
    deliver, calls = agent.deliver, []

    def flaky(spans: list[FinishedSpan]) -> bool:
        calls.append(len(spans))
        return False if len(calls) == 2 else deliver(spans)

    outbox._deliver = flaky
    assert outbox._deliver_all() is False
    assert outbox._deliver_all() is True
    assert calls == [BATCH] * 4
    assert len({each.span_id for each in agent.spans}) == 3 * BATCH


def test_the_spans_of_a_killed_process_are_taken_over_by_another(agent: Agent, tmp_path: Path) -> None:
    living = agent.outbox(tmp_path)
    living.start()
    spans = [span() for _ in range(50)]
    marker = tmp_path / "written"

    def write_and_hang() -> bool:
        outbox = Outbox(lambda _: False, lambda _: None, tmp_path)
        for each in spans:
            outbox.put(each)
        marker.touch()
        time.sleep(60)
        return True

    child = in_process(write_and_hang)
    wait_for("the process to write", lambda: marker.exists() or None)
    time.sleep(0.2)
    assert agent.spans == [], "a file in use is left alone"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    wait_for("the spans", lambda: len(agent.spans) == 50 or None)
    living.stop()
    assert agent.spans == spans
    assert list(tmp_path.glob(f"*{SUFFIX}")) == []


def test_a_stop_delivers_what_waits_and_leaves_no_file(agent: Agent, folder: Path | None) -> None:
    outbox = agent.outbox(folder)
    outbox.start()
    outbox.put(span())
    outbox.stop()
    assert len(agent.spans) == 1
    assert folder is None or list(folder.iterdir()) == []


def test_a_stop_while_the_agent_is_away_keeps_files_and_counts_what_had_none(
    agent: Agent, folder: Path | None, tmp_path: Path
) -> None:
    agent.away = True
    outbox = agent.outbox(folder)
    spans = [span() for _ in range(7)]
    for each in spans:
        outbox.put(each)
    outbox.start()
    outbox.stop()
    assert agent.lost == (0 if folder else 7)
    agent.away = False
    successor = agent.outbox(tmp_path)
    successor.start()
    if folder:
        wait_for("the spans", lambda: agent.spans == spans or None)
    successor.stop()


def test_no_more_is_kept_than_there_is_room_for(
    agent: Agent, folder: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "MAX_BYTES", 1000)
    assert MAX_BYTES > 10**7
    outbox = agent.outbox(folder)
    spans = [span(tags={"n": "x" * 100}) for _ in range(10)]
    for each in spans:
        outbox.put(each)
    assert 0 < outbox.waiting_bytes() <= 1000
    outbox._deliver_all()
    assert len(agent.spans) + agent.lost == 10
    assert agent.lost > 0


def test_what_is_too_old_for_datadog_is_counted_and_not_sent(agent: Agent, folder: Path | None) -> None:
    outbox = agent.outbox(folder)
    outbox.put(span(started_ns=time.time_ns() - (MAX_AGE_MS + 60_000) * 1_000_000))
    young = span(started_ns=time.time_ns() - (MAX_AGE_MS - 60_000) * 1_000_000)
    outbox.put(young)
    assert outbox._deliver_all() is True
    assert (agent.spans, agent.lost) == ([young], 1)


def test_a_full_disk_costs_no_span(agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of a line may still fit; what is left of it in the file is passed over."""
    outbox = agent.outbox(tmp_path)
    spans = [span() for _ in range(4)]
    outbox.put(spans[0])
    write = os.write
    room = [20]

    def full(descriptor: int, data: bytes) -> int:
        if room:
            return write(descriptor, data[: room.pop()])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("app.segment.os.write", full)
    for each in spans[1:3]:
        outbox.put(each)
    monkeypatch.undo()
    outbox.put(spans[3])
    outbox._deliver_all()
    assert sorted(each.span_id for each in agent.spans) == sorted(each.span_id for each in spans)


def test_a_folder_that_cannot_be_written_to_costs_no_span(agent: Agent, tmp_path: Path) -> None:
    outbox = agent.outbox(tmp_path / "gone")
    outbox.put(span())
    assert outbox._deliver_all() is True
    assert len(agent.spans) == 1


def test_a_process_does_not_take_its_own_files_for_orphans(tmp_path: Path) -> None:
    segment = Segment(tmp_path)
    segment.append(b"[]\n")
    assert list(orphans(tmp_path)) == []
    assert size_of(tmp_path) == 3
    segment.release()
    (orphan,) = orphans(tmp_path)
    assert orphan.size == 3
    orphan.delete()
