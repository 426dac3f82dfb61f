"""Tables in Markdown pages that are generated, each between two marks: `<!-- name -->` and `<!-- /name -->`."""

from __future__ import annotations

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_block(page: str, name: str, text: str) -> str:
    """Return the page with this text between the marks of that name. Raises ValueError when it has no such marks."""
    before, start, rest = page.partition(f"<!-- {name} -->")
    _, end, after = rest.partition(f"<!-- /{name} -->")
    if not start or not end:
        raise ValueError(f"the page has no <!-- {name} --> ... <!-- /{name} -->")
    return f"{before}{start}\n{text}\n{end}{after}"
