"""What a complete run of the tests has, and any other run may lack: big clients, programs, a browser."""

from __future__ import annotations

import importlib
import os
import shutil
from types import ModuleType

import pytest

COMPLETE = bool(os.environ.get("CALLSPAN_COMPLETE"))
"""Whether nothing may be skipped: `make test COMPLETE=1`, and continuous integration."""


def module(name: str) -> ModuleType:
    """Return a module of requirements-vendors.txt; without it the test is skipped."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        if COMPLETE:
            raise
        pytest.skip(f"{name} is not installed; `make test COMPLETE=1` installs it")


def program(name: str) -> str:
    """Return the path of a program; without it the test is skipped."""
    path = shutil.which(name)
    if path is None:
        if COMPLETE:
            raise FileNotFoundError(f"{name} is not on the PATH")
        pytest.skip(f"{name} is not on the PATH")
    return path
