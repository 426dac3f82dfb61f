"""What the runner does with a call."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from architect.emulator.failure import FAILURE_OUTPUTS
from architect.expressions import NOT_SET
from architect.runner import Choice, Flow, OutsideWrite, Reply, Scenario, ScenarioError, Transcript, run_flow
from architect.runner.run import MAX_ACTIONS
from tests.unit.runner.flows import CALL, STRING, loaded, source, voice, workflow

SET = """
- setParticipantData:
    name: Set
    attributes:
      - attribute:
          name:
            lit: a
          value:
            lit: from the flow
"""
END = "\n- disconnect:\n    name: Bye\n"


def statement(kind: str, value: str, variable: str = "Flow.X") -> str:
    body = f"      - {kind}:\n          variable: {variable}\n          value:\n            {value}\n"
    return f"- updateData:\n    name: Assign\n    statements:\n{body}"


def answering(reply: Reply, **fields: object) -> Scenario:
    return Scenario(replies={"*": (reply,)}, variables={"Flow.X": "input"}, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", "lit: text", "text"),
        ("string", "lit: 5", "5"),
        ("string", "exp: 'Upper(\"a\")'", "A"),
        ("string", "noValue: true", NOT_SET),
        ("integer", "lit: 5", 5),
        ("boolean", "lit: true", True),
        ("decimal", "lit: 1.5", Decimal("1.5")),
        ("decimal", "lit: 1", Decimal(1)),
        ("stringCollection", "lit: [a, b]", ["a", "b"]),
        ("stringCollection", "lit: [{lit: a}]", ["a"]),
    ],
)
def test_a_variable_takes_a_literal_as_its_own_type(kind: str, value: str, expected: object) -> None:
    assert run_flow(voice(statement(kind, value) + END), Scenario()).variables["Flow.X"] == expected


def test_names_of_variables_are_case_insensitive() -> None:
    actions = statement("string", "lit: a") + statement("string", "exp: Append(flow.x, FLOW.X)", "flow.X") + END
    assert run_flow(voice(actions, STRING), Scenario()).variables["Flow.X"] == "aa"


def test_statements_see_what_those_before_them_did() -> None:
    actions = statement("integer", "lit: 1") + statement("integer", "exp: Flow.X + 1") + END
    assert run_flow(voice(actions), Scenario()).variables["Flow.X"] == 2


def test_a_voice_flow_reads_its_writes_at_once_and_others_see_them_when_it_ends() -> None:
    read = SET.replace("setParticipantData", "getParticipantData").replace("name: Set", "name: Get")
    read = read.replace("value:\n            lit: from the flow", "variable: Flow.X")
    course = run_flow(voice(SET + read + END, STRING), Scenario(participant_data={"a": "before"}))
    assert course.variables["Flow.X"] == "from the flow"
    assert (course.visible, course.stored) == ({"a": "before"}, {"a": "from the flow"})


def test_a_write_over_rest_to_the_same_name_is_lost_when_a_voice_flow_ends() -> None:
    writes = (OutsideWrite("Set", "a", "over REST"), OutsideWrite("Set", "b", "kept"))
    course = run_flow(voice(SET + END), Scenario(outside_writes=writes))
    assert course.visible == {"a": "over REST", "b": "kept"}
    assert course.stored == {"a": "from the flow", "b": "kept"}
    assert [(lost.name, lost.outside, lost.flow) for lost in course.lost] == [("a", "over REST", "from the flow")]
    assert "Lost: a = 'over REST', written over REST, when the flow ended with 'from the flow'" in str(course)


def test_a_message_flow_writes_at_once_so_that_a_later_write_stays() -> None:
    flow = loaded(source("inboundShortMessage", SET + END))
    course = run_flow(flow, Scenario(outside_writes=(OutsideWrite("Set", "a", "over REST"),)))
    assert course.stored == {"a": "over REST"}
    assert course.lost == []


def test_a_bot_call_sends_a_voice_flows_writes_to_the_cloud() -> None:
    flow = voice(SET + "\n- callBotFlow:\n    name: Bot\n" + END)
    course = run_flow(flow, Scenario(outside_writes=(OutsideWrite("Bot", "a", "by the bot"),)))
    assert course.stored == {"a": "by the bot"}


@pytest.mark.parametrize(
    ("reply", "path", "ending"),
    [
        (Reply("answer", {"b": "output"}), "success", "After success"),
        (Reply("rejected"), "success", "After success"),
        (Reply("failure"), "failure", "After failure"),
        (Reply("timeout"), "timeout", "Bye"),
    ],
    ids=lambda value: value.kind if isinstance(value, Reply) else "",
)
def test_a_data_action_takes_the_path_that_the_scenario_says(reply: Reply, path: str, ending: str) -> None:
    course = run_flow(voice(CALL + END, STRING), answering(reply))
    assert course.paths("Ask") == [path]
    assert course.steps[-1].name == ending
    assert course.variables["Flow.X"] == {"answer": "output", "rejected": NOT_SET}.get(reply.kind, "input")


def test_replies_follow_one_another_and_the_last_one_stays() -> None:
    call = CALL[: CALL.index("    outputs:")]
    flow = voice(call * 3 + END, STRING)
    scenario = Scenario(replies={"Some Action": (Reply("failure"), Reply("timeout"))}, variables={"Flow.X": "x"})
    assert run_flow(flow, scenario).paths("Ask") == ["failure", "timeout", "timeout"]


@pytest.mark.parametrize("flow_type", ["inboundCall", "inboundShortMessage"])
def test_only_flows_that_are_no_voice_flows_see_why_an_action_failed(flow_type: str) -> None:
    outputs = "".join(f"              {name}:\n                var: Flow.{name}\n" for name in FAILURE_OUTPUTS)
    call = CALL.replace(
        "            successOutputs:", f"            failureOutputs:\n{outputs}            successOutputs:"
    )
    course = run_flow(loaded(source(flow_type, call + END, STRING)), answering(Reply("failure")))
    seen = course.variables.get("Flow.errorCode")
    assert seen == (None if flow_type == "inboundCall" else "BAD_REQUEST")
    assert course.variables.get("Flow.status") == (None if flow_type == "inboundCall" else 400)


def test_an_input_that_is_not_set_goes_to_error_handling_before_anything_is_sent() -> None:
    course = run_flow(voice(SET + CALL + END, STRING), Scenario())
    assert not course.in_order
    assert course.ending == "by the flow's error handling: disconnected"
    assert "the input `a` is not set" in (course.error or "")
    assert course.paths("Ask") == [""]
    assert course.stored == {"a": "from the flow"}, "what was written before is kept"


def test_an_input_with_no_value_is_left_out() -> None:
    call = CALL.replace("exp: Flow.X", "noValue: true")
    assert run_flow(voice(call + END, STRING), Scenario()).in_order


def test_an_expression_that_fails_goes_to_error_handling_with_its_place() -> None:
    actions = statement("string", "exp: Left(Flow.X, 1)") + END
    course = run_flow(voice(actions, STRING), Scenario())
    assert not course.in_order
    assert "must not be NOT_SET" in (course.error or "")
    assert (course.error or "").startswith("line ")


def test_error_handling_can_send_the_call_to_a_queue() -> None:
    text = source("inboundCall", statement("string", "exp: Left(Flow.X, 1)") + END, STRING)
    queue = "      queue:\n        targetQueue:\n          lit:\n            name: Sales\n"
    flow = loaded(text.replace("      disconnect:\n        none: true\n", queue, 1))
    assert run_flow(flow, Scenario()).ending == "by the flow's error handling: transferred to the queue Sales"


def test_participant_data_takes_only_text() -> None:
    actions = SET.replace("lit: from the flow", "exp: 1 + 1") + END
    assert "use ToString()" in (run_flow(voice(actions), Scenario()).error or "")


@pytest.mark.parametrize(("condition", "path"), [("true", "yes"), ("false", "no"), ("NOT_SET == true", "no")])
def test_a_decision_takes_yes_or_no(condition: str, path: str) -> None:
    actions = f'- decision:\n    name: D\n    condition:\n      exp: {condition}\n    outputs:\n      "yes":\n'
    actions += "        actions:\n          - disconnect:\n              name: Inside\n" + END
    course = run_flow(voice(actions), Scenario())
    assert course.paths("D") == [path]
    assert course.steps[-1].name == ("Inside" if path == "yes" else "Bye")


def switch(evaluate: str, cases: list[str]) -> str:
    lines = "".join(
        f"- case:\n    value:\n      {value}\n    actions:\n      - disconnect:\n          name: Case {number}\n"
        for number, value in enumerate(cases, start=1)
    )
    inside = "default:\n  actions:\n    - disconnect:\n        name: Default\ncases:\n" + lines
    depth = 8 if evaluate == "firstTrue" else 10
    indented = "".join(" " * depth + line + "\n" for line in inside.splitlines())
    value = "" if evaluate == "firstTrue" else "string:\n          value:\n            exp: Flow.X\n"
    inside = value + indented if value else indented.lstrip()
    return f"- switch:\n    name: S\n    evaluate:\n      {evaluate}:\n        {inside}"


@pytest.mark.parametrize(
    ("evaluate", "cases", "taken"),
    [
        ("firstTrue", ["exp: false", "exp: true", "exp: true"], "Case 2"),
        ("firstTrue", ["exp: false"], "Default"),
        ("firstMatch", ["lit: other", "lit: input"], "Case 2"),
        ("firstMatch", ["lit: other"], "Default"),
    ],
)
def test_a_switch_takes_the_first_case_that_fits(evaluate: str, cases: list[str], taken: str) -> None:
    course = run_flow(voice(switch(evaluate, cases), STRING), answering(Reply("failure")))
    assert course.steps[-1].name == taken


def test_a_loop_counts_from_zero_and_can_be_left() -> None:
    actions = """
