from __future__ import annotations

import doctest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from architect.timeline import Timeline, draw, drawing, timeline_of
from architect.timeline.drawing import ASCII, UNICODE, duration_text, glyphs_for
from tests.conftest import CONVERSATION, TRACEPARENT
from tests.unit.timeline.spans import ROOT, a_call, span


def timeline(spans: list[dict[str, Any]]) -> Timeline:
    found = timeline_of(spans, CONVERSATION, TRACEPARENT)
    assert found is not None
    return found


EIGHTY_COLUMNS = """\
conversation  8f14e45f-ceea-467f-a34e-7d5c3b2a1908
trace         8f14e45fceea467fa34e7d5c3b2a1908
traceparent   00-8f14e45fceea467fa34e7d5c3b2a1908-8f14e45fceea467f-01
started       2026-11-22 17:21:08.000 UTC, lasted 1m 55s
tags          line=sales priority=normal

span                         starts    lasts  0 s   1m 55s
conversation inbound voice      0 s   1m 55s  ━━━━━━━━━━━━
├─ start                     100 ms        ◆  ◆···········
├─ milestone billing asked    1.0 s    20 ms  ▓···········  ERROR
├─ milestone menu left        2.0 s    20 ms  ━···········  menu=two
├─ queue                     10.0 s   40.0 s  ·━━━━━······  answered transfer 2x
└─ agent                     50.0 s   1m 05s  ·····━━━━━━━  peer
   └─ agent.held             1m 45s   10.0 s  ··········━━  peer

2x: the span was sent twice, with the same id; a retry or a redelivery does
that."""


def test_a_call_fits_in_eighty_columns() -> None:
    assert draw(timeline(a_call()), 80).plain == EIGHTY_COLUMNS
    assert max(map(cell_len, EIGHTY_COLUMNS.splitlines())) <= 80


def test_errors_are_marked_by_more_than_colour() -> None:
    text = draw(timeline(a_call()), 120)
    (line,) = [line for line in text.plain.splitlines() if "billing asked" in line]
    assert "▓" in line
    assert "ERROR" in line
    assert any("red" in str(each.style) for each in text.spans)


def test_long_names_are_cut_and_the_line_kept() -> None:
    spans = [*a_call(), span("callspan.milestone", 9, (3, 1), resource="a very long name of a milestone " * 5)]
    lines = draw(timeline(spans), 80).plain.splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert any("a very" in line and "…" in line for line in lines)


def test_bars_keep_the_scale() -> None:
    spans = [
        span("genesys.conversation", ROOT, (0, 100), parent=0),
        span("genesys.flow", 1, (0, 50)),
        span("genesys.queue", 2, (50, 50)),
        span("callspan.milestone", 3, (75, 0), resource="now"),
        span("callspan.end", 4, (100, 0), resource="end-call-trace"),
    ]
    bars = [line.split()[-1] for line in draw(timeline(spans), 100).plain.splitlines()[-5:]]
    length = len(bars[0])
    assert bars[0] == "━" * length
    assert [abs(bar.count("━") - length / 2) < 1 for bar in bars[1:3]] == [True, True]
    assert (bars[1][0], bars[1][-1], bars[2][0], bars[2][-1]) == ("━", "·", "·", "━")
    assert (bars[3].index("◆"), bars[4].index("◆")) == (length * 3 // 4, length - 1)


def test_a_missing_root_is_explained() -> None:
    assert "customer.end" in draw(timeline([span("genesys.queue", 1, (0, 1))]), 80).plain
    assert "customer.end" not in draw(timeline(a_call()), 80).plain


def test_what_was_sent_twice_is_explained() -> None:
    assert "2x: the span was sent twice" in draw(timeline(a_call()), 80).plain
    assert "2x" not in draw(timeline(a_call()[2:5]), 80).plain


def test_what_could_steer_a_terminal_is_written_out() -> None:
    spans = [span("callspan.milestone", 1, (0, 1), resource="a\x1b[2Jb\nc\u202ed", **{"call.x": "\x9b31m"})]
    text = draw(timeline(spans), 120).plain
    assert "a\\x1b[2Jb c\\u202ed" in text
    assert not set(text) & {"\x1b", "\x9b", "\u202e"}


@pytest.mark.parametrize(
    ("encoding", "glyphs"), [("utf-8", UNICODE), ("ascii", ASCII), ("cp1252", ASCII), ("?", ASCII)]
)
def test_an_output_gets_the_characters_it_can_show(encoding: str, glyphs: drawing.Glyphs) -> None:
    assert glyphs_for(encoding) is glyphs
    assert draw(timeline(a_call()), 80, glyphs=ASCII).plain.isascii()


def test_documented_durations() -> None:
    assert doctest.testmod(drawing).failed == 0


@given(st.integers(0, 18 * 3600 * 10**9))
def test_a_duration_always_fits_its_column(nanoseconds: int) -> None:
    assert len(duration_text(nanoseconds)) <= 7


_LABELS = st.text(max_size=60)


@given(
    st.lists(
        st.tuples(_LABELS, st.integers(0, 9), st.floats(0, 9e4), st.floats(0, 9e4), _LABELS), min_size=1, max_size=9
    ),
    st.integers(60, 200),
)
def test_no_line_is_wider_than_asked(parts: list[tuple[str, int, float, float, str]], width: int) -> None:
    spans = [
        span("callspan.milestone", each + 1, (start, length), parent=parent, resource=label, **{"call.tag": tag})
        for each, (label, parent, start, length, tag) in enumerate(parts)
    ]
    lines = draw(timeline(spans), width).plain.split("\n")
    assert max(map(cell_len, lines)) <= width
