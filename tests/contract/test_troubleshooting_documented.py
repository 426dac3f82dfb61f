"""docs/troubleshooting.md shows what the commands print, and names all that they look at."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from app.cli import main
from app.doctor import actions, agent, clock, configuration, genesys, mint, service
from app.genesys.errors import RateLimitedError, RefusedError, UnknownConversationError
from app.why.causes import CAUSES
from app.why.refusals import refusal
from architect.emulator.platform import Organization, PlatformStandIn
from tests.conftest import CONVERSATION
from tests.unit.why.test_causes import customer, seen

PAGE = (Path(__file__).parents[2] / "docs" / "troubleshooting.md").read_text()
CUSTOMER, QUEUE, AGENT = (
    "2f1d6f0e-5c0e-4f0a-9a8c-0c6d2f1b7e55",
    "7a0f4c5e-1d2b-4c3a-8e9f-6b5a4d3c2b1a",
    "c0ffee00-1d2b-4c3a-8e9f-6b5a4d3c2b1a",
)


def rows(section: str) -> set[str]:
    """Return the first column of the table in a section, without its head."""
    _, _, text = PAGE.partition(f"\n## `{section}`\n")
    return set(re.findall(r"^\| ([^|]+) \|", text.partition("\n## ")[0], re.MULTILINE)) - {"---", "check", "cause"}


def test_the_example_is_what_the_command_prints() -> None:
    (block,) = re.findall(r"<!-- why -->\n```\n\$ (.*?)```", PAGE, re.DOTALL)
    command, _, printed = block.partition("\n")
    organization = Organization()
    organization.clients.add("client", "secret")
    call = organization.start_conversation(CONVERSATION)
    call.join("customer", participant_id=CUSTOMER, attributes={"language": "de"})
    call.join("acd", participant_id=QUEUE)
    call.join("agent", participant_id=AGENT, attributes={"priority": "high"})
    with PlatformStandIn(organization) as platform:
        environ = {
            "GENESYSCLOUD_REGION": "eu-central-1",
            "GENESYSCLOUD_OAUTHCLIENT_ID": "client",
            "GENESYSCLOUD_OAUTHCLIENT_SECRET": "secret",
            "CALLSPAN_GENESYS_URL": platform.url,
            "COLUMNS": "100",
        }
        result = CliRunner(env=environ).invoke(main, shlex.split(command)[1:])
    assert result.output == printed
    assert result.exit_code == 1


def test_every_check_of_the_doctor_is_listed() -> None:
    assert rows("callspan doctor") == {
        *(configuration.CONFIGURATION, configuration.TOKENS, configuration.CLIENTS, mint.MINT, mint.SIGN_IN),
        *(agent.TRACES, agent.METRICS, service.VERSION, service.ADDRESS, service.CONTRACTS, service.TELEMETRY),
        *(genesys.NAME, actions.NAME, clock.NAME),
    }


def test_every_cause_is_listed() -> None:
    errors = (
        RefusedError("", status=403),
        RefusedError("", status=401),
        RateLimitedError("", status=429),
        UnknownConversationError("", status=404),
    )
    causes = [*(judge(seen([customer()])) for judge in CAUSES), *map(refusal, errors)]
    assert {row.replace(" ", "-").lower() for row in rows("callspan why")} == {cause.id for cause in causes}