- loop:
    name: L
    currentIndex:
      var: Flow.I
    loopCount:
      lit: 5
    outputs:
      loop:
        actions:
          - decision:
              name: Third
              condition:
                exp: Flow.I == 2
              outputs:
                "yes":
                  actions:
                    - loopExit:
                        name: Enough
          - loopNext:
              name: Next
          - disconnect:
              name: Never
"""
    course = run_flow(voice(actions + END), Scenario())
    assert course.variables["Flow.I"] == 2
    assert course.steps[-1].name == "Bye"


def test_a_task_is_called_and_returns_by_the_path_that_it_names() -> None:
    call = "- callTask:\n    name: Call\n    targetTaskRef: ./tasks/task[other]\n    outputs:\n      Done:\n"
    call += "        actions:\n          - disconnect:\n              name: After\n"
    other = "    - task:\n        name: Other\n        refId: other\n        actions:\n          - endTask:\n"
    other += "              name: Return\n              outputPath:\n                name: Done\n"
    course = run_flow(loaded(source("inboundCall", call + END) + other), Scenario())
    assert [step.name for step in course.steps] == ["Call", "Return", "After"]


def test_an_endless_flow_is_stopped_at_architects_limit() -> None:
    flow = voice("- jumpToTask:\n    name: Again\n    targetTaskRef: ./tasks/task[main]\n")
    course = run_flow(flow, Scenario())
    assert f"more than {MAX_ACTIONS} actions" in (course.error or "")
    assert len(course.steps) == MAX_ACTIONS


def test_a_task_that_calls_itself_for_ever_goes_to_error_handling() -> None:
    flow = voice("- callTask:\n    name: Again\n    targetTaskRef: ./tasks/task[main]\n")
    course = run_flow(flow, Scenario())
    assert (course.in_order, course.error) == (False, "tasks call one another without an end")


def test_a_value_that_architect_has_no_type_for_goes_to_error_handling() -> None:
    flow = voice(statement("string", "exp: ToString(Flow.X)") + END, STRING)
    course = run_flow(flow, Scenario(variables={"Flow.X": 1.5}))
    assert not course.in_order
    assert "no value of Architect's" in (course.error or "")


def test_a_menu_goes_where_the_key_says_and_needs_one_in_the_scenario() -> None:
    text = source("inboundCall", END).replace("./tasks/task[main]", "./menus/menu[m]")
    text += "  menus:\n    - menu:\n        name: Main\n        refId: m\n        choices:\n"
    text += "          - menuJumpToTask:\n              name: One\n              dtmf: digit_1\n"
    text += "              targetTaskRef: ./tasks/task[main]\n"
    flow = loaded(text)
    assert run_flow(flow, Scenario(digits=("1",))).ending == "disconnected"
    with pytest.raises(ScenarioError, match="waits for a key"):
        run_flow(flow, Scenario())
    with pytest.raises(ScenarioError, match="no choice 7"):
        run_flow(flow, Scenario(digits=("7",)))


def test_a_transfer_that_fails_goes_on() -> None:
    transfer = "- transferToAcd:\n    name: T\n    targetQueue:\n      lit:\n        name: Sales\n    outputs:\n"
    transfer += "      failure:\n        actions:\n          - disconnect:\n              name: Sorry\n"
    assert run_flow(voice(transfer), Scenario()).ending == "transferred to the queue Sales"
    course = run_flow(voice(transfer), Scenario(choices={"T": Choice("failure")}))
    assert course.steps[-1].name == "Sorry"


def test_what_the_platform_decides_is_up_to_the_scenario() -> None:
    actions = "- collectInput:\n    name: Digits\n    outputs:\n      failure:\n        actions:\n"
    actions += "          - disconnect:\n              name: None given\n" + END
    course = run_flow(voice(actions, STRING), Scenario(choices={"Digits": Choice(variables={"Flow.X": "12"})}))
    assert (course.variables["Flow.X"], course.steps[-1].name) == ("12", "Bye")
    assert run_flow(voice(actions), Scenario(choices={"Digits": Choice("failure")})).steps[-1].name == "None given"


MODULE = """\
commonModule:
  name: Doubler
  variables:
    - stringVariable:
        name: Common.In
        isInput: true
    - stringVariable:
        name: Common.Out
        isOutput: true
  startUpTaskActions:
    - updateData:
        name: Double
        statements:
          - string:
              variable: Common.Out
              value:
                exp: Append(Common.In, Common.In)
    - endTask:
        name: Return
