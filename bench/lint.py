"""`python -m bench.lint`: how many data action files are linted in a second.

The files are our own exports and variants of them with the usual faults, in a folder of their own, so that no result
is remembered from one file to the next by more than chance.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from architect.linter.linting import lint

FILES = 300
_ACTIONS = Path(__file__).parents[1] / "architect" / "actions"


def main() -> None:
    """Write the files, lint them one after the other, print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        paths = _write(Path(folder))
        size = sum(path.stat().st_size for path in paths)
        started = time.perf_counter()
        findings = sum(len(lint(path)) for path in paths)
        seconds = time.perf_counter() - started
    print(f"{len(paths)} files ({size / 1024:.0f} KB) linted in {seconds:.2f} s, {findings} findings")
    print(f"{len(paths) / seconds:.0f} files per second")


def _write(folder: Path) -> list[Path]:
    originals = [json.loads(path.read_text()) for path in sorted(_ACTIONS.glob("*.json"))]
    paths = []
    for number in range(FILES):
        document = _variant(originals[number % len(originals)], number)
        path = folder / f"action-{number}.custom.json"
        path.write_text(json.dumps(document, indent=2))
        paths.append(path)
    return paths


def _variant(original: dict[str, Any], number: int) -> dict[str, Any]:
    """Rename the fields of the body, so that every template is a new one, and take the escapes out of every third."""
    document: dict[str, Any] = json.loads(json.dumps(original))
    request = document["config"]["request"]
    request["requestTemplate"] = request["requestTemplate"].replace('\n  "', f'\n  "f{number}_')
    if number % 3 == 0:
        request["requestTemplate"] = (
            request["requestTemplate"].replace('$esc.jsonEncode("$!{', "${").replace('}")', "}")
        )
    return document


if __name__ == "__main__":
    main()
