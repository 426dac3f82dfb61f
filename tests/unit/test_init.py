"""`callspan init`: what it writes, keeps and says."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import hcl2
import pytest
from click.testing import CliRunner, Result
from werkzeug.security import check_password_hash

from app.cli import main
from app.config import Settings
from app.setup.questions import QUESTIONS
from app.setup.rendering import read_environment
from architect.linter.linting import lint_bytes
from architect.linter.text_output import findings_text
from architect.runner.back_end import exports_in
from architect.runner.lint.linting import lint_flow

REQUIRED = ("--region", "eu-central-1", "--base-url", "https://calls.example.org/", "--queue", "Sales")
SECRETS = ("callspan.env", "credentials.json", "secrets.auto.tfvars")


def init(folder: Path, *arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ["init", "--out", str(folder), *arguments], input=typed)


def init_at_once(folder: Path, *arguments: str) -> dict[str, str]:
    """Run without questions, and return what became of each file."""
    result = init(folder, "--yes", *arguments)
    assert result.exit_code == 0, result.output
    listed = result.output.partition("\n\n")[0].splitlines()[1:]
    outcomes = (line.strip().rsplit("  ", 1) for line in listed)
    return {name: outcome.strip() for outcome, name in outcomes}


def environment(folder: Path) -> dict[str, str]:
    return dict(read_environment((folder / "callspan.env").read_text()))


def secret(folder: Path, client: str = "genesys") -> str:
    fields = json.loads((folder / "credentials.json").read_text())[client]
    assert fields["clientId"] == client
    return str(fields["clientSecret"])


def changed(outcomes: dict[str, str]) -> dict[str, str]:
    return {name: outcome for name, outcome in outcomes.items() if outcome != "unchanged"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that was written with the required answers."""
    folder = tmp_path / "setup"
    outcomes = init_at_once(folder, *REQUIRED)
    assert set(outcomes.values()) == {"created"}
    assert set(outcomes) == {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}
    return folder


def test_the_service_starts_with_the_environment_and_knows_the_clients_secret(folder: Path) -> None:
    settings = Settings.from_environ(environment(folder))
    assert settings.clients["genesys"].scopes == {"actions"}
    assert check_password_hash(settings.clients["genesys"].secret_hash, secret(folder))
    assert (settings.root_span, settings.trusted_proxies, settings.datadog_site) == ("start", 1, "datadoghq.com")


def test_our_own_linters_find_nothing_in_what_is_imported(folder: Path) -> None:
    actions, flows = sorted((folder / "actions").iterdir()), sorted((folder / "flows").iterdir())
    assert (len(actions), len(flows)) == (5, 6)
    found = [finding for path in actions for finding in lint_bytes(path.read_bytes(), name=path.name)]
    for path in flows:
        found += lint_flow(path.read_bytes(), name=path.name, given={}, actions=exports_in(folder / "actions"))
    assert not found, findings_text(found)
    assert "https://calls.example.org/oauth/token" in (folder / "actions" / "callspan-auth.customAuth.json").read_text()


def test_no_substitution_is_left_in_a_flow_and_names_stand_as_they_were_given(tmp_path: Path) -> None:
    names = ("--queue", "Bob's ${line}, größer: #1", "--integration", "Callspan EU", "--datadog-site", "datadoghq.eu")
    init_at_once(tmp_path, *REQUIRED, *names)
    flow = (tmp_path / "flows" / "inbound-call.yaml").read_text()
    assert "{{" not in "".join(path.read_text() for path in (tmp_path / "flows").iterdir())
    assert 'name: "Bob\'s ${line}, größer: #1"' in flow
    assert '"Callspan EU":' in flow
    assert 'Append("https://app.datadoghq.eu/apm/trace/"' in flow


