from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.datadog import MONITORING
from tests.terraform.documentation import with_tables
from tests.terraform.genesyscloud import ARCHITECT
from tests.terraform.hcl import read

MODULES = [ARCHITECT / "terraform", MONITORING / "terraform"]
MODULE_NAMES = ["architect", "monitoring"]


@pytest.mark.parametrize("module", MODULES, ids=MODULE_NAMES)
def test_the_tables_of_inputs_and_outputs_are_up_to_date(module: Path) -> None:
    """`make generate` writes them again."""
    page = (module / "README.md").read_text()
    assert with_tables(page, module) == page


@pytest.mark.parametrize("module", MODULES, ids=MODULE_NAMES)
def test_the_permissions_for_every_resource_are_listed(module: Path) -> None:
    page = (module / "README.md").read_text()
    used = {kind for resource in read(module)["resource"] for kind in resource}
    assert {kind for kind in used if f"`{kind}`" not in page} == set()
