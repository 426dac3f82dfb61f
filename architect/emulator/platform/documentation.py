"""The table of docs/platform.md that is generated, and `python -m architect.emulator.platform.documentation FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from architect.emulator.choices import choices_table
from architect.emulator.platform.choices import CHOICES
from architect.markdown import with_block


def documented(page: str) -> str:
    """Give the page with its table as it is now. Raises ValueError when it has no place for one."""
    return with_block(page, "choices", choices_table(CHOICES.values()))


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(documented(target.read_text()))