def test_terraforms_variables_are_read_back_as_they_were_given(tmp_path: Path) -> None:
    init_at_once(tmp_path, *REQUIRED, "--queue", "Sales %{x}", "--events", "trigger")
    options = hcl2.SerializationOptions(strip_string_quotes=True)
    read = {
        name: hcl2.loads((tmp_path / name).read_text(), serialization_options=options)
        for name in ("terraform.tfvars", "secrets.auto.tfvars")
    }
    assert read["terraform.tfvars"] == {
        "base_url": "https://calls.example.org",
        "integration_name": "Callspan",
        # Two signs stand for one, which would otherwise begin a template.
        "queue_name": "Sales %%{x}",
        "datadog_url": "https://app.datadoghq.com",
        "create_trigger": True,
    }
    assert read["secrets.auto.tfvars"] == {"client_id": "genesys", "client_secret": secret(tmp_path)}


@pytest.mark.parametrize(
    ("events", "root", "clients"),
    [
        ("none", "start", {"genesys": {"actions"}}),
        ("trigger", "events", {"genesys": {"actions", "events"}}),
        ("eventbridge", "events", {"genesys": {"actions"}, "eventbridge": {"events"}}),
    ],
)
def test_clients_get_the_scopes_that_the_delivery_of_events_needs(
    tmp_path: Path, events: str, root: str, clients: dict[str, set[str]]
) -> None:
    init_at_once(tmp_path, *REQUIRED, "--events", events)
    settings = Settings.from_environ(environment(tmp_path))
    assert settings.root_span == root
    assert {each.id: each.scopes for each in settings.clients.values()} == clients
    assert all(check_password_hash(each.secret_hash, secret(tmp_path, each.id)) for each in settings.clients.values())


def test_only_the_owner_can_read_what_is_secret_and_git_is_told_to_leave_it_out(folder: Path) -> None:
    readable = [each.name for each in folder.rglob("*") if each.is_file() and stat.S_IMODE(each.stat().st_mode) & 0o077]
    assert not set(readable) & set(SECRETS)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    ignored = (folder / ".gitignore").read_text().splitlines()
    assert set(SECRETS) <= set(ignored)
    hidden = (*environment(folder)["CALLSPAN_JWT_KEYS"].split(":"), secret(folder))
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in SECRETS:
            assert not any(each in path.read_text() for each in hidden), path


def test_a_file_of_secrets_is_private_from_the_moment_it_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the umask would let everybody read it: the mode is given when it is created, not afterwards."""
    modes: dict[str, int] = {}
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        modes[target.name] = stat.S_IMODE(self.stat().st_mode)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    monkeypatch.setattr(Path, "chmod", None)
    init_at_once(tmp_path, *REQUIRED)
    assert {modes[name] for name in SECRETS} == {0o600}


def test_a_secret_that_others_could_read_is_made_private_again(folder: Path) -> None:
    (folder / "callspan.env").chmod(0o644)
    assert changed(init_at_once(folder)) == {"callspan.env": "updated"}
    assert stat.S_IMODE((folder / "callspan.env").stat().st_mode) == 0o600


def test_secrets_are_shown_only_when_asked_for(tmp_path: Path) -> None:
    result = init(tmp_path, "--yes", *REQUIRED)
    hidden = [secret(tmp_path), *environment(tmp_path)["CALLSPAN_JWT_KEYS"].split(":"), "scrypt:"]
    assert not any(each in result.output for each in hidden)
    assert secret(tmp_path) in init(tmp_path, "--yes", "--show-secrets").output


def test_again_with_nothing_new_nothing_changes(folder: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}
    assert changed(init_at_once(folder)) == {}
    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}
    assert after == before


def test_another_answer_changes_what_depends_on_it_and_no_secret(folder: Path) -> None:
    before = environment(folder), secret(folder)
    outcomes = init_at_once(folder, "--queue", "Service")
    assert set(changed(outcomes)) == {
        "terraform.tfvars",
        "flows/in-queue-call.yaml",
        "flows/inbound-call-with-module.yaml",
        "flows/inbound-call.yaml",
        "flows/inbound-message.yaml",
        "answers.json",
    }
    assert (environment(folder), secret(folder)) == before
    outcomes = init_at_once(folder, "--metric-tags", "priority, line")
    assert changed(outcomes) == {"callspan.env": "updated", "answers.json": "updated"}
    assert environment(folder) == {**before[0], "CALLSPAN_METRIC_TAGS": "priority,line"}
    init_at_once(folder, "--metric-tags", "")
    assert environment(folder) == before[0]


def test_more_scopes_leave_the_secret_as_it_was(folder: Path) -> None:
    before = environment(folder), secret(folder)
    init_at_once(folder, "--events", "trigger")
    clients = json.loads(environment(folder)["CALLSPAN_CLIENTS"])
    assert clients["genesys"]["scopes"] == ["actions", "events"]
    assert clients["genesys"]["secret_hash"] == json.loads(before[0]["CALLSPAN_CLIENTS"])["genesys"]["secret_hash"]
    assert secret(folder) == before[1]


def test_a_second_client_leaves_the_first_signed_in(folder: Path) -> None:
    """So a client's secret is changed: both are good until the first is taken out."""
    first = secret(folder)
    init_at_once(folder, "--client", "genesys-2")
    clients = Settings.from_environ(environment(folder)).clients
    assert check_password_hash(clients["genesys"].secret_hash, first)
    assert check_password_hash(clients["genesys-2"].secret_hash, secret(folder, "genesys-2"))
    assert 'client_id     = "genesys-2"' in (folder / "secrets.auto.tfvars").read_text()