"""
CALL_MODULE = """
- callCommonModule:
    name: Module
    commonModule:
      Doubler:
        ver_latestPublished:
          inputs:
            Common.In:
              lit: ab
          outputs:
            Common.Out:
              var: Flow.X
"""


def test_a_common_module_is_found_by_its_name_and_gives_its_outputs_back(tmp_path: Path) -> None:
    (tmp_path / "any.yaml").write_text(MODULE)
    (tmp_path / "broken.yaml").write_text("commonModule: [")
    course = run_flow(voice(CALL_MODULE + END, STRING), Scenario(modules=tmp_path))
    assert course.variables["Flow.X"] == "abab"
    assert "Common.In" not in course.variables
    assert [step.depth for step in course.steps] == [0, 1, 1, 0]


def test_an_expression_that_fails_in_a_common_module_fails_the_flow(tmp_path: Path) -> None:
    (tmp_path / "any.yaml").write_text(MODULE.replace("Append(Common.In, Common.In)", 'Left("", -1)'))
    assert not run_flow(voice(CALL_MODULE + END, STRING), Scenario(modules=tmp_path)).in_order


def test_a_common_module_cannot_call_another(tmp_path: Path) -> None:
    nested = MODULE + "".join(f"    {line}\n" for line in CALL_MODULE.splitlines() if line)
    (tmp_path / "any.yaml").write_text(nested.replace("    - endTask:\n        name: Return\n", ""))
    course = run_flow(voice(CALL_MODULE + END, STRING), Scenario(modules=tmp_path))
    assert "cannot call another" in (course.error or "")


@pytest.mark.parametrize("folder", [True, False])
def test_a_common_module_that_is_not_there_is_the_scenarios_fault(tmp_path: Path, *, folder: bool) -> None:
    with pytest.raises(ScenarioError, match="common module"):
        run_flow(voice(CALL_MODULE + END), Scenario(modules=tmp_path if folder else None))


CONVERSATION_DATA = """
- setConversationData:
    name: Set
    conversationId:
      exp: Flow.conversationId
    attributes:
      - attribute:
          name:
            lit: a
          value:
            lit: b
