"""What `callspan doctor` prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.doctor import examination
from app.doctor.check import Check
from schemas import CONTRACTS
from schemas.exports import exports, write
from tests.conftest import SECRET

from .conftest import Deployed

NONE_SET = (
    "CALLSPAN_CLIENTS", "CALLSPAN_JWT_KEYS", "CALLSPAN_CLIENT_ID", "CALLSPAN_CLIENT_SECRET", "GENESYSCLOUD_REGION",
    "GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET", "CALLSPAN_GENESYS_URL",
)  # fmt: skip


def run(*arguments: str, **environ: str) -> Result:
    return CliRunner(env={**dict.fromkeys(NONE_SET), **environ}).invoke(main, ["doctor", *arguments])


def statuses(result: Result) -> dict[str, str]:
    return {check["name"]: check["status"] for check in json.loads(result.output)["checks"]}


def test_a_deployed_service_with_its_actions_is_looked_at_from_anywhere(deployed: Deployed, tmp_path: Path) -> None:
    write(exports(CONTRACTS, deployed.url), tmp_path)
    environ = {"CALLSPAN_CLIENT_ID": "genesys", "CALLSPAN_CLIENT_SECRET": SECRET}
    result = run("--url", deployed.url, "--actions", str(tmp_path), "--json", **environ)
    assert statuses(result) == {
        "configuration": "skipped",
        "version": "ok",
        "address": "warning",
        "contracts": "ok",
        "telemetry there": "ok",
        "sign-in": "ok",
        "start of a call": "ok",
        "Genesys Cloud": "skipped",
        "exported actions": "ok",
        "clock": "ok",
    }
    assert result.exit_code == 0
    assert SECRET not in result.output


def test_without_a_client_of_the_service_it_says_what_it_would_take(deployed: Deployed) -> None:
    result = run("--url", deployed.url, "--json")
    assert (statuses(result)["start of a call"], result.exit_code) == ("skipped", 0)
    assert "CALLSPAN_CLIENT_ID" in result.output


def test_a_service_that_is_away_fails(deployed: Deployed) -> None:
    result = run("--url", "http://127.0.0.1:1", "--json")
    assert (statuses(result)["version"], result.exit_code) == ("failed", 1)


def test_a_service_that_runs_here_is_looked_at_here() -> None:
    clients = json.dumps({"genesys": {"secret_hash": "scrypt:1:1:1$salt$00ff", "scopes": ["actions"]}})
    result = run("--json", CALLSPAN_CLIENTS=clients, CALLSPAN_JWT_KEYS="k1:" + "n" * 32)
    found = statuses(result)
    assert {name: found[name] for name in ("configuration", "tokens", "clients", "start of a call")} == {
        "configuration": "ok",
        "tokens": "ok",
        "clients": "ok",
        "start of a call": "ok",
    }
    assert {"traces to the agent", "metrics to the agent"} <= found.keys()
    assert "nnnn" not in result.output
    assert "00ff" not in result.output


def test_an_environment_that_is_wrong_fails() -> None:
    result = run("--json", CALLSPAN_JWT_KEYS="k1:short")
    assert (statuses(result)["configuration"], result.exit_code) == ("failed", 1)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--url", "callspan.example.com"), "must be an https:// address"),
        (("--url", "http://callspan.example.com"), "must be an https:// address"),
        (("--url", "https://x.example", "--client-id", "genesys"), "Give both of --client-id and --client-secret"),
        (("--actions", "/no/such/folder"), "does not exist"),
    ],
    ids=["no scheme", "plain", "half a client", "no folder"],
)
def test_a_wrong_use_is_refused(arguments: tuple[str, ...], problem: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, problem in result.output) == (2, True)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = [
        Check("agent", "ok", "all is well"),
        Check("exported actions", "warning", "one word " * 30, "Export them again."),
        Check("clock", "skipped", "nobody tells the time", "Wait."),
    ]
    monkeypatch.setattr(examination, "examine", lambda *_: checks)


def test_the_text_is_aligned_and_wrapped(told: None) -> None:
    lines = run(COLUMNS="80").output.splitlines()
    assert lines[0] == "ok      agent             all is well"
    assert lines[1].startswith("warning exported actions  one word one word")
    assert all(len(line) <= 80 for line in lines)
    assert lines[2].startswith(" " * 26 + "one word")
    assert "        fix               Export them again." in lines
    assert lines[-1] == "3 checks: 1 ok, 1 warning, 1 skipped"


def test_colours_are_for_terminals_without_NO_COLOR(told: None) -> None:  # noqa: N802 - its name
    runner = CliRunner(env={**dict.fromkeys(NONE_SET), "NO_COLOR": None})
    assert "\x1b[32mok" in runner.invoke(main, ["doctor"], color=True).output
    assert "\x1b" not in runner.invoke(main, ["doctor"]).output
    assert "\x1b" not in runner.invoke(main, ["doctor"], color=True, env={"NO_COLOR": "1"}).output
