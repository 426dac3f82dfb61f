"""Results of the faults, for reading: `python -m tests.chaos.report` writes them into `docs/failures.md`."""

from __future__ import annotations

from pathlib import Path

from architect.markdown import table, with_block
from architect.sandbox import ROOT
from tests.chaos.faults import FAULTS
from tests.chaos.result import Result, read

RESULTS = Path(__file__).parent / "results.json"
PAGE = ROOT / "docs" / "failures.md"


def text(results: list[Result]) -> str:
    """Return results for a terminal."""
    head = ("fault", "s", "calls", "tagged", "by flow", "complete", "spans", "lost", "counted", "errors", "ms", "back")
    rows = [
        (
            each.fault,
            f"{each.seconds:.0f}",
            str(each.calls),
            str(each.tagged),
            str(each.tagged_by_flow),
            str(each.complete),
            str(each.promised),
            str(each.lost_spans),
            str(each.counted),
            str(sum(each.errors.values())),
            str(each.added_ms),
            "never" if each.recovered_s is None else f"{each.recovered_s:.1f}",
        )
        for each in results
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(width) if not n else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in [head, *rows]
    ]
    for each in results:
        lines += ["", each.fault] + [f"  {line}" for line in details(each)] if details(each) else []
    return "\n".join(lines)


def details(result: Result) -> list[str]:
    """Return what the table has no room for, a line each."""
    found = {
        "lost": counts(result.lost),
        "errors": f"{counts(result.errors)} of {result.requests} requests" if result.errors else "",
        "event deliveries that were repeated": str(result.event_retries or ""),
        "events not taken in": counts(result.events_refused),
        "spans that came again": str(result.repeated or ""),
        "tracebacks in the log": str(result.tracebacks or ""),
        **result.notes,
        "problems": "; ".join(result.problems[:3]),
    }
    return [f"{name}: {value}" for name, value in found.items() if value]


def counts(found: dict[str, int]) -> str:
    """Return counted names as a list."""
    return ", ".join(f"{name} {count}" for name, count in sorted(found.items()))


def page(results: list[Result], page: str) -> str:
    """Return the documentation with both tables written again."""
    done = table(
        ("what goes wrong", "how it is brought about"),
        [(fault.name, fault.done) for fault in FAULTS],
    )
    rows = [
        (
            each.fault,
            f"{each.tagged} of {each.calls}",
            f"{each.complete} of {each.calls}",
            f"{each.lost_spans} of {each.promised}" + (f" ({each.counted} counted)" if each.lost_spans else ""),
            f"{sum(each.errors.values())} of {each.requests}",
            str(max(each.added_ms, 0)),
        )
        for each in results
    ]
    head = (
        "what goes wrong",
        "calls tagged",
        "traces complete",
        "spans lost",
        "answers that were errors",
        "worst added delay, ms",
    )
    more = [
        f"- *{each.fault}*: {', '.join(f'{name} {value}' for name, value in each.notes.items())}."
        for each in results
        if each.notes
    ]
    return with_block(with_block(page, "faults", done), "figures", "\n".join([table(head, rows), "", *more]))


def write() -> None:
    """Write the documentation from the last results."""
    PAGE.write_text(page(read(RESULTS), PAGE.read_text()))


if __name__ == "__main__":
    write()
