"""What is reported of measurements. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass
class Figures:
    """What was measured of one candidate: a figure a round, and every latency of the rounds at a fixed rate (s)."""

    key: str
    name: str
    cpu_us: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    start_s: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list, repr=False)


@dataclass(frozen=True)
class Row:
    """A candidate's medians. `cpu_ratio` is to the unit in the same round, with the least and the greatest."""

    key: str
    name: str
    cpu_us: float
    cpu_ratio: float
    cpu_ratio_range: tuple[float, float]
    per_second: float
    p50_ms: float
    p99_ms: float
    p999_ms: float
    rss_mb: float
    start_s: float
    requests_timed: int


def row(found: Figures, unit: Figures) -> Row:
    """Return the medians of a candidate."""
    ratios = [own / one for own, one in zip(found.cpu_us, unit.cpu_us, strict=True)]
    p50, p99, p999 = (percentile(found.latencies, share) * 1000 for share in (0.5, 0.99, 0.999))
    return Row(
        key=found.key,
        name=found.name,
        cpu_us=statistics.median(found.cpu_us),
        cpu_ratio=statistics.median(ratios),
        cpu_ratio_range=(min(ratios), max(ratios)),
        per_second=statistics.median(found.per_second),
        p50_ms=p50,
        p99_ms=p99,
        p999_ms=p999,
        rss_mb=statistics.median(found.rss_mb),
        start_s=statistics.median(found.start_s),
        requests_timed=len(found.latencies),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that at least this share of the values does not exceed (nearest rank).

    >>> percentile([4, 1, 3, 2], 0.5), percentile([4, 1, 3, 2], 0.99)
    (2, 4)
    """
    if not values:
        raise ValueError("no values")
    # Without the rounding, 0.999 of 1000 would be a hair above 999 and so the 1000th value.
    return sorted(values)[max(0, math.ceil(round(share * len(values), 9)) - 1)]


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return an aligned table: the first column to the left, the others to the right."""
    lines = [list(headings), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headings))]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))])
        for line in lines
    )
