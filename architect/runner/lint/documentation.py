"""What docs/flows.md shows of the tools, and `python -m architect.runner.lint.documentation FILE` to write it again."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from click.testing import CliRunner

from architect.flow_commands import flow
from architect.markdown import table, with_block
from architect.runner.lint.rules import FLOW_RULES

_COMMAND = re.compile(r"^```\n\$ callspan flow (?P<arguments>[^\n]+)\n.*?^```$", re.MULTILINE | re.DOTALL)


def rules_table() -> str:
    """Give the rules as a Markdown table."""
    head = ("rule", "severity", "what is wrong", "what comes of it")
    return table(head, [(f"`{rule.id}`", rule.severity, rule.title, rule.why) for rule in FLOW_RULES.values()])


def documented(page: str) -> str:
    """Give the page with its rules, and the output of its commands, as they are now."""

    def shown(command: re.Match[str]) -> str:
        output = CliRunner().invoke(flow, shlex.split(command["arguments"])).output
        return f"```\n$ callspan flow {command['arguments']}\n{output}```"

    return with_block(_COMMAND.sub(shown, page), "flow-rules", rules_table())


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(documented(target.read_text()))
