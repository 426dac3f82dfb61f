"""`callspan flow draw`: what is on the picture of a flow, where, and that it is sound as SVG."""

from __future__ import annotations

import doctest
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from architect.flow_commands import flow as flow_command
from architect.runner import Flow
from architect.runner.picture import draw_flow, words
from architect.runner.picture.layout import BOX, Picture, arranged
from architect.runner.picture.outline import Part, Step, every_step, outline
from architect.runner.picture.outline import Path as Way
from architect.runner.picture.palette import DARK, LIGHT, Palette
from architect.runner.picture.text import fitted, text_width, wrapped
from tests.unit.runner.flows import CALL, source

ROOT = Path(__file__).parents[3]
FLOWS = sorted((ROOT / "architect" / "flows").glob("*.yaml"))
IMAGE = ROOT / "docs" / "images" / "inbound-call.svg"
SVG = "{http://www.w3.org/2000/svg}"
CALL_WITHOUT_PATHS = CALL[: CALL.index("    outputs:")]
NESTED = """
- decision:
    name: Open?
    condition:
      exp: Flow.Open
    outputs:
      "yes":
        actions:
          - switch:
              name: Which
              evaluate:
                firstTrue:
                  cases:
                    - case:
                        value:
                          exp: Flow.A
                        actions:
                          - transferToAcd:
                              name: To sales
                              targetQueue:
                                lit:
                                  name: Sales
                    - case:
                        value:
                          exp: Flow.B
- loop:
    name: Thrice
    loopCount:
      lit: 3
    outputs:
      loop:
        actions:
          - loopNext:
              name: Again
- jumpToTask:
    name: Over
    targetTaskRef: ./tasks/task[main]
"""


def drawn(actions: str, flow_type: str = "inboundCall") -> ET.Element:
    return ET.fromstring(draw_flow(Flow.parse(source(flow_type, actions))))


def steps(actions: str) -> dict[str, Step]:
    (part,) = outline(Flow.parse(source("inboundCall", actions)))
    return {step.name or step.kind: step for step in every_step(part.steps)}


def titles(svg: ET.Element, name: str) -> list[str]:
    groups = [group for group in svg.iter(f"{SVG}g") if name in group.get("class", "").split()]
    return [group.findtext(f"{SVG}title") or "" for group in groups]


def texts(svg: ET.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)
def test_every_action_is_on_the_picture_once(path: Path) -> None:
    flow = Flow.load(path)
    lines = [int(re.findall(r"\(line (\d+)\)", title)[0]) for title in titles(ET.fromstring(draw_flow(flow)), "action")]
    assert sorted(lines) == sorted(action.place.line for action in flow.actions)


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)
def test_a_picture_is_sound_and_says_what_it_shows(path: Path) -> None:
    flow = Flow.load(path)
    text = draw_flow(flow)
    svg = ET.fromstring(text)
    assert draw_flow(Flow.load(path)) == text, "the same flow gives the same picture"
    assert svg.get("role") == "img"
    named = {each.get("id"): each.text for each in svg if each.tag in (f"{SVG}title", f"{SVG}desc")}
    assert set((svg.get("aria-labelledby") or "").split()) == set(named)
    assert flow.name in (named["flow-title"] or "")
    assert f"{len(flow.actions)} actions" in (named["flow-description"] or "")
    assert not list(svg.iter(f"{SVG}script"))
    assert not re.search(r"\bon\w+=|href|javascript:|url\((?!#)", text)


def test_the_image_in_the_documentation_is_up_to_date(tmp_path: Path) -> None:
    """`make generate` writes it again."""
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    (command,) = re.findall(r"callspan flow (draw .*)", makefile)
    arguments = [str(tmp_path / "new.svg") if each.endswith(".svg") else each for each in command.split()]
    arguments[1] = str(ROOT / arguments[1])
    result = CliRunner().invoke(flow_command, arguments)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "new.svg").read_text() == IMAGE.read_text()


