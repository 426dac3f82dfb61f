"""What the demo prints, and what it holds it against."""

from __future__ import annotations

from collections.abc import Mapping


class Checks:
    """Compares what happened with what was to happen, and remembers whether it ever differed."""

    def __init__(self) -> None:
        self.failed = 0

    def equal(self, claim: str, actual: object, expected: object) -> None:
        """Print the claim, and both values when they differ."""
        if actual == expected:
            print(f"  ok    {claim}")
        else:
            self.failed += 1
            print(f"  WRONG {claim}\n        expected {expected!r}\n        but got  {actual!r}")


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}")


def indented(heading: str, text: str) -> str:
    """Return a text under a heading, indented."""
    return f"  {heading}:\n" + "\n".join(f"    {line}" for line in text.splitlines())


def table(values: Mapping[str, object]) -> str:
    """Return names and values, one a line."""
    return "\n".join(f"{name:17} {value}" for name, value in values.items())
