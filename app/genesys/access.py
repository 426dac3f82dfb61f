"""Which organisation's platform API the settings name, and a client of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.config import read_settings
from app.genesys.client import PlatformClient
from app.genesys.regions import api_url, login_url


class Access(Protocol):
    """The settings that give access to Genesys Cloud; all of `Settings`, or these alone."""

    @property
    def genesys_region(self) -> str:
        """The AWS region, "" where none is named."""

    @property
    def genesys_client_id(self) -> str:
        """The OAuth client's id, "" for no access."""

    @property
    def genesys_client_secret(self) -> str:
        """Its secret."""

    @property
    def genesys_url(self) -> str:
        """Where the API and the login are instead, "" for the region's own addresses."""


@dataclass(frozen=True, slots=True)
class GenesysSettings:
    """These settings alone, for a command that runs where the service is not configured."""

    genesys_region: str
    genesys_client_id: str
    genesys_client_secret: str = field(repr=False)
    genesys_url: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> GenesysSettings:
        """Read them.

        Raises:
            ConfigurationError: with every problem there is with them.

        """
        return cls(**read_settings(environ, cls.__slots__))


def api_address(access: Access) -> str:
    """Return where the platform API is."""
    return access.genesys_url or api_url(access.genesys_region)


def platform_client(access: Access, per_minute: int) -> PlatformClient | None:
    """Return a client that makes so many requests a minute at most; None when the settings name no OAuth client."""
    if not access.genesys_client_id:
        return None
    return PlatformClient(
        api_address(access),
        access.genesys_url or login_url(access.genesys_region),
        access.genesys_client_id,
        access.genesys_client_secret,
        per_minute=per_minute,
    )
