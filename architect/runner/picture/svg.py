"""A picture of a flow as SVG: no script, nothing loaded from elsewhere, readable by a screen reader."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from architect.runner.flow import Flow
from architect.runner.picture.layout import (
    BOX,
    DETAIL,
    LABEL_HEIGHT,
    LINE,
    PADDING,
    Box,
    Frame,
    Label,
    Mark,
    Missing,
    Picture,
    Wire,
    arranged,
)
from architect.runner.picture.outline import Part, every_step, outline
from architect.runner.picture.palette import style_sheet
from architect.runner.picture.text import fitted, text_width
from architect.runner.picture.words import flow_words

_MARGIN, _TOP, _LEAST_WIDTH, _LEGEND = 20, 72, 520, 34
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CORNER = 8
_ICONS = {
    "data": "M1 8h9M7 4.5 10.5 8 7 11.5M12.5 2.5v11",
    "tag": "M1.5 7.5v-6h6l6.5 6.5-6 6zM4.6 4.6h.01",
    "choice": "M7.5 1.5 13.5 7.5 7.5 13.5 1.5 7.5z",
    "end": "M7.5 2a5.5 5.5 0 1 0 .01 0M5.5 5.5h4v4h-4z",
    "plain": "M2.5 3.5h10M2.5 7.5h10M2.5 11.5h6",
    "missing": "M3 3l9 9M12 3l-9 9",
}
_MARKS = {
    "start": "the flow starts here",
    "begin": "begins here",
    "end": "ends here, with nothing left to do",
    "round": "back to the loop, for its next round",
}


def draw_flow(flow: Flow) -> str:
    """Return the SVG of a flow, ending in a newline; the same flow gives the same text."""
    parts = outline(flow)
    picture = arranged(parts, _TOP, _MARGIN, _LEAST_WIDTH)
    return _Writer(flow, parts, picture).text()


class _Writer:
    """Writes one picture."""

    def __init__(self, flow: Flow, parts: Sequence[Part], picture: Picture) -> None:
        self._flow, self._parts, self._picture = flow, parts, picture
        width, height = _number(picture.width), _number(picture.height + _LEGEND)
        self._root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {width} {height}",
                "width": width,
                "height": height,
                "role": "img",
                "aria-labelledby": "flow-title flow-description",
            },
        )

    def text(self) -> str:
        root, picture = self._root, self._picture
        _add(root, "title", id="flow-title").text = _clean(f"{self._flow.name}: {flow_words(self._flow)}")
        _add(root, "desc", id="flow-description").text = _clean(self._description())
        _add(root, "style").text = "\n" + style_sheet()
        self._arrow()
        _add(root, "rect", "ground", width="100%", height="100%")
        self._heading()
        for frame in picture.frames:
            self._frame(frame)
        for wire in picture.wires:
            self._wire(wire)
        for mark in picture.marks:
            self._mark(mark)
        for label in picture.labels:
            self._label(label)
        for missing in picture.missing:
            self._missing(missing)
        for box in picture.boxes:
            self._box(box)
        self._legend()
        ET.indent(root, " ")
        return ET.tostring(root, encoding="unicode") + "\n"

    def _description(self) -> str:
        """Say in words what the picture is looked at for: which paths are handled, and where the call is tagged."""
        steps = [step for part in self._parts for step in every_step(part.steps)]
        counts = Counter(step.role for step in steps)
        actions = sum(1 for step in steps if step.line)
        told = [f"{actions} actions, of which {counts['data']} call a data action."]
        for step in steps:
            name = step.name or step.kind
            missing = " and ".join(path.label for path in step.paths if path.missing)
            if step.role == "data":
                told.append(f"{name}: {f'nothing handles {missing}' if missing else 'every path is handled'}.")
            elif step.role == "tag":
                told.append(f"{name}: {'; '.join(step.details) or 'sets participant data'}.")
        return " ".join(told)

    def _arrow(self) -> None:
        marker = _add(
            _add(self._root, "defs"), "marker", id="arrow", viewBox="0 0 8 8", refX="7", refY="4",
            markerWidth="7", markerHeight="7", orient="auto",
        )  # fmt: skip
        _add(marker, "path", "arrow", d="M0 0.5 7.5 4 0 7.5z")

    def _heading(self) -> None:
        room = self._picture.width - 2 * _MARGIN
        self._line(self._root, "heading", _MARGIN + 2, 34, fitted(self._flow.name, 19, room, bold=True))
        description = self._flow.body.text("description") or ""
        words = flow_words(self._flow) + (f". {description}" if description else "")
        self._line(self._root, "note detail", _MARGIN + 2, 55, fitted(words, DETAIL, room))

    def _frame(self, frame: Frame) -> None:
        self._rectangle(self._root, "frame", frame.x, frame.y, frame.width, frame.height, 10)
        self._line(
            self._root, "title", frame.x + 16, frame.y + 26, fitted(frame.part.title, 14, frame.width - 32, bold=True)
        )

    def _wire(self, wire: Wire) -> None:
        path = _add(self._root, "path", f"wire {wire.style}".strip(), d=_rounded(wire.points))
        if wire.arrow:
            path.set("marker-end", "url(#arrow)")

    def _mark(self, mark: Mark) -> None:
        group = self._group("mark", _MARKS[mark.what])
        x, y = _number(mark.x), _number(mark.y)
        if mark.what in ("start", "begin"):
            _add(group, "circle", "dot", cx=x, cy=y, r="6" if mark.what == "start" else "4")
        else:
            _add(group, "circle", "ring", cx=x, cy=y, r="6")
            if mark.what == "end":
                _add(group, "circle", "dot", cx=x, cy=y, r="2.6")
            else:
                _add(group, "path", "wire", d=f"M{_number(mark.x - 2.5)} {_number(mark.y + 1)}l2.5 -2.5 2.5 2.5")

    def _label(self, label: Label) -> None:
        group = self._group(f"label {label.style}".strip(), label.told)
        self._rectangle(group, "", label.x, label.y, label.width, LABEL_HEIGHT, LABEL_HEIGHT / 2)
        self._line(group, "", label.x + label.width / 2, label.y + 13.2, label.text)

    def _missing(self, missing: Missing) -> None:
        when = {"failure": "it fails", "timeout": "it is late"}[missing.path.label]
        called = missing.step.name or "the data action"
        told = f"Missing: nothing says what happens to the call when {called} is called and {when}."
        group = self._group("missing", told)
        self._rectangle(group, "box", missing.x, missing.y, missing.width, missing.height, 6)
        self._icon(group, "missing", missing.x + PADDING - 2, missing.y + 8)
        self._line(group, "name", missing.x + PADDING + 18, missing.y + 20, "missing")
        self._line(group, "detail", missing.x + PADDING, missing.y + 39, f"nothing if {when}")

    def _box(self, box: Box) -> None:
        step = box.step
        group = self._group(step.role if not step.line else f"action {step.role}", step.told)
        if step.role == "choice":
            cut, half = 12, box.height / 2
            left, right, top, bottom = box.x, box.x + BOX, box.y, box.y + box.height
            middle = top + half
            points = (
                (left + cut, top), (right - cut, top), (right, middle), (right - cut, bottom),
                (left + cut, bottom), (left, middle),
            )  # fmt: skip
            _add(group, "polygon", "box", points=" ".join(f"{_number(x)},{_number(y)}" for x, y in points))
        else:
            radius = min(box.height / 2, 24) if step.role == "end" else 6
            self._rectangle(group, "box", box.x, box.y, BOX, box.height, radius)
        x = box.x + PADDING + (7 if step.role in ("choice", "end") else 0)
        y = box.y + PADDING - 2
        self._icon(group, step.role, x, y + 1)
        for index, line in enumerate(box.lines):
            y += LINE[line.size]
            name = "name" if line.bold else "kind" if index == 0 else "detail"
            self._line(group, name, x + (19 if index == 0 else 0), y - 3.5, line.text)

    def _legend(self) -> None:
        y = self._picture.height + 6
        roles = {step.role for part in self._parts for step in every_step(part.steps)}
        told = [
            ("tag", "sets participant data", "tag" in roles),
            ("data", "calls a data action", "data" in roles),
            ("choice", "decides", "choice" in roles),
            ("end", "the way leaves this part", "end" in roles),
            ("missing", "missing path", bool(self._picture.missing)),
        ]
        x = float(_MARGIN + 2)
        for role, words, shown in told:
            if shown:
                group = _add(self._root, "g", role)
                self._rectangle(group, "box", x, y - 11, 22, 18, 9 if role == "end" else 4)
                self._icon(group, role, x + 5.5, y - 8.5, 0.8)
                self._line(self._root, "detail", x + 29, y + 2, words)
                x += 48 + text_width(words, DETAIL)

    def _group(self, name: str, told: str) -> ET.Element:
        group = _add(self._root, "g", name)
        _add(group, "title").text = _clean(told)
        return group

    def _icon(self, parent: ET.Element, name: str, x: float, y: float, scale: float = 0.93) -> None:
        _add(parent, "path", "icon", d=_ICONS[name], transform=f"translate({_number(x)} {_number(y)}) scale({scale})")

    def _rectangle(
        self, parent: ET.Element, name: str, x: float, y: float, width: float, height: float, radius: float
    ) -> None:
        places = {"x": x, "y": y, "width": width, "height": height, "rx": radius}
        _add(parent, "rect", name, **{key: _number(value) for key, value in places.items()})

    def _line(self, parent: ET.Element, name: str, x: float, y: float, text: str) -> None:
        _add(parent, "text", name, x=_number(x), y=_number(y)).text = _clean(text)


def _add(parent: ET.Element, kind: str, name: str = "", **attributes: str) -> ET.Element:
    return ET.SubElement(parent, kind, {**({"class": name} if name else {}), **attributes})


def _clean(text: str) -> str:
    """Return text without what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


def _rounded(points: Sequence[tuple[float, float]]) -> str:
    """Return a path through points whose corners are rounded."""
    (x, y), *_ = points
    told = [f"M{_number(x)} {_number(y)}"]
    for (ax, ay), (bx, by), (cx, cy) in zip(points, points[1:], points[2:], strict=False):
        before, after = abs(bx - ax) + abs(by - ay), abs(cx - bx) + abs(cy - by)
        radius = min(_CORNER, before / 2, after / 2)
        px, py = bx - _sign(bx - ax) * radius, by - _sign(by - ay) * radius
        qx, qy = bx + _sign(cx - bx) * radius, by + _sign(cy - by) * radius
        told.append(f"L{_number(px)} {_number(py)}Q{_number(bx)} {_number(by)} {_number(qx)} {_number(qy)}")
    x, y = points[-1]
    return "".join([*told, f"L{_number(x)} {_number(y)}"])


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
