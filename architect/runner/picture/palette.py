"""The colours of a picture, on a light and on a dark ground. Each text has a contrast of 4.5 or more to its ground."""

from __future__ import annotations

from typing import NamedTuple


class Palette(NamedTuple):
    """Colours by what they are for. A pair is the ground and the frame or text on it."""

    ground: str
    frame: str
    frame_line: str
    text: str
    quiet: str
    wire: str
    box: tuple[str, str]
    data: tuple[str, str]
    tag: tuple[str, str]
    choice: tuple[str, str]
    end: tuple[str, str]
    label: str
    success: str
    failure: str
    timeout: str
    missing: tuple[str, str]


LIGHT = Palette(
    ground="#ffffff",
    frame="#f6f8fa",
    frame_line="#d1d9e0",
    text="#1f2328",
    quiet="#505a64",
    wire="#6e7781",
    box=("#ffffff", "#8c959f"),
    data=("#ddf4ff", "#0969da"),
    tag=("#fff4c2", "#9a6700"),
    choice=("#f3eefc", "#8250df"),
    end=("#e4e8ec", "#424a53"),
    label="#424a53",
    success="#116329",
    failure="#b3161f",
    timeout="#7d4e00",
    missing=("#ffebe9", "#b3161f"),
)
DARK = Palette(
    ground="#0d1117",
    frame="#161b22",
    frame_line="#3d444d",
    text="#f0f6fc",
    quiet="#b6bfc9",
    wire="#8b949e",
    box=("#1c2128", "#768390"),
    data=("#0c2d57", "#58a6ff"),
    tag=("#3d2e00", "#e3b341"),
    choice=("#2b2048", "#b392f0"),
    end=("#30363d", "#b6bfc9"),
    label="#d1d7e0",
    success="#56d364",
    failure="#ff9a93",
    timeout="#e3b341",
    missing=("#3c1114", "#ff9a93"),
)


def style_sheet() -> str:
    """Return the style of a picture: light, and dark where the viewer prefers that."""
    return f"{_FIXED}{_rules(LIGHT)}@media (prefers-color-scheme: dark) {{\n{_rules(DARK)}}}\n"


_FIXED = """\
text { font-family: Helvetica, Arial, "Liberation Sans", sans-serif; }
.heading { font-size: 19px; font-weight: bold; }
.title { font-size: 14px; font-weight: bold; }
.kind { font-size: 10.5px; letter-spacing: 0.2px; }
.name { font-size: 13px; font-weight: bold; }
.detail { font-size: 11px; }
.label text { font-size: 11px; font-weight: bold; text-anchor: middle; }
.label rect { stroke-width: 1; }
.box { stroke-width: 1.2; }
.tag .box { stroke-width: 2.6; }
.data .box { stroke-width: 1.8; }
.missing .box { stroke-width: 1.8; stroke-dasharray: 5 3; }
.icon { fill: none; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
.wire { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
.wire.failure { stroke-dasharray: 6 3; }
.wire.timeout { stroke-dasharray: 2 3; }
"""


def _rules(colours: Palette) -> str:
    rules = [
        f".ground {{ fill: {colours.ground}; }}",
        f".frame {{ fill: {colours.frame}; stroke: {colours.frame_line}; }}",
        f"text {{ fill: {colours.text}; }}",
        f"text.kind, text.detail, text.note {{ fill: {colours.quiet}; }}",
        f".wire {{ stroke: {colours.wire}; }}",
        f".arrow, .dot {{ fill: {colours.wire}; }}",
        f".ring {{ fill: none; stroke: {colours.wire}; stroke-width: 1.5; }}",
        f".label rect {{ fill: {colours.frame}; stroke: {colours.frame_line}; }}",
        f".label text {{ fill: {colours.label}; }}",
    ]
    for name in ("plain", "data", "tag", "choice", "end", "missing"):
        fill, line = getattr(colours, "box" if name == "plain" else name)
        rules.append(f".{name} .box {{ fill: {fill}; stroke: {line}; }}")
        rules.append(f".{name} .icon {{ stroke: {line}; }}")
    for name in ("success", "failure", "timeout"):
        colour = getattr(colours, name)
        rules.append(f".wire.{name}, .label.{name} rect {{ stroke: {colour}; }}")
        rules.append(f".label.{name} text {{ fill: {colour}; }}")
    rules.append(f".missing text {{ fill: {colours.missing[1]}; }}")
    return "".join(f"{rule}\n" for rule in rules)
