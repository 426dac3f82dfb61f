from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.docs import with_tables

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_generated_tables_are_up_to_date() -> None:
    """`make generate` writes them again."""
    assert with_tables(README) == README


def test_a_document_without_the_marks_of_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="<!-- settings -->"):
        with_tables("no marks here")


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:app|architect|bench|schemas|tests)/[\w./-]*)`", README))))
def test_every_file_that_is_named_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_every_top_level_folder_is_on_the_map() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))}
    on_the_map = set(re.findall(r"^\| `(\w+)/` \|", README, re.MULTILINE))
    assert {folder for folder in folders if list((ROOT / folder).rglob("*.py"))} == on_the_map


def test_every_error_code_is_listed() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    codes = set(re.findall(r'Rejection\(\s*"(\w+)"', sources)) | set(
        re.findall(r'"(missing_input|invalid_input)"', sources)
    )
    assert len(codes) == 5
    listed = re.search(r"`error_code` is one of (.*?)\.\n", README, re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"`(\w+)`", listed.group(1))) == codes


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`?make (\w+)", README))))
def test_every_make_command_that_is_named_exists(command: str) -> None:
    targets = re.findall(r"^(\w+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert command in targets
