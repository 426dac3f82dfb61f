"""README, docs and the folders' READMEs lead somewhere: no dead relative link, no page that nothing leads to."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.contract.pages import PAGES, ROOT, anchors, links


def inside(page: Path) -> list[tuple[Path, str]]:
    """Return the file and the anchor of each relative link."""
    found = []
    for link in links(page):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page.parent / unquote(path)).resolve() if path else ROOT / page
        found.append((target, anchor))
    return found


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_relative_link_is_dead(page: Path) -> None:
    dead = []
    for target, anchor in inside(page):
        if not target.is_relative_to(ROOT) or not target.exists():
            dead.append(str(target))
        elif anchor and anchor not in anchors(target.relative_to(ROOT)):
            dead.append(f"{target.relative_to(ROOT)}#{anchor}")
    assert not dead


def test_every_page_and_picture_in_docs_is_linked_to() -> None:
    linked = {target for page in PAGES for target, _ in inside(page)}
    present = {path for path in (ROOT / "docs").rglob("*") if path.is_file()}
    assert present <= linked, present - linked


def test_the_index_lists_every_page() -> None:
    listed = {target for target, _ in inside(Path("docs/README.md"))}
    assert {path for path in (ROOT / "docs").glob("*.md") if path.name != "README.md"} <= listed


def test_a_dead_link_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One `two` *three*\n\n```\n# no heading, [no link](no.md)\n```\n\n[![p](a.png)](b.md#c) [d](#one-two-three)\n"
    )
    monkeypatch.setattr("tests.contract.pages.ROOT", tmp_path)
    assert anchors(Path("page.md")) == {"one-two-three"}
    assert sorted(set(links(Path("page.md")))) == ["#one-two-three", "a.png", "b.md#c"]
