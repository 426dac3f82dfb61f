from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.doctor.genesys import genesys
from app.doctor.web import Web
from app.genesys.access import GenesysSettings
from architect.emulator.platform import Fault, Organization, PlatformStandIn
from tests.unit.emulator.loopback import Service

SECRET = "hush-hush"


@pytest.fixture
def platform() -> Iterator[PlatformStandIn]:
    organization = Organization()
    organization.clients.add("client", SECRET)
    with PlatformStandIn(organization) as platform:
        yield platform


def access(url: str) -> GenesysSettings:
    return GenesysSettings("eu-central-1", "client", SECRET, url)


def test_a_client_that_may_see_conversations_is_all_right(web: Web, platform: PlatformStandIn) -> None:
    check = genesys(web, access(platform.url))
    assert (check.status, "conversation:communication:view" in check.what) == ("ok", True)
    assert {request.method for request in platform.organization.requests} == {"GET", "POST"}
    assert abs(web.skews["Genesys Cloud"]) < 60


def test_a_client_without_the_permission_is_told_which(web: Web, platform: PlatformStandIn) -> None:
    platform.organization.clients.add("client", SECRET, [])
    check = genesys(web, access(platform.url))
    assert (check.status, "conversation:communication:view" in check.fix) == ("failed", True)


def test_a_wrong_secret_is_told_and_not_shown(web: Web, platform: PlatformStandIn) -> None:
    platform.organization.clients.add("client", "another")
    check = genesys(web, access(platform.url))
    assert (check.status, "issues no token" in check.what, "OAuth" in check.fix) == ("failed", True, True)
    assert SECRET not in check.what + check.fix


def test_a_client_that_others_use_up_is_told(web: Web, platform: PlatformStandIn) -> None:
    platform.organization.faults.add(Fault("status", status=429, retry_after=30, method="POST"))
    check = genesys(web, access(platform.url))
    assert (check.status, "Wait a minute" in check.fix) == ("failed", True)


def test_what_shows_any_conversation_is_not_genesys_cloud(web: Web, service: Service) -> None:
    service.answers(200, {"access_token": "t", "expires_in": 60, "id": "any", "participants": []})
    check = genesys(web, access(service.url))
    assert (check.status, "not Genesys Cloud" in check.what) == ("failed", True)


def test_without_access_there_is_nothing_to_ask(web: Web) -> None:
    assert genesys(web, GenesysSettings("", "", "", "")).status == "skipped"
