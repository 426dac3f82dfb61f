"""What is said of files that are no flows, or none that can be run."""

from __future__ import annotations

import pytest

from architect.runner import FlowError
from architect.runner.flow import Flow
from architect.runner.source import MAX_BYTES, Scalar, read
from tests.unit.runner.flows import loaded, source

DISCONNECT = "- disconnect:\n    name: Bye\n"


def problems(text: str, **substitutions: str) -> list[tuple[int, str]]:
    with pytest.raises(FlowError) as raised:
        loaded(text, **substitutions)
    assert all(
        f"test.yaml:{each.line}:{each.column}: {each.text}" in str(raised.value) for each in raised.value.problems
    )
    return [(each.line, each.text) for each in raised.value.problems]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "holds no flow"),
        ("- a\n", 1, "holds no flow"),
        ("{}\n", 1, "holds no flow"),
        ("a: [\n", 2, "not YAML"),
        ("inboundCall:\n  name: X\n   b: 1\n", 3, "not YAML"),
        ("bot:\n  name: X\n", 1, "`bot` is not a flow type"),
        ("inboundCall:\n  name: X\n  name: Y\n", 3, "`name` stands twice"),
        ("inboundCall:\n  name: &a X\n  other: *a\n", 3, "aliases are not used in flows"),
        ("inboundCall:\n  name: X\n", 1, "no `startUpRef`"),
        ("inqueueCall:\n  name: X\n", 1, "no `startUpTaskActions`"),
        ("inboundCall: {}\nworkflow: {}\n", 2, "`workflow` stands beside the flow"),
        ("inboundCall:\n  name: X\n  startUpRef: ./tasks/task[a]\n", 3, "which is not in this file"),
        ("inboundCall: text\n", 1, "holds no flow"),
        ("? [a]\n: b\n", 1, "a key should be plain text"),
    ],
)
def test_a_file_that_is_no_flow_is_refused_with_the_line(text: str, line: int, told: str) -> None:
    assert any(where == line and told in what for where, what in problems(text))


def test_a_file_beyond_architects_limit_is_refused_unread() -> None:
    with pytest.raises(FlowError, match="larger than"):
        read("#" * (MAX_BYTES + 1), name="big.yaml", substitutions={})


def test_an_action_that_cannot_be_run_is_named_with_its_line() -> None:
    text = source("inboundCall", "- createCallback:\n    name: Later\n" + DISCONNECT)
    ((line, told),) = problems(text)
    assert text.splitlines()[line - 1].strip() == "- createCallback:"
    assert told == "the action `createCallback` cannot be run offline"


def test_every_problem_is_told_at_once() -> None:
    actions = "- nonsense:\n    name: A\n- updateData:\n    statements:\n      - string:\n          variable: Flow.X\n"
    actions += "          value:\n            exp: 'Left(('\n- callTask:\n    targetTaskRef: ./tasks/task[none]\n"
    told = [text for _, text in problems(source("inboundCall", actions))]
    assert [text.split()[0] for text in told] == ["the", "not", "targetTaskRef:"]


def test_an_expression_that_cannot_be_read_is_shown_at_its_column() -> None:
    actions = "- decision:\n    name: D\n    condition:\n      exp: 'true and &&'\n    outputs: {}\n"
    text = source("inboundCall", actions)
    with pytest.raises(FlowError) as raised:
        loaded(text)
    (problem,) = raised.value.problems
    assert text.splitlines()[problem.line - 1][problem.column - 1 :].startswith("&&")


def test_a_list_item_that_is_no_action_is_told() -> None:
    assert "a list item with one key" in problems(source("inboundCall", "- a: {}\n  b: {}\n"))[0][1]


def test_a_substitution_that_is_not_given_is_told_with_its_line() -> None:
    text = source("inboundCall", '- disconnect:\n    name: "{{who}}"\n')
    ((line, told),) = problems(text)
    assert "{{who}}" in text.splitlines()[line - 1]
    assert told == "the substitution `who` is not given"


@pytest.mark.parametrize("value", ['a "quoted" one', "a: b", "- x", "#", "'", "line\nbreak", "{{who}}", "yes"])
def test_a_substituted_value_is_text_whatever_is_in_it(value: str) -> None:
    for spelling in ('"{{who}}"', "{{who}}", "{{ who }}"):
        flow = loaded(source("inboundCall", f"- disconnect:\n    name: {spelling}\n"), who=value)
        assert flow.actions[0].name == value


def test_a_substitution_does_not_move_what_stands_behind_it() -> None:
    found = read('a: {b: "{{long_name}}", c: d}\n', name="x", substitutions={"long_name": ""})
    written = found.root.get("a", "c")
    assert isinstance(written, Scalar)
    assert (written.place.line, written.place.column) == (1, 28)


def test_a_key_can_be_substituted() -> None:
    found = read('"{{category}}":\n  x: 1\n', name="x", substitutions={"category": "Callspan"})
    assert list(found.root.items) == ["Callspan"]


def test_a_flow_knows_its_actions_in_the_order_of_the_file() -> None:
    actions = (
        '- decision:\n    name: A\n    outputs:\n      "yes":\n        actions:\n          - disconnect:\n'
        "              name: B\n" + DISCONNECT
    )
    flow = Flow.parse(source("inboundCall", actions))
    assert [action.name for action in flow.actions] == ["A", "B", "Bye"]
