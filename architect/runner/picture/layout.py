"""Where everything of a picture is. Pure, and the same for the same flow.

A path runs straight down. The first path of a step goes on below it, the others stand to its right, each with a column
of its own; where they come back they join the first from the right. So the way a call usually takes is the straight
line at the left, and no two lines cross. Lengths are pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from architect.runner.picture.outline import Part, Path, Step
from architect.runner.picture.text import fitted, text_width, wrapped

BOX = 216
GAP = 22
PADDING = 12
KIND, NAME, DETAIL, LABEL = 10.5, 13.0, 11.0, 11.0
"""Font sizes: an action's kind, its name, what it is about, and a path's label."""
LABEL_HEIGHT = 19
LINE = {KIND: 15, NAME: 17, DETAIL: 14.5}
_LANE, _STUB, _TURN = 26, 10, 6
"""How far apart paths leave a step and turn, and how far below the step the last one does."""
_LABEL = (7, LABEL_HEIGHT, 12)
"""A path's label, with what is above and below it."""
_JOIN = 20
_BELOW = 28
_MISSING = (148, 50)
_NARROW = 72
_PART_PADDING = 24
_TITLE = 40


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in a box: its text, font size, and whether it is bold."""

    text: str
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A step in its place."""

    step: Step
    x: float
    y: float
    height: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Wire:
    """A line through points, with an arrow at its end or without. `style` is that of the path it belongs to."""

    points: tuple[tuple[float, float], ...]
    style: str = ""
    arrow: bool = True


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a path, on its line; `told` is the name uncut."""

    x: float
    y: float
    width: float
    text: str
    told: str
    style: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A path on which nothing says what happens."""

    x: float
    y: float
    width: float
    height: float
    step: Step
    path: Path


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the flow starts, where a task ends, or where a round of a loop does."""

    x: float
    y: float
    what: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A task, a state or a menu, with everything in it."""

    part: Part
    x: float
    y: float
    width: float
    height: float


@dataclass
class Picture:
    """Everything in its place."""

    frames: list[Frame] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    width: float = 0
    height: float = 0


def arranged(parts: Sequence[Part], top: float, margin: float, least_width: float) -> Picture:
    """Return the parts one below the other, beginning at `top`, with a margin around."""
    picture = Picture()
    y = top
    for part in parts:
        y = _Part(picture).place(part, margin, y) + margin
    inner = max([least_width, *(frame.width for frame in picture.frames)])
    picture.frames = [Frame(f.part, f.x, f.y, inner, f.height) for f in picture.frames]
    picture.width, picture.height = inner + 2 * margin, y
    return picture


@dataclass(frozen=True, slots=True)
class _End:
    """Where a path has come to: how far it reaches to the right and down, and whether it goes on."""

    right: float
    bottom: float
    open: bool


