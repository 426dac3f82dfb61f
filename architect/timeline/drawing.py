"""A timeline as text of a given width: a header, then one line for each span with a bar on a common scale."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from architect.linter.text_output import printable
from architect.timeline.timeline import Row, Timeline

MIN_WIDTH = 60
_MIN_BAR, _MAX_BAR = 12, 60
_GAP = 2
_TIME = 7
_STYLES = ("cyan", "green", "blue")
_COPIES = "2x: the span was sent twice, with the same id; a retry or a redelivery does that."
_NO_ROOT = (
    "The root of the conversation's own trace is not there. With CALLSPAN_ROOT_SPAN=events it comes with the event "
    "customer.end; a call that continues another trace has the root of that."
)


class Glyphs(NamedTuple):
    """What lines are drawn with."""

    branch: str
    last_branch: str
    through: str
    bar: str
    error_bar: str
    point: str
    rail: str
    cut: str


UNICODE = Glyphs("├─ ", "└─ ", "│  ", "━", "▓", "◆", "·", "…")
ASCII = Glyphs("|- ", "`- ", "|  ", "=", "#", "*", ".", "~")


class _Widths(NamedTuple):
    """How many cells each column takes; `short` tells to leave out `genesys.` and `callspan.` in names."""

    name: int
    bar: int
    notes: int
    short: bool


def draw(timeline: Timeline, width: int, *, glyphs: Glyphs = UNICODE) -> Text:
    """Return the timeline, no line wider than `width` cells; below 60 a terminal has to wrap it."""
    pen = _Pen(timeline, max(width, MIN_WIDTH), glyphs)
    lines = [*pen.header(), Text(), pen.scale(), *pen.spans(), *pen.remarks()]
    return Text("\n").join(lines)


def glyphs_for(encoding: str) -> Glyphs:
    """Return what an output of this encoding can show."""
    try:
        "".join(UNICODE).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def duration_text(nanoseconds: int) -> str:
    """Return a length of time in at most seven characters.

    >>> [duration_text(ns) for ns in (0, 260_000, 40_000_000_000, 115_000_000_000, 7_380_000_000_000)]
    ['0 s', '0.3 ms', '40.0 s', '1m 55s', '2h 03m']
    """
    milliseconds = nanoseconds / 1e6
    if milliseconds < 0.05:
        return "0 s"
    if milliseconds < 9.95:
        return f"{milliseconds:.1f} ms"
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.1f} s"
    seconds = round(milliseconds / 1000)
    if seconds < 3600:
        return f"{seconds // 60}m {seconds % 60:02}s"
    minutes = round(seconds / 60)
    return f"{minutes // 60}h {minutes % 60:02}m"


class _Pen:
    """Draws the lines of one timeline."""

    def __init__(self, timeline: Timeline, width: int, glyphs: Glyphs) -> None:
        self._timeline, self._width, self._glyphs = timeline, width, glyphs
        self._notes = [self._row_notes(row) for row in timeline.rows]
        self._columns = self._measured()

    def header(self) -> list[Text]:
        call = self._timeline
        moment = call.started
        facts = {
            "conversation": call.conversation_id,
            "trace": call.trace_id,
            "traceparent": call.traceparent,
            "started": f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03} UTC, "
            f"lasted {duration_text(call.duration_ns)}",
            "tags": " ".join(f"{key}={value}" for key, value in call.tags.items()),
        }
        return [
            Text.assemble((f"{name:<14}", "bold"), self._fit(value, self._width - 14).rstrip())
            for name, value in facts.items()
            if value
        ]

    def scale(self) -> Text:
        columns = self._columns
        middle, end = duration_text(self._timeline.duration_ns // 2), duration_text(self._timeline.duration_ns)
        marks = f"0 s{middle:^{columns.bar - 3 - len(end)}}{end}"
        if columns.bar < 3 + len(middle) + len(end) + 2:
            marks = f"0 s{end:>{columns.bar - 3}}"
        line = f"{'span':<{columns.name}}{'starts':>{_GAP + _TIME}}{'lasts':>{_GAP + _TIME}}{'':{_GAP}}{marks}"
        return Text(line, style="dim")

    def spans(self) -> Iterator[Text]:
        return map(self._line, self._timeline.rows, self._notes)

    def _line(self, row: Row, notes: str) -> Text:
        branch, name, label = self._name(row, short=self._columns.short)
        style = "bold red" if row.error else "bold cyan" if row.depth == 0 else ""
        cells = Text.assemble((branch, "dim"), (name, style), f" {label}" if label else "")
        room = self._columns.name
        if cell_len(cells.plain) > room:
            cells.truncate(room - 1)
            cells.append(self._glyphs.cut)
        cells.append(" " * (room - cell_len(cells.plain)))
        lasts = self._glyphs.point if row.is_point else duration_text(row.duration_ns)
        cells.append(f"{duration_text(row.offset_ns):>{_GAP + _TIME}}{lasts:>{_GAP + _TIME}}{'':{_GAP}}")
        cells.append_text(self._bar(row))
        if notes:
            cells.append(" " * _GAP)
            cells.append(self._fit(notes, self._columns.notes).rstrip(), "bold red" if row.error else "")
        return cells

    def remarks(self) -> list[Text]:
        found = [_COPIES] if any(row.copies > 1 for row in self._timeline.rows) else []
        found += [] if self._timeline.has_root else [_NO_ROOT]
        lines = [Text(line) for remark in found for line in textwrap.wrap(remark, self._width)]
        return [Text(), *lines] if lines else []

    def _measured(self) -> _Widths:
        """Share out the width: names in full, notes in full, then bars as long as there is room."""
        fixed = 2 * (_GAP + _TIME) + 2 * _GAP
        notes = max(map(cell_len, self._notes), default=0)
        for short in (False, True):
            names = max(cell_len("".join(self._name(row, short=short))) + 1 for row in self._timeline.rows)
            room = self._width - fixed - names - notes
            if room >= _MIN_BAR + 4 * (not short):
                return _Widths(names, min(room, _MAX_BAR), notes, short)
        notes = min(notes, max(self._width - fixed - names - _MIN_BAR, 14))
        names = min(names, self._width - fixed - notes - _MIN_BAR)
        return _Widths(names, self._width - fixed - names - notes, notes, short=True)

    def _name(self, row: Row, *, short: bool) -> tuple[str, str, str]:
        glyphs = self._glyphs
        above = "".join("   " if last else glyphs.through for last in row.last[1:-1])
        branch = "" if not row.depth else above + (glyphs.last_branch if row.last[-1] else glyphs.branch)
        name = one_line(row.name)
        if short:
            name = name.removeprefix("genesys.").removeprefix("callspan.")
        return branch, name, one_line(row.label)

    def _bar(self, row: Row) -> Text:
        whole, room = self._timeline.duration_ns or 1, self._columns.bar
        left = min(row.offset_ns * room // whole, room - 1)
        right = min(max(-(-(row.offset_ns + row.duration_ns) * room // whole), left + 1), room)
        glyphs = self._glyphs
        mark = glyphs.point if row.is_point else glyphs.error_bar if row.error else glyphs.bar
        style = "red" if row.error else _STYLES[min(row.depth, len(_STYLES) - 1)]
        length = 1 if row.is_point else right - left
        rest = room - left - length
        return Text.assemble((glyphs.rail * left, "dim"), (mark * length, style), (glyphs.rail * rest, "dim"))

    def _row_notes(self, row: Row) -> str:
        call = self._timeline
        words = ["ERROR"] if row.error else []
        words += [word for word in row.outcomes if word not in ("ok", "error")]
        if row.error_message:
            words.append(row.error_message)
        if row.copies > 1:
            words.append(f"{row.copies}x")
        if row.conversation_id not in (call.conversation_id, ""):
            words.append(f"of call {row.conversation_id[:8]}{self._glyphs.cut}")
        if row.trace_id != call.trace_id:
            words.append(f"in trace {row.trace_id[:8]}{self._glyphs.cut}")
        words += [f"{key}={value}" for key, value in row.tags.items() if call.tags.get(key) != value]
        return one_line(" ".join(words))

    def _fit(self, text: str, room: int) -> str:
        text = one_line(text)
        return text if cell_len(text) <= room else set_cell_size(text, room - 1) + self._glyphs.cut


def one_line(text: str) -> str:
    """Return text that a terminal shows as it is, on one line; a tag may hold anything."""
    return printable(" ".join(text.split()))
