from __future__ import annotations

import pytest

from app.genesys.regions import DOMAINS
from app.why.paths import PATHS, Written, read_address
from tests.conftest import CONVERSATION

RIGHT = f"/api/v2/conversations/{CONVERSATION}/participants/1b/attributes"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["", "https://api.mypurecloud.ie", "http://127.0.0.1:8100"])
def test_the_paths_that_are_advised_are_right(path: str, host: str) -> None:
    filled = path.format(conversationId=CONVERSATION, participantId="1b")
    assert read_address(filled.replace("/api", f"{host}/api", 1)) == Written("", CONVERSATION, "1b")


@pytest.mark.parametrize("domain", DOMAINS.values())
def test_every_region_has_its_host(domain: str) -> None:
    assert read_address(f"https://api.{domain}{RIGHT}").problem == ""
    assert f"the API is at api.{domain}" in read_address(f"https://login.{domain}{RIGHT}").problem


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (RIGHT.replace("conversations/", "conversations/voice/"), "no /conversations/voice"),
        (RIGHT.replace("conversations/", "conversations/interactions/"), "no /conversations/interactions"),
        (RIGHT.removesuffix("/attributes"), "the participant itself"),
        (RIGHT.replace("/attributes", "/attribute"), "does not end in /attributes"),
        (RIGHT.replace("/api/v2", ""), "no such path"),
        (f"/api/v2/conversations/{CONVERSATION}/attributes", "no such path"),
        (f"https://api.mygen.com{RIGHT}", "none of a region"),
        (f"https://apps.mypurecloud.de{RIGHT}", "api.mypurecloud.de"),
        ("", "no such path"),
    ],
    ids=["voice", "interactions", "participant", "singular", "no api", "no participant", "host", "apps", "empty"],
)
def test_what_takes_no_attributes_is_told_why(url: str, problem: str) -> None:
    assert problem in read_address(url).problem


def test_a_wrong_path_still_names_who_was_meant() -> None:
    written = read_address(RIGHT.removesuffix("/attributes"))
    assert (written.conversation, written.participant) == (CONVERSATION, "1b")