def test_a_data_action_without_its_paths_shows_what_is_missing() -> None:
    svg = drawn(CALL_WITHOUT_PATHS)
    assert titles(svg, "missing")[:2] == [
        "Missing: nothing says what happens to the call when Ask is called and it fails.",
        "Missing: nothing says what happens to the call when Ask is called and it is late.",
    ]
    assert texts(svg).count("missing") == 2
    assert "nothing handles failure and timeout" in (svg.findtext(f"{SVG}desc") or "")


def test_a_data_action_with_all_paths_lacks_nothing() -> None:
    svg = ET.fromstring(draw_flow(Flow.load(ROOT / "architect" / "flows" / "inbound-call.yaml")))
    assert "missing" not in texts(svg)
    assert {"success", "failure", "timeout", "yes", "no"} <= set(texts(svg))
    assert "Start Call Trace: every path is handled." in (svg.findtext(f"{SVG}desc") or "")


def test_where_participant_data_is_set_is_marked_by_more_than_colour() -> None:
    svg = ET.fromstring(draw_flow(Flow.load(ROOT / "architect" / "flows" / "inbound-call.yaml")))
    (group,) = [each for each in svg.iter(f"{SVG}g") if each.get("class") == "action tag"]
    assert group.find(f"{SVG}path") is not None, "an icon"
    shown = " ".join(text.text or "" for text in group.iter(f"{SVG}text"))
    assert "Set Participant Data Tag the call writes traceparent, dd_trace_id, dd_trace_url, callspan_source" in shown


def test_paths_that_have_nothing_to_run_are_there() -> None:
    found = steps(NESTED)
    assert [path.label for path in found["Open?"].paths] == ["yes", "no"]
    assert [path.label for path in found["Which"].paths] == ["Flow.A", "Flow.B", "default"]
    assert [path.label for path in found["To sales"].paths] == ["failure"], "the flow goes on when it fails"
    assert [(path.label, path.returns) for path in found["Thrice"].paths] == [
        ("afterwards", False),
        ("each round", True),
    ]
    assert found["Over"].details == ("to Main",)
    assert not found["Over"].goes_on


def test_other_actions_have_the_path_that_is_not_in_the_file() -> None:
    found = steps(
        "- findQueue: {name: Find, outputs: {notFound: {actions: [disconnect: {name: Bye}]}}}\n"
        "- collectInput: {name: Ask, outputs: {success: {actions: []}, failure: {actions: []}}}\n"
        "- callTask: {name: Do, outputs: {done: {actions: []}}}\n"
    )
    assert [path.label for path in found["Find"].paths] == ["found", "not found"]
    assert [path.label for path in found["Ask"].paths] == ["success", "failure"]
    assert [path.label for path in found["Do"].paths] == ["done", "otherwise"]


def test_text_is_escaped_and_what_xml_cannot_hold_replaced() -> None:
    svg = drawn('- disconnect:\n    name: "<script>alert(1)</script> & \\u0007"\n')
    (title,) = titles(svg, "action")
    assert title.startswith("Disconnect: <script>alert(1)</script> & \ufffd")
    assert not list(svg.iter(f"{SVG}script"))


def test_a_long_name_is_cut_on_the_picture_and_whole_in_its_title() -> None:
    name = "A name that goes on and on " * 7
    svg = drawn(f"- disconnect:\n    name: {name}\n")
    assert name.strip() in titles(svg, "action")[0]
    shown = [text for text in texts(svg) if text.startswith(("A name", "goes on"))]
    assert shown[-1].endswith("\u2026")
    assert all(text_width(text, 13, bold=True) < BOX for text in shown)


def step(role: str, name: str, paths: list[Way]) -> Step:
    return Step(role, "Kind", name, ("something about it",) * (len(name) % 3), 1, tuple(paths))


ROLES = st.sampled_from(["plain", "data", "tag", "choice", "end"])
NAMES = st.sampled_from(["", "A name", "A name of two lines, being long"])
LABELS = st.sampled_from(["yes", "a label that is very long indeed, for a path"])
STYLES = st.sampled_from(["", "success", "failure", "timeout"])
STEP = st.recursive(
    st.builds(step, ROLES, NAMES, st.just([])),
    lambda inner: st.builds(
        step,
        ROLES,
        NAMES,
        st.lists(
            st.builds(Way, LABELS, STYLES, st.lists(inner, max_size=2).map(tuple), st.just(value=False), st.booleans()),
            max_size=3,
        ),
    ),
    max_leaves=8,
)


