from __future__ import annotations

import re
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.docs import tables, with_tables
from architect.expressions import Expression

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("README.md", "settings"),
        ("docs/contracts.md", "actions"),
        ("docs/metrics.md", "metrics"),
        ("docs/attributes.md", "attributes"),
    ],
)
def test_the_generated_tables_are_up_to_date(path: str, table: str) -> None:
    """`make generate` writes them again."""
    document = (ROOT / path).read_text()
    assert tables()[table] in document
    assert with_tables(document) == document


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:app|architect|bench|schemas|tests)/[\w./-]*)`", README))))
def test_every_file_that_is_named_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_every_top_level_folder_is_on_the_map() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name.isidentifier()} - {"__pycache__"}
    on_the_map = set(re.findall(r"^\| `(\w+)/` \|", README, re.MULTILINE))
    assert folders == on_the_map


def test_every_error_code_is_listed() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    codes = set(re.findall(r'Rejection\(\s*"(\w+)"', sources)) | set(
        re.findall(r'"(missing_input|invalid_input)"', sources)
    )
    assert len(codes) == 5
    contracts = (ROOT / "docs" / "contracts.md").read_text()
    listed = re.search(r"`error_code` is one of (.*?)\.\n", contracts, re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"`(\w+)`", listed.group(1))) == codes


@pytest.mark.parametrize("command", sorted(set(re.findall(r"(?:`|^)make (\w+)(?:`|$)", README, re.MULTILINE))))
def test_every_make_command_that_is_named_exists(command: str) -> None:
    targets = re.findall(r"^(\w+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert command in targets


@given(st.uuids(), st.randoms())
def test_the_expression_for_the_other_paths_gives_what_the_service_would(conversation: UUID, random: Random) -> None:
    (text,) = re.findall(r"^Append\(.*\)$", README, re.MULTILINE)
    spelling = "".join(random.choice([c.lower(), c.upper()]) for c in str(conversation))
    computed = Expression.parse(text).evaluate({"Call.ConversationId": spelling})
    hex_digits = conversation.hex
    assert computed == f"00-{hex_digits}-{hex_digits[:16]}-01"
