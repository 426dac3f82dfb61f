from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from monitoring.bodies import FOLDER, MONITORS, bodies
from tests.complete import module, program
from tests.contract.monitoring import AS_SHIPPED, CHOSEN
from tests.contract.monitoring.models import MODELS
from tests.unit.emulator.loopback import running_service

ROOT = Path(__file__).parents[3]


def test_choices_reach_everything_they_are_about() -> None:
    made = bodies(CHOSEN)
    assert "production" not in json.dumps(made)
    for name in MONITORS:
        monitor = made[f"monitors/{name}.json"]
        assert "env:eu/staging" in monitor["query"]
        assert "env:eu/staging" in monitor["tags"]
        assert "(env:eu/staging)" in monitor["name"]
        assert monitor["message"].endswith("\n\n@slack-calls @a@b.example")
    silence = made["monitors/no-calls.json"]
    assert silence["query"] == "sum(last_60m):sum:callspan.calls.started{env:eu/staging}.as_count() < 3"
    assert " in 60 minutes, " in silence["message"]
    groups = made["spans-metrics/calls.json"]["data"]["attributes"]["group_by"]
    assert groups[-1] == {"path": "@call.line-of-business", "tag_name": "line-of-business"}


def test_without_choices_the_files_are_as_they_are() -> None:
    assert bodies(AS_SHIPPED) == {path: json.loads((FOLDER / path).read_text()) for path in bodies(AS_SHIPPED)}
    assert set(bodies(AS_SHIPPED)) == {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.json")}


def test_the_command_writes_the_bodies(tmp_path: Path) -> None:
    arguments = ["monitoring", "--env", "eu/staging", "--metric-tags", "priority, line-of-business", "--out", tmp_path]
    arguments += ["--notify", "@slack-calls", "--notify", "@a@b.example", "--threshold", "no-calls=3"]
    result = CliRunner().invoke(main, [*map(str, arguments), "--no-calls-minutes", "60"])
    assert result.exit_code == 0, result.output
    written = [Path(line) for line in result.output.splitlines()]
    assert {path.relative_to(tmp_path).as_posix(): json.loads(path.read_text()) for path in written} == bodies(CHOSEN)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--env", "Production"), 'env "Production" must be'),
        (("--metric-tags", "Priority"), '"Priority" is none'),
        (("--metric-tags", "flow"), 'names "flow", which Datadog or Callspan uses itself'),
        (("--metric-tags", "a-b,a_b"), "metric tags must differ"),
        (("--notify", "slack-calls"), 'notify "slack-calls" must be'),
        (("--threshold", "calls=1"), "must name a monitor: fallback-share, ids-missing"),
        (("--threshold", "no-calls=-1"), "threshold no-calls must be a number from 0"),
        (("--threshold", "no-calls=nan"), "threshold no-calls must be a number from 0"),
        (("--threshold", "no-calls=few"), '"few" is not a number'),
        (("--no-calls-minutes", "1"), "1 minutes without a call must be 5 to 1440"),
    ],
    ids=str,
)
def test_a_wrong_choice_is_named_and_nothing_is_written(
    arguments: tuple[str, ...], problem: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(main, ["monitoring", *arguments, "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert problem in " ".join(result.output.split())
    assert not (tmp_path / "out").exists()


def test_the_documented_commands_send_every_file_to_its_endpoint() -> None:
    """The shell lines of docs/monitoring.md are run as they stand, against a service on loopback."""
    program("curl")
    client, document = module("datadog_api_client"), (ROOT / "docs" / "monitoring.md").read_text()
    (script,) = re.findall(r"```sh\n(DD_API_URL=.*?)```", document, re.DOTALL)
    expected = {}
    for path, body in bodies(AS_SHIPPED).items():
        where, operation, _, _ = MODELS[path.partition("/")[0]]
        modules = module(f"datadog_api_client.{where.replace('.', '.api.')}")
        (api,) = (value for name, value in vars(modules).items() if name.endswith("Api"))
        endpoint = getattr(api(client.ApiClient(client.Configuration())), f"_{operation}_endpoint").settings
        metric = body["data"]["id"] if "{metric_name}" in endpoint["endpoint_path"] else ""
        expected[endpoint["http_method"], endpoint["endpoint_path"].format(metric_name=metric), path] = body
    with running_service() as service:
        environ = {"PATH": os.environ["PATH"], "DD_API_URL": service.url, "DD_API_KEY": "k-1", "DD_APP_KEY": "k-2"}
        done = subprocess.run(
            ["bash", "-e"], input=script, env=environ, cwd=FOLDER, text=True, capture_output=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")
    sent = [(it.method, it.path, json.loads(it.body)) for it in service.received]
    assert sorted(map(repr, sent)) == sorted(repr((method, path, body)) for (method, path, _), body in expected.items())
    headers = {
        (it.headers["DD-API-KEY"], it.headers["DD-APPLICATION-KEY"], it.headers["Content-Type"])
        for it in service.received
    }
    assert headers == {("k-1", "k-2", "application/json")}
