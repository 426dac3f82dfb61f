from __future__ import annotations

import dataclasses
import errno
import io
import os
import signal
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import outbox as outbox_module
from app.outbox import BATCH, MAX_BYTES, Outbox, UnreadableError
from app.record import Record, read_records
from app.segment import SUFFIX, Segment, orphans, size_of
from app.span import MAX_AGE_MS, Encoder, FinishedSpan, Origin
from architect.sandbox import wait_for
from tests.unit.test_shared import in_process

ENCODER = Encoder(Origin("callspan"))


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


def chunk(made: FinishedSpan) -> bytes:
    """Return what the agent is to get of a span."""
    return ENCODER.encode([made])


class Agent:
    """Takes chunks, or does not."""

    def __init__(self) -> None:
        self.away = False
        self.chunks: list[bytes] = []
        self.batches: list[int] = []
        self.lost = 0
        self.unreadable: set[bytes] = set()

    def deliver(self, chunks: Sequence[bytes]) -> bool:
        if self.away:
            return False
        if not self.unreadable.isdisjoint(chunks):
            raise UnreadableError("no chunk")
        self.chunks += chunks
        self.batches.append(len(chunks))
        return True

    def lose(self, spans: int) -> None:
        self.lost += spans

    def outbox(self, folder: Path | None) -> Outbox:
        return Outbox(ENCODER.encode, self.deliver, self.lose, folder)


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Agent:
    monkeypatch.setattr(outbox_module, "INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(outbox_module, "RETRY_SECONDS", 0.02)
    monkeypatch.setattr(outbox_module, "ADOPT_SECONDS", 0.05)
    return Agent()


@pytest.fixture(params=["folder", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path if request.param == "folder" else None


RECORDS = st.lists(
    st.builds(Record, st.binary(min_size=200, max_size=300), st.integers(1, 2), st.integers(0, 2**62)), max_size=5
)


def read(data: bytes) -> list[Record]:
    return list(read_records(io.BytesIO(data), len(data)))


@given(RECORDS)
def test_records_are_the_same_when_they_are_read_again(records: list[Record]) -> None:
    data = b"".join(record.to_bytes() for record in records)
    assert len(data) == sum(record.size for record in records)
    assert read(data) == records


@given(RECORDS, st.integers(1, 500))
def test_a_record_that_was_cut_off_is_none_and_costs_no_other(records: list[Record], missing: int) -> None:
    data = b"".join(record.to_bytes() for record in records)[:-missing]
    found = read(data)
    whole = [record for record in found if record.chunk]
    assert whole == records[: len(whole)]
    assert sum(record.size for record in whole) <= len(data)
    assert len(found) - len(whole) <= 1


@given(RECORDS, st.integers(0, 2000), st.integers(1, 255))
def test_a_record_with_a_changed_byte_is_none(records: list[Record], at: int, change: int) -> None:
    """It could be a span of nobody's, or end the thread that delivers."""
    data = bytearray(b"".join(record.to_bytes() for record in records))
    if data:
        data[at % len(data)] ^= change
        found = [record for record in read(bytes(data)) if record.chunk]
        assert len(found) < len(records)
        assert all(record in records for record in found)


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"\xff" * 100, b"x", b'["callspan.start"]\n'])
def test_a_file_of_something_else_has_no_records(data: bytes) -> None:
    assert [record for record in read(data) if record.chunk] == []


def test_spans_are_delivered_in_order_and_in_batches(agent: Agent, folder: Path | None) -> None:
    outbox = agent.outbox(folder)
    spans = [span() for _ in range(2 * BATCH + 3)]
    for each in spans:
        outbox.put(each)
    assert outbox.waiting_bytes() == sum(Record(chunk(each), 1, each.started_ns).size for each in spans)
    outbox.start()
    wait_for("the spans", lambda: len(agent.chunks) == len(spans) or None)
    wait_for("their files to go", lambda: outbox.waiting_bytes() == 0 or None)
    outbox.stop()
    assert agent.chunks == [chunk(each) for each in spans]
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
    wait_for("the spans", lambda: len(agent.chunks) >= len(spans) or None)
    outbox.stop()
    assert agent.chunks == [chunk(each) for each in spans]
    assert agent.lost == 0


def test_what_was_taken_before_the_agent_went_away_is_not_delivered_again(agent: Agent, folder: Path | None) -> None:
    outbox = agent.outbox(folder)
    for _ in range(3 * BATCH):
        outbox.put(span())
    deliver, calls = agent.deliver, []

    def flaky(chunks: Sequence[bytes]) -> bool:
        calls.append(len(chunks))
        return False if len(calls) == 2 else deliver(chunks)

    outbox._deliver = flaky
    assert outbox._deliver_all() is False
    assert outbox._deliver_all() is True
    assert calls == [BATCH] * 4
    assert len(set(agent.chunks)) == len(agent.chunks) == 3 * BATCH


def test_the_spans_of_a_killed_process_are_taken_over_by_another(agent: Agent, tmp_path: Path) -> None:
    living = agent.outbox(tmp_path)
    living.start()
    spans = [span() for _ in range(50)]
    marker = tmp_path / "written"

    def write_and_hang() -> bool:
        outbox = Outbox(ENCODER.encode, lambda _: False, lambda _: None, tmp_path)
        for each in spans:
            outbox.put(each)
        marker.touch()
        time.sleep(60)
        return True

    child = in_process(write_and_hang)
    wait_for("the process to write", lambda: marker.exists() or None)
    time.sleep(0.2)
    assert agent.chunks == [], "a file in use is left alone"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    wait_for("the spans", lambda: len(agent.chunks) == 50 or None)
    living.stop()
    assert agent.chunks == [chunk(each) for each in spans]
    assert list(tmp_path.glob(f"*{SUFFIX}")) == []


def test_a_stop_delivers_what_waits_and_leaves_no_file(agent: Agent, folder: Path | None) -> None:
    outbox = agent.outbox(folder)
    outbox.start()
    outbox.put(span())
    outbox.stop()
    assert len(agent.chunks) == 1
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
        wait_for("the spans", lambda: agent.chunks == [chunk(each) for each in spans] or None)
    successor.stop()


def test_no_more_is_kept_than_there_is_room_for(
    agent: Agent, folder: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "MAX_BYTES", 2000)
    assert MAX_BYTES > 10**7
    outbox = agent.outbox(folder)
    spans = [span(tags={"n": "x" * 100}) for _ in range(10)]
    for each in spans:
        outbox.put(each)
    assert 0 < outbox.waiting_bytes() <= 2000
    outbox._deliver_all()
    assert len(agent.chunks) + agent.lost == 10
    assert agent.lost > 0


def test_what_is_too_old_for_datadog_is_counted_and_not_sent(agent: Agent, folder: Path | None) -> None:
    outbox = agent.outbox(folder)
    outbox.put(span(started_ns=time.time_ns() - (MAX_AGE_MS + 60_000) * 1_000_000))
    young = span(started_ns=time.time_ns() - (MAX_AGE_MS - 60_000) * 1_000_000)
    outbox.put(young)
    assert outbox._deliver_all() is True
    assert (agent.chunks, agent.lost) == ([chunk(young)], 1)


def test_a_full_disk_costs_no_span(agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of a record may still fit; what is left of it in the file is passed over."""
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
    assert sorted(agent.chunks) == sorted(map(chunk, spans))


def test_a_folder_that_cannot_be_written_to_costs_no_span(agent: Agent, tmp_path: Path) -> None:
    outbox = agent.outbox(tmp_path / "gone")
    outbox.put(span())
    assert outbox._deliver_all() is True
    assert len(agent.chunks) == 1


def test_a_process_does_not_take_its_own_files_for_orphans(tmp_path: Path) -> None:
    segment = Segment(tmp_path)
    record = Record(b"x" * 100, 1, 0)
    segment.append([record])
    assert list(orphans(tmp_path)) == []
    assert size_of(tmp_path) == record.size
    segment.release()
    (orphan,) = orphans(tmp_path)
    assert orphan.size == record.size
    orphan.delete()


def test_spans_of_one_trace_leave_in_one_piece_and_of_another_in_another(agent: Agent, folder: Path | None) -> None:
    outbox = agent.outbox(folder)
    first, other = span(), span()
    second = dataclasses.replace(first, span_id=uuid.uuid4().hex[:16])
    outbox.put(first, other, second)
    outbox._deliver_all()
    assert agent.chunks == [ENCODER.encode([first, second]), chunk(other)]


def test_what_can_never_be_sent_is_given_up_alone(agent: Agent, folder: Path | None) -> None:
    """Or it would hold up every span behind it for as long as the service runs."""
    outbox = agent.outbox(folder)
    spans = [span() for _ in range(5)]
    agent.unreadable = {chunk(spans[2])}
    for each in spans:
        outbox.put(each)
    assert outbox._deliver_all() is True
    assert agent.chunks == [chunk(each) for each in spans if each is not spans[2]]
    assert agent.lost == 1


def leave(folder: Path) -> None:
    """Leave a file with one span, as a process that was killed does."""
    left = Segment(folder)
    left.append([Record(chunk(span()), 1, time.time_ns())])
    left.release()


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "later"])
def test_what_others_left_is_delivered_by_a_process_that_ends(
    agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    """The disk may go with the service."""
    monkeypatch.setattr(outbox_module, "ADOPT_SECONDS", 3600)
    leave(tmp_path)
    outbox = agent.outbox(tmp_path)
    if at_once:
        outbox._stopping.set()
    outbox.start()
    if not at_once:
        wait_for("the first span", lambda: len(agent.chunks) == 1 or None)
        leave(tmp_path)
    outbox.stop()
    assert len(agent.chunks) == 2 - at_once
    assert list(tmp_path.iterdir()) == []
