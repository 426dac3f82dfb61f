"""`python -m bench.plot RESULTS.json OUT.svg`: the costs as bars; it runs in the environment of bench/peers."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pygal
from pygal.style import CleanStyle

OURS, OTHERS = "#632ca6", "#b0b0b8"


def draw(results: dict[str, Any]) -> bytes:
    """Return the SVG of the candidates' processor time a request, in units of the constant Flask route."""
    rows = sorted(results["rows"], key=lambda row: row["cpu_ratio"], reverse=True)
    style = CleanStyle(
        background="white", plot_background="white", font_family="sans-serif", label_font_size=13, value_font_size=13
    )
    chart = pygal.HorizontalBar(
        style=style,
        title="Processor time for a request, a constant Flask route = 1",
        width=800,
        height=60 + 40 * len(rows),
        show_legend=False,
        print_values=True,
        js=[],
        no_prefix=True,
        show_x_guides=False,
        show_y_guides=False,
        value_formatter=lambda value: f"{value:.2f}",
    )
    chart.x_labels = [row["name"] for row in rows]
    chart.add(
        "CPU",
        [{"value": row["cpu_ratio"], "color": OURS if row["key"] == "callspan" else OTHERS} for row in rows],
    )
    drawn: bytes = chart.render()
    # Its comment has the date: without it the same figures give the same file.
    return re.sub(rb"<!--.*?-->", b"", drawn)


def main() -> None:
    """Draw the results of one run."""
    results, svg = map(Path, sys.argv[1:])
    svg.parent.mkdir(parents=True, exist_ok=True)
    svg.write_bytes(draw(json.loads(results.read_text())))


if __name__ == "__main__":
    main()
