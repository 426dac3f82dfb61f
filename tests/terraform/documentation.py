"""The tables of inputs and outputs in the README of a Terraform module.

`python -m tests.terraform.documentation FOLDER...` writes them between their marks; a test fails when one is out of
date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from architect.markdown import table, with_block
from tests.terraform.hcl import named, read


def with_tables(page: str, module: Path) -> str:
    """Return a page with both tables written again."""
    blocks = read(module)
    inputs = [
        (f"`{name}`", f"`{it['type'].removeprefix('${').removesuffix('}')}`", _default(it), it["description"])
        for name, it in named(blocks["variable"]).items()
    ]
    outputs = [(f"`{name}`", it["description"]) for name, it in named(blocks["output"]).items()]
    page = with_block(page, "inputs", table(("input", "type", "default", "meaning"), inputs))
    return with_block(page, "outputs", table(("output", "meaning"), outputs))


def _default(variable: Mapping[str, Any]) -> str:
    return f"`{json.dumps(variable['default'])}`" if "default" in variable else "required"


if __name__ == "__main__":
    for folder in map(Path, sys.argv[1:]):
        readme = folder / "README.md"
        readme.write_text(with_tables(readme.read_text(), folder))