- endWorkflow:
    name: End
    exitReason:
      lit: done
"""
INPUT = """
- stringVariable:
    name: Flow.conversationId
    isInput: true
"""


def test_a_workflow_writes_conversation_data_at_once() -> None:
    course = run_flow(workflow(CONVERSATION_DATA, INPUT), Scenario())
    assert (course.visible, course.stored) == ({"a": "b"}, {"a": "b"})
    assert course.ending == 'workflow ended, "done"'


def test_writing_conversation_data_can_fail() -> None:
    course = run_flow(workflow(CONVERSATION_DATA, INPUT), Scenario(choices={"Set": Choice("failure")}))
    assert (course.paths("Set"), course.stored) == (["failure"], {})


def test_the_transcript_is_the_same_as_text_and_as_json() -> None:
    course: Transcript = run_flow(voice(SET + CALL + END, STRING), answering(Reply("rejected")))
    found = course.as_dict()
    assert found["inOrder"] is True
    assert found["participantData"] == {"a": "from the flow"}
    assert found["variables"]["Flow.X"] is None  # type: ignore[index, call-overload]
    text = course.text()
    assert "callData 'Ask' -> success" in text
    assert "Ended: disconnected" in text


def test_an_action_over_http_needs_its_export(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match='no export of "Some Action"'):
        run_flow(voice(CALL + END, STRING), answering(Reply("http"), actions=tmp_path))


def test_a_scenario_that_does_not_mention_an_action_is_refused() -> None:
    with pytest.raises(ScenarioError, match='"Some Action"'):
        run_flow(voice(CALL + END, STRING), Scenario(replies={}, variables={"Flow.X": "x"}))


def test_a_flow_can_be_read_from_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "flow.yaml"
    path.write_text("\ufeff" + source("inboundCall", END), encoding="utf-8")
    assert Flow.load(path).name == "Test"
