"""The pages name every subcommand of `callspan`, none that there is not, and each explains itself with an example."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli import main
from tests.contract.pages import PAGES, blocks, text_of

DOCS = [page for page in PAGES if page.name != "CHANGELOG.md"]
SPACES = re.compile(r"\s+")


def subcommands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Return every command that is no group, with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from subcommands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(subcommands(main))
NAMES = [" ".join(path) for path in COMMANDS]


def parse(text: str) -> None:
    """Hold a command line against the commands and options that there are. What stands for a value may be anything."""
    words = shlex.split(text)[1:]
    path = next((path for path in COMMANDS if tuple(words[: len(path)]) == path), None)
    assert path is not None, f"no command: callspan {' '.join(words)}"
    given = [word for word in words[len(path) :] if word != "..."]
    if not given:
        return
    command = COMMANDS[path]
    with click.Context(command, info_name=path[-1]) as context:
        command.make_parser(context).parse_args(given)


def inline() -> list[tuple[str, str]]:
    """Return the commands between backticks in running text, each with its page."""
    found = []
    for page in DOCS:
        prose = re.sub(r"^ *```.*?^ *```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
        for code in re.findall(r"`(callspan [^`]+)`", prose):
            text = SPACES.sub(" ", code).strip()
            words = text.split()
            if any(path[: len(words) - 1] == tuple(words[1:]) and len(path) >= len(words) for path in COMMANDS):
                continue  # a group such as `callspan action`
            found.append((str(page), text))
    return sorted(set(found))


@pytest.mark.parametrize("name", NAMES)
def test_every_subcommand_is_in_the_pages(name: str) -> None:
    assert re.search(rf"\bcallspan {name}\b", SPACES.sub(" ", "".join(map(text_of, DOCS))))
    assert f"`callspan {name}`" in text_of(Path("docs/command-line.md"))


@pytest.mark.parametrize("path", COMMANDS, ids=NAMES)
def test_the_help_of_every_subcommand_has_an_example_that_it_takes(path: tuple[str, ...]) -> None:
    printed = CliRunner().invoke(main, [*path, "--help"], terminal_width=200).output
    (example,) = re.findall(r"^ *Example:\n +(.+)$", printed, re.MULTILINE)
    assert shlex.split(example)[: len(path) + 1] == ["callspan", *path]
    parse(example)


@pytest.mark.parametrize(("page", "text"), inline(), ids=str)
def test_a_command_in_running_text_is_one(page: str, text: str) -> None:
    parse(text)


def test_commands_in_blocks_are_ones() -> None:
    lines = [
        line.removeprefix("$ ")
        for page in DOCS
        for block in blocks(page)
        for line in re.sub(r" *\\\n *", " ", block.text).splitlines()
        if re.match(r"(\$ )?callspan [a-z]", line)
    ]
    assert len(lines) > 20
    for line in lines:
        parse(line)


@pytest.mark.parametrize(
    "text", ["callspan nothing", "callspan key old", "callspan init --wrong 1", "callspan init --queue"]
)
def test_a_command_that_there_is_not_would_be_noticed(text: str) -> None:
    with pytest.raises((AssertionError, click.UsageError)):
        parse(text)


@pytest.mark.parametrize("page", DOCS, ids=str)
def test_make_has_every_target_that_is_named(page: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):.*##", text_of(Path("Makefile")), re.MULTILINE))
    named = set(re.findall(r"(?:`|^|\$ )make ([\w-]+)", text_of(page), re.MULTILINE))
    assert named <= targets