def test_what_somebody_added_to_the_environment_and_the_list_of_ignored_files_stays(folder: Path) -> None:
    with (folder / "callspan.env").open("a") as file:
        file.write("DD_ENV=production\n")
    (folder / ".gitignore").write_text("mine\ncallspan.env")
    outcomes = init_at_once(folder)
    assert environment(folder)["DD_ENV"] == "production"
    assert changed(outcomes) == {".gitignore": "updated"}
    ignored = (folder / ".gitignore").read_text().splitlines()
    assert ignored[:2] == ["mine", "callspan.env"]
    assert set(SECRETS) <= set(ignored)


def test_a_generated_file_that_was_edited_is_kept_until_it_is_taken_away(folder: Path) -> None:
    flow = folder / "flows" / "inbound-call.yaml"
    edited = flow.read_text().replace("normal", "high")
    flow.write_text(edited)
    assert init_at_once(folder, "--queue", "Service")["flows/inbound-call.yaml"] == "edited, kept"
    assert flow.read_text() == edited
    flow.unlink()
    assert init_at_once(folder)["flows/inbound-call.yaml"] == "created"


def test_a_secret_that_is_gone_is_reported_and_nothing_is_written(folder: Path) -> None:
    (folder / "credentials.json").unlink()
    before = environment(folder)
    result = init(folder, "--yes", "--queue", "Service")
    assert result.exit_code == 1
    assert 'callspan.env has the client "genesys", but credentials.json has no secret for it' in result.output
    assert environment(folder) == before
    assert "Service" not in (folder / "terraform.tfvars").read_text()


