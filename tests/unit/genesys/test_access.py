from __future__ import annotations

import pytest

from app.config import ConfigurationError
from app.genesys.access import GenesysSettings, api_address, platform_client
from tests.conftest import make_settings

ENVIRON = {
    "GENESYSCLOUD_REGION": "eu-central-1",
    "GENESYSCLOUD_OAUTHCLIENT_ID": "client",
    "GENESYSCLOUD_OAUTHCLIENT_SECRET": "hush-hush",
}


def test_access_is_read_without_anything_else_of_the_service() -> None:
    settings = GenesysSettings.from_environ(ENVIRON)
    assert settings == GenesysSettings("eu-central-1", "client", "hush-hush", "")
    assert api_address(settings) == "https://api.mypurecloud.de"
    assert platform_client(settings, 60) is not None


def test_its_secret_is_not_shown() -> None:
    assert "hush-hush" not in repr(GenesysSettings.from_environ(ENVIRON))


@pytest.mark.parametrize("missing", ["GENESYSCLOUD_REGION", "GENESYSCLOUD_OAUTHCLIENT_SECRET"])
def test_half_of_it_is_refused(missing: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{missing} is not"):
        GenesysSettings.from_environ({name: value for name, value in ENVIRON.items() if name != missing})


@pytest.mark.parametrize("environ", [{}, {"GENESYSCLOUD_REGION": "eu-central-1"}], ids=["nothing", "region"])
def test_without_a_client_there_is_no_access(environ: dict[str, str]) -> None:
    assert platform_client(GenesysSettings.from_environ(environ), 60) is None


def test_the_services_settings_give_access_too() -> None:
    settings = make_settings(genesys_client_id="client", genesys_client_secret="s", genesys_url="http://127.0.0.1:1")
    assert api_address(settings) == "http://127.0.0.1:1"
    assert platform_client(settings, 60) is not None
