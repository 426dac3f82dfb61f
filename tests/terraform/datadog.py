"""The provider of Datadog, as far as our module needs it, and our module."""

from __future__ import annotations

from pathlib import Path

from tests.terraform.workspace import REPOSITORY, Provider

_HERE = Path(__file__).parent

MONITORING = REPOSITORY / "monitoring"
DATADOG = Provider(
    source="DataDog/datadog",
    version="3.50.0",
    schema=_HERE / "datadog.schema.json",
    rules=_HERE / "datadog.rules.json",
)
