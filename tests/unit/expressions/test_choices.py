from __future__ import annotations

from pathlib import Path

import pytest

from architect.expressions.choices import CHOICES
from architect.expressions.overloads import overload

PACKAGE = Path(__file__).parents[3] / "architect" / "expressions"


def test_every_choice_is_named_where_it_is_made() -> None:
    """A choice that no module names would be documentation of nothing."""
    text = "".join(path.read_text() for path in PACKAGE.rglob("*.py") if path.name != "choices.py")
    assert [name for name in CHOICES if f"`{name}`" not in text] == []


@pytest.mark.parametrize("declaration", ["Foo", "Foo(x) -> String", "Foo(x: String!) -> String", "Foo() String"])
def test_a_declaration_that_cannot_be_read_is_a_programming_error(declaration: str) -> None:
    with pytest.raises(ValueError, match=r"declare|cannot be read"):
        overload(declaration, str)