@given(st.lists(STEP, min_size=1, max_size=3))
def test_nothing_lies_over_anything_else(found: list[Step]) -> None:
    part = Part("Task: X", tuple(found), starts=True)
    picture = arranged([part], 10, 10, 100)
    assert Counter(id(box.step) for box in picture.boxes) == Counter(id(step) for step in every_step(part.steps))
    (frame,) = picture.frames
    areas = [(box.x, box.y, box.x + BOX, box.y + box.height) for box in picture.boxes]
    for left, top, right, bottom in areas:
        assert frame.x < left < right < frame.x + frame.width
        assert frame.y < top < bottom < frame.y + frame.height
    labels = [(label.x, label.y, label.x + label.width, label.y + 19) for label in picture.labels]
    for one, other in combinations([*areas, *labels], 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    assert not list(_crossings(picture, areas))


def _crossings(picture: Picture, areas: list[tuple[float, float, float, float]]) -> list[object]:
    """Return the wires that run through a box."""
    pieces = [piece for wire in picture.wires for piece in zip(wire.points, wire.points[1:], strict=False)]
    return [
        (piece, area)
        for (piece, area) in ((piece, area) for piece in pieces for area in areas)
        if min(piece[0][0], piece[1][0]) < area[2]
        and max(piece[0][0], piece[1][0]) > area[0]
        and min(piece[0][1], piece[1][1]) < area[3]
        and max(piece[0][1], piece[1][1]) > area[1]
    ]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(colours: Palette) -> None:
    """As WCAG 2 asks at level AA: 4.5 to 1."""
    grounds = [
        colours.ground,
        colours.frame,
        *(getattr(colours, name)[0] for name in ("box", "data", "tag", "choice", "end")),
    ]
    for ground in grounds:
        assert contrast(colours.text, ground) >= 4.5, ground
        assert contrast(colours.quiet, ground) >= 4.5, ground
    for name in ("label", "success", "failure", "timeout"):
        assert contrast(getattr(colours, name), colours.frame) >= 4.5, name
    assert contrast(colours.missing[1], colours.missing[0]) >= 4.5


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@given(st.text(max_size=80), st.integers(1, 4))
def test_wrapped_text_keeps_to_its_room(text: str, lines: int) -> None:
    found = wrapped(text, 13, 120, lines)
    assert len(found) <= lines
    assert all(text_width(each, 13) <= 120 for each in found)
    assert fitted(text, 13, 10_000) == " ".join(text.split())


def test_documented_words() -> None:
    assert doctest.testmod(words).failed == 0


def test_the_command_prints_the_picture_or_writes_it(tmp_path: Path) -> None:
    path = str(FLOWS[-1])
    printed = CliRunner().invoke(flow_command, ["draw", path, "--substitute", "queue_name=Sales & more"])
    assert printed.exit_code == 0
    assert "Sales &amp; more" in printed.output
    out = tmp_path / "flow.svg"
    written = CliRunner().invoke(
        flow_command, ["draw", path, "--substitute", "queue_name=Sales & more", "--out", str(out)]
    )
    assert written.output.strip() == str(out)
    assert out.read_text() == printed.output


def test_what_cannot_be_drawn_is_said_with_its_place(tmp_path: Path) -> None:
    broken = tmp_path / "flow.yaml"
    broken.write_text("inboundCall:\n  name: X\n")
    result = CliRunner().invoke(flow_command, ["draw", str(broken)])
    assert result.exit_code == 1
    assert f"{broken}:1:1: the flow has no `startUpRef`" in result.output
    result = CliRunner().invoke(flow_command, ["draw", str(FLOWS[0]), "--out", str(tmp_path / "no" / "such.svg")])
    assert result.exit_code == 2
    assert "No such file or directory" in result.output
