from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.identity import conversation_trace
from app.lookup import recognise
from tests.conftest import CONVERSATION

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "look-up.md").read_text()
TABLE = re.search(r"\| pasted \|.*?\n\n", TEXT, re.DOTALL)
assert TABLE is not None
EXAMPLES = [text for text in re.findall(r"`(.+?)`", TABLE[0]) if len(text) >= 32]


@pytest.mark.parametrize("text", EXAMPLES)
def test_what_may_be_pasted_leads_to_the_conversation(text: str) -> None:
    assert recognise(text).trace == conversation_trace(CONVERSATION)


def test_there_is_an_example_of_each_form() -> None:
    assert len(EXAMPLES) == 6


@pytest.mark.parametrize("name", re.findall(r"\(images/(.+?)\)", TEXT))
def test_a_picture_is_there_and_quickly_loaded(name: str) -> None:
    picture = (DOCS / "images" / name).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 150_000