def test_a_lost_environment_is_made_again_around_the_same_secret(folder: Path) -> None:
    before = secret(folder)
    (folder / "callspan.env").unlink()
    init_at_once(folder)
    assert secret(folder) == before
    clients = Settings.from_environ(environment(folder)).clients
    assert check_password_hash(clients["genesys"].secret_hash, before)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("answers.json", "{", "answers.json cannot be read"),
        ("answers.json", "[]", "answers.json cannot be read"),
        ("credentials.json", "{", "credentials.json cannot be read"),
        ("credentials.json", '{"genesys": "secret"}', "credentials.json cannot be read"),
        ("callspan.env", "CALLSPAN_CLIENTS={\n", "callspan.env: CALLSPAN_CLIENTS is not JSON"),
        ("callspan.env", "CALLSPAN_JWT_KEYS=short\n", "CALLSPAN_JWT_KEYS key 1 is 5 bytes"),
    ],
)
def test_a_file_that_cannot_be_read_back_is_named(folder: Path, name: str, text: str, problem: str) -> None:
    (folder / name).write_text(text)
    result = init(folder, "--yes")
    assert result.exit_code == 1, result.output
    assert problem in result.output
    assert (folder / name).read_text() == text


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "these options are needed: --region, --base-url, --queue"),
        (REQUIRED[:4], "these options are needed: --queue"),
        ((*REQUIRED, "--region", "eu-central-9"), "--region: must be one of us-east-1"),
        ((*REQUIRED, "--base-url", "http://calls.example.org"), "--base-url: must be an https address"),
        ((*REQUIRED, "--base-url", "https://calls.example.org?x=1"), "--base-url: must be an https address"),
        ((*REQUIRED, "--queue", 'The "A" team'), "--queue: must have 1 to 256 characters"),
        ((*REQUIRED, "--queue", "{{queue_name}}"), "--queue: must have"),
        ((*REQUIRED, "--integration", " "), "--integration: must have"),
        ((*REQUIRED, "--client", "a:b"), "--client: must be letters"),
        ((*REQUIRED, "--events", "webhook"), "--events: must be one of none, trigger, eventbridge"),
        ((*REQUIRED, "--datadog-site", "https://datadoghq.eu"), "--datadog-site: must be a host name"),
        ((*REQUIRED, "--datadog-url", "https://x.datadoghq.com/apm"), "--datadog-url: must be an https address"),
        ((*REQUIRED, "--metric-tags", "Priority,line"), "--metric-tags: must be keys of tags"),
        ((*REQUIRED, "--trusted-proxies", "9"), "--trusted-proxies: must be a whole number from 0 to 5"),
    ],
    ids=str,
)
def test_a_wrong_or_missing_option_is_named_and_nothing_is_written(
    tmp_path: Path, arguments: tuple[str, ...], problem: str
) -> None:
    result = init(tmp_path / "setup", "--yes", *arguments)
    assert result.exit_code == 2
    assert problem in result.output.replace("'", "")
    assert not (tmp_path / "setup").exists()


def test_what_options_leave_open_is_asked_and_asked_again_until_it_can_be(tmp_path: Path) -> None:
    typed = ["https://calls.example.org", "Sales", *[""] * (len(QUESTIONS) - 3)]
    result = init(tmp_path, "--region", "eu-central-1", typed="\n".join(["http://wrong", *typed, ""]))
    assert result.exit_code == 0, result.output
    assert "AWS region" not in result.output
    assert "Error: This must be an https address" in result.output
    answers = json.loads((tmp_path / "answers.json").read_text())["answers"]
    assert (answers["region"], answers["queue"], answers["integration"]) == ("eu-central-1", "Sales", "Callspan")
    assert answers["metric_tags"] == ""


def test_earlier_answers_are_offered(folder: Path) -> None:
    result = init(folder, typed="\n" * len(QUESTIONS))
    assert result.exit_code == 0, result.output
    assert "[eu-central-1]" in result.output
    assert "[Sales]" in result.output
    assert "updated" not in result.output


def test_what_is_left_to_do_names_the_files_and_places(tmp_path: Path) -> None:
    output = init(tmp_path, "--yes", *REQUIRED, "--events", "eventbridge", "--metric-tags", "line").output
    assert f"{tmp_path}/callspan.env | xargs -0 heroku config:set" in output
    assert "https://apps.mypurecloud.de" in output
    assert f"-var-file={tmp_path}/secrets.auto.tfvars" in output
    assert "https://calls.example.org/v1/events/genesys" in output
    (command,) = (line.split()[1:] for line in output.splitlines() if "callspan monitoring" in line)
    assert CliRunner().invoke(main, command).exit_code == 0
    assert (tmp_path / "monitoring" / "dashboard.json").is_file()
