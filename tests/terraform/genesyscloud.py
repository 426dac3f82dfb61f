"""The provider of Genesys Cloud, as far as our module needs it, and our module."""

from __future__ import annotations

from pathlib import Path

from tests.terraform.workspace import REPOSITORY, Provider

_HERE = Path(__file__).parent

ARCHITECT = REPOSITORY / "architect"
GENESYSCLOUD = Provider(
    source="mypurecloud/genesyscloud",
    version="1.84.1",
    schema=_HERE / "genesyscloud.schema.json",
    rules=_HERE / "genesyscloud.rules.json",
)
