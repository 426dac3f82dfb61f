"""Small flows for the runner's tests."""

from __future__ import annotations

from textwrap import dedent, indent

from architect.runner import Flow
from architect.runner.loading import require_runnable


def voice(actions: str, variables: str = "", **substitutions: str) -> Flow:
    """Make an inbound call flow from its actions and variables."""
    return loaded(source("inboundCall", actions, variables), **substitutions)


def workflow(actions: str, variables: str = "") -> Flow:
    """Make a workflow from its actions and variables."""
    return loaded(source("workflow", actions, variables))


def source(flow_type: str, actions: str, variables: str = "") -> str:
    """Give the YAML of a flow with one task."""
    head = f"{flow_type}:\n  name: Test\n  startUpRef: ./tasks/task[main]\n"
    handling = "  settingsErrorHandling:\n    errorHandling:\n      disconnect:\n        none: true\n"
    declared = f"  variables:\n{indent(dedent(variables), '    ')}" if variables else ""
    tasks = "  tasks:\n    - task:\n        name: Main\n        refId: main\n        actions:\n"
    return head + declared + handling + tasks + indent(dedent(actions), " " * 10)


def loaded(text: str, **substitutions: str) -> Flow:
    """Read a flow that is to be run."""
    flow = Flow.parse(text, name="test.yaml", substitutions=substitutions)
    require_runnable(flow, substitutions)
    return flow


STRING = """
- stringVariable:
    name: Flow.X
    initialValue:
      noValue: true
"""

CALL = """
- callData:
    name: Ask
    category:
      Callspan:
        dataAction:
          Some Action:
            inputs:
              a:
                exp: Flow.X
            successOutputs:
              b:
                var: Flow.X
    outputs:
      success:
        actions:
          - disconnect:
              name: After success
      failure:
        actions:
          - disconnect:
              name: After failure
"""
