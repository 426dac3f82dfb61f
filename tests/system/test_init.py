"""What `callspan init` writes, used as its checklist says: the service deployed with it, and a flow run against it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from architect.sandbox import ROOT, Agent, Credentials, Service, callspan
from tests.system.conftest import Caller, new_conversation, written_credentials

ANSWERS = ("--region", "eu-central-1", "--base-url", "https://calls.example.org", "--queue", "Sales")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("setup")
    callspan("init", "--yes", "--out", str(folder), *ANSWERS)
    return folder


@pytest.fixture(scope="module")
def credentials(folder: Path) -> Credentials:
    return written_credentials(folder)


@pytest.fixture(scope="module")
def service(agent: Agent, credentials: Credentials) -> Iterator[Service]:
    service = Service(agent.url, credentials).start()
    yield service
    service.stop()


def test_the_service_starts_with_the_environment_and_takes_the_clients_calls(
    agent: Agent, service: Service, credentials: Credentials
) -> None:
    conversation = new_conversation()
    Caller(service, credentials).start(conversation)
    agent.wait_for_spans(lambda spans: any(s["meta"]["conversation.id"] == conversation for s in spans))


def test_a_flow_runs_with_the_actions_beside_it_and_tags_its_call(
    folder: Path, service: Service, credentials: Credentials
) -> None:
    fields = [f"--credentials={name}={value}" for name, value in credentials.for_genesys().items()]
    where = ("--actions", str(folder / "actions"), "--base-url", service.url)
    flow = str(folder / "flows" / "inbound-call.yaml")
    course = json.loads(callspan("flow", "run", flow, "--scenario", "http", "--format", "json", *where, *fields))
    assert course["participantData"]["callspan_source"] == "service", course


def test_the_environment_reaches_another_program_by_the_command_that_is_printed(
    folder: Path, credentials: Credentials
) -> None:
    """As `heroku config:set` is given it; here a program that prints its arguments stands in for Heroku's."""
    printing = "import json, sys; print(json.dumps(sys.argv[1:]))"
    script = f"tr '\\n' '\\0' < '{folder}/callspan.env' | xargs -0 \"$0\" -c '{printing}'"
    printed = subprocess.run(["sh", "-c", script, sys.executable], check=True, capture_output=True, text=True).stdout
    assert json.loads(printed) == [f"{name}={value}" for name, value in credentials.environment.items()]


def test_an_installed_package_has_all_that_init_needs(tmp_path: Path, folder: Path) -> None:
    """The flows are in the wheel, and come out the same as from a checkout."""
    source = tmp_path / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "tests", "docs", "build", "*.egg-info"))
    build = "from setuptools.build_meta import build_wheel; build_wheel('..')"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    command = [sys.executable, "-m", "app.cli", "init", "--yes", "--out", "out", *ANSWERS]
    subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True)
    for part in ("flows", "actions"):
        written = {path.name: path.read_text() for path in (tmp_path / "out" / part).iterdir()}
        assert written == {path.name: path.read_text() for path in (folder / part).iterdir()}
