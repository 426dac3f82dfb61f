from __future__ import annotations

import json
from typing import Any

from tests.terraform.genesyscloud import GENESYSCLOUD


def test_our_schema_of_the_provider_is_that_of_its_documentation(sample: Any) -> None:
    """Ours has the resources that the module uses; the sample is distilled from the provider's own pages."""
    ours = json.loads(GENESYSCLOUD.schema.read_text())
    theirs = json.loads(sample("terraform/genesyscloud_schema.json").read_text())
    assert (GENESYSCLOUD.source, f"v{GENESYSCLOUD.version}") == (theirs["provider"], theirs["version"])
    assert ours["provider_schema"]["attributes"] == theirs["provider_schema"]["attributes"]
    for name, block in ours["resource_schemas"].items():
        assert block == theirs["resource_schemas"][name]
