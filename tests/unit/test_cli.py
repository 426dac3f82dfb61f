from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from werkzeug.security import check_password_hash

from app.cli import main
from app.config import Settings
from app.oauth import Tokens


def run(*arguments: str, **environ: str) -> Result:
    clean = {"CALLSPAN_CLIENTS": None, "CALLSPAN_JWT_KEYS": None}
    return CliRunner(env={**clean, **environ}).invoke(main, arguments)


def printed_value(output: str, start: str) -> str:
    return next(line.removeprefix(start) for line in output.splitlines() if line.startswith(start)).strip(" '")


@pytest.fixture
def environ() -> dict[str, str]:
    clients = printed_value(run("client", "new", "genesys", "--scope", "actions").output, "CALLSPAN_CLIENTS=")
    return {"CALLSPAN_CLIENTS": clients, "CALLSPAN_JWT_KEYS": run("key", "new").output.strip()}


def test_what_the_commands_print_starts_the_service(environ: dict[str, str]) -> None:
    settings = Settings.from_environ(environ)
    assert settings.clients["genesys"].scopes == {"actions"}
    assert len(settings.jwt_keys) == 1


def test_a_new_key_is_different_each_time() -> None:
    assert run("key", "new").output != run("key", "new").output


def test_a_new_client_is_added_to_the_ones_there_are_and_its_secret_fits_its_hash(environ: dict[str, str]) -> None:
    result = run("client", "new", "bridge", "--scope", "events", "--scope", "actions", **environ)
    clients = json.loads(printed_value(result.output, "CALLSPAN_CLIENTS="))
    assert list(clients) == ["genesys", "bridge"]
    assert clients["genesys"] == json.loads(environ["CALLSPAN_CLIENTS"])["genesys"]
    assert clients["bridge"]["scopes"] == ["actions", "events"]
    assert check_password_hash(clients["bridge"]["secret_hash"], printed_value(result.output, "client secret"))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("client", "new", "genesys", "--scope", "actions"), 'names "genesys" already'),
        (("client", "new", "a:b", "--scope", "actions"), "letters, digits"),
        (("client", "new", "x"), "Missing option '--scope'"),
        (("client", "new", "x", "--scope", "root"), "is not one of"),
        (("token", "new", "nobody", "--days", "1"), 'does not name "nobody"'),
        (("token", "new", "genesys", "--days", "0"), "--days"),
        (("export", "--base-url", "callspan.example.com", "--out", "x"), "must be an address"),
    ],
    ids=str,
)
def test_a_wrong_use_is_refused_with_the_reason(
    environ: dict[str, str], arguments: tuple[str, ...], problem: str
) -> None:
    result = run(*arguments, **environ)
    assert result.exit_code != 0
    assert problem in result.output


def test_a_long_lived_token_is_one_that_the_service_accepts(environ: dict[str, str]) -> None:
    result = run("token", "new", "genesys", "--days", "90", **environ)
    settings = Settings.from_environ(environ)
    assert Tokens(settings.clients, settings.jwt_keys).verify(result.output.strip()) == ("genesys", {"actions"})


def test_a_token_cannot_be_signed_without_keys() -> None:
    result = run("token", "new", "genesys", "--days", "90")
    assert result.exit_code != 0
    assert "CALLSPAN_JWT_KEYS is not set" in result.output


def test_export_writes_the_files_for_an_address(tmp_path: Path) -> None:
    result = run("export", "--base-url", "https://calls.example.org/", "--out", str(tmp_path / "new"))
    written = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert written == [
        "callspan-auth.customAuth.json",
        "end-call-trace.custom.json",
        "record-call-milestone.custom.json",
        "report-call-event.custom.json",
        "start-call-trace.custom.json",
    ]
    assert result.output.count("\n") == 5
    action = json.loads((tmp_path / "new" / "start-call-trace.custom.json").read_text())
    url = action["config"]["request"]["requestUrlTemplate"]
    assert url == "https://calls.example.org/v1/actions/start-call-trace"


def test_export_for_a_long_lived_token_needs_no_auth_action(tmp_path: Path) -> None:
    run("export", "--base-url", "https://calls.example.org", "--out", str(tmp_path), "--auth", "token")
    assert not list(tmp_path.glob("*.customAuth.json"))
    action = json.loads((tmp_path / "start-call-trace.custom.json").read_text())
    assert action["config"]["request"]["headers"]["Authorization"] == "Bearer ${credentials.token}"
