"""Shell completion, as docs/command-line.md says to set it up."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete

from app.cli import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "command-line.md").read_text()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_documented_command_prints_a_script_for_the_shell(shell: str) -> None:
    (variable,) = re.findall(rf"(_\w+)={shell}_source callspan", PAGE)
    environ = {**os.environ, variable: f"{shell}_source"}
    callspan = Path(sys.executable).parent / "callspan"
    result = subprocess.run([callspan], env=environ, capture_output=True, text=True, check=True)
    assert "_callspan_completion" in result.stdout
    assert f"_CALLSPAN_COMPLETE={shell}_complete" in result.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_a_subcommand_by_the_documented_line() -> None:
    (line,) = re.findall(r'^eval "\$\(_CALLSPAN_COMPLETE=bash_source callspan\)"$', PAGE, re.MULTILINE)
    script = f'{line}\nCOMP_WORDS=(callspan trace sh) COMP_CWORD=2\n_callspan_completion callspan\necho "$COMPREPLY"\n'
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    result = subprocess.run(["bash", "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "show", result.stderr


def test_choices_of_an_option_are_completed() -> None:
    complete = BashComplete(main, {}, "callspan", "_CALLSPAN_COMPLETE")
    given = ["trace", "show", "x", "--format"]
    assert [item.value for item in complete.get_completions(given, "")] == ["text", "json"]


def test_every_command_is_on_the_page() -> None:
    rows = " ".join(re.findall(r"^\| (`callspan [^|]*)\|", PAGE, re.MULTILINE))
    for name, command in main.commands.items():
        assert re.search(rf"`(callspan )?{name}\b", rows), name
        for subcommand in command.commands if isinstance(command, click.Group) else ():
            assert re.search(rf"\b{subcommand}`", rows), f"{name} {subcommand}"