class _Part:
    """Puts one part into the picture."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    def place(self, part: Part, x: float, y: float) -> float:
        """Place the part, and return where it ends below."""
        left, top = x + _PART_PADDING, y + _TITLE
        centre = left + BOX / 2
        self._picture.marks.append(Mark(centre, top + 6, "start" if part.starts else "begin"))
        end = self._steps(part.steps, left, top + 6, "")
        bottom = end.bottom
        if end.open:
            self._wire("", (centre, bottom), (centre, bottom + 22))
            self._picture.marks.append(Mark(centre, bottom + 28, "end"))
            bottom += 34
        frame = Frame(part, x, y, end.right + _PART_PADDING - x, bottom + _PART_PADDING - y)
        self._picture.frames.append(frame)
        return y + frame.height

    def _steps(self, steps: Sequence[Step], x: float, y: float, style: str) -> _End:
        """Place steps below each other; a line comes from (x + half a box, y) to the first."""
        centre, right, bottom, reached = x + BOX / 2, x + BOX, y, True
        for step in steps:
            top = bottom + _BELOW
            if reached:
                self._wire(style, (centre, bottom), (centre, top))
            box = Box(step, x, top, 0, tuple(_lines(step)))
            height = sum(LINE[line.size] for line in box.lines) + 2 * PADDING - 4
            self._picture.boxes.append(Box(step, x, top, height, box.lines))
            end = self._paths(step, x, top + height)
            right, bottom, reached, style = max(right, end.right), end.bottom, end.open, ""
        return _End(right, bottom, reached)

    def _paths(self, step: Step, x: float, y: float) -> _End:
        """Place what leaves a step, whose box ends at y."""
        if not step.paths:
            return _End(x + BOX, y, step.goes_on)
        centre, count = x + BOX / 2, len(step.paths)
        lane = min(_LANE, (BOX / 2 - 34) / max(count - 1, 1))
        top = y + _STUB + _TURN * (count - 1) + _LABEL[0] + _LABEL[1] + _LABEL[2]
        right, bottom = x, top
        joining: list[tuple[float, float]] = []
        for index, path in enumerate(step.paths):
            left = x if index == 0 else right + GAP
            width = BOX if path.steps or index == 0 else _MISSING[0] if path.missing else _label_width(path)
            middle, leaves = left + width / 2, centre + index * lane
            # The farther a path goes the sooner it turns, so that none crosses another.
            turn = y + _STUB + _TURN * (count - 1 - index)
            way = (
                ((leaves, y), (leaves, turn), (middle, turn), (middle, top)) if index else ((centre, y), (centre, top))
            )
            self._wire(path.style, *way, arrow=False)
            self._label(path, middle, top - _LABEL[1] - _LABEL[2], width)
            end = self._path(step, path, left, top, width)
            right, bottom = max(right, end.right), max(bottom, end.bottom)
            if end.open:
                joining.append((middle, end.bottom))
        if not joining:
            return _End(right, bottom, open=False)
        join = bottom + (_JOIN if len(joining) > 1 or joining[0][0] != centre else 0)
        for middle, end_y in joining:
            if middle != centre:
                self._wire("", (middle, end_y), (middle, join), (centre, join), arrow=False)
            elif end_y != join:
                self._wire("", (middle, end_y), (middle, join), arrow=False)
        return _End(right, join, open=True)

    def _path(self, step: Step, path: Path, left: float, y: float, width: float) -> _End:
        """Place what a path runs, below its label that ends at y."""
        middle, right = left + width / 2, left + width
        if path.missing:
            self._picture.missing.append(Missing(middle - _MISSING[0] / 2, y, *_MISSING, step, path))
            return _End(right, y + _MISSING[1], open=True)
        # The line from the label to the first step is already a part of the way to it.
        end = self._steps(path.steps, left, y - _LABEL[2], path.style) if path.steps else _End(right, y, open=True)
        if not path.returns:
            return end
        if end.open:
            self._wire("", (middle, end.bottom), (middle, end.bottom + 20))
            self._picture.marks.append(Mark(middle, end.bottom + 27, "round"))
        return _End(end.right, end.bottom + 34, open=False)

    def _label(self, path: Path, middle: float, y: float, room: float) -> None:
        text = fitted(path.label, LABEL, room - 20, bold=True)
        width = text_width(text, LABEL, bold=True) + 16
        self._picture.labels.append(Label(middle - width / 2, y, width, text, path.label, path.style))

    def _wire(self, style: str, *points: tuple[float, float], arrow: bool = True) -> None:
        self._picture.wires.append(Wire(points, style, arrow))


def _label_width(path: Path) -> float:
    return min(max(text_width(path.label, LABEL, bold=True) + 20, _NARROW), BOX)


def _lines(step: Step) -> list[Line]:
    room = BOX - 2 * PADDING - (14 if step.role == "choice" else 0)
    size = KIND if step.name else NAME
    lines = [Line(fitted(step.kind, size, room - 20, bold=not step.name), size, bold=not step.name)]
    lines += [Line(text, NAME, bold=True) for text in wrapped(step.name, NAME, room, 2, bold=True)]
    for detail in step.details[:2]:
        lines += [Line(text, DETAIL) for text in wrapped(detail, DETAIL, room, 4 if step.role == "tag" else 2)]
    return lines
