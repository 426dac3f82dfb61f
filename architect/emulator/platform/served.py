"""The organisation that the running application answers for."""

from __future__ import annotations

from flask import Flask, current_app

from architect.emulator.platform.organization import Organization

_KEY = "organization"


def serve(app: Flask, organization: Organization) -> None:
    """Let an application answer for this organisation."""
    app.extensions[_KEY] = organization


def served() -> Organization:
    """Return the organisation that the current request is about."""
    organization: Organization = current_app.extensions[_KEY]
    return organization
