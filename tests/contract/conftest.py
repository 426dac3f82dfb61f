"""Real files from the field, kept beside the checkout by its developers and not part of the project."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"


@pytest.fixture
def sample() -> Callable[[str], Path]:
    """Return the path of a sample; where there are none the test is skipped, but never in continuous integration."""
    if not SAMPLES.is_dir():
        missing = "the real samples are not on this machine"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return SAMPLES.joinpath
