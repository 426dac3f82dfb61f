"""What the Dockerfile describes, without Docker: its files alone, in a folder, started by its command."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from architect.sandbox import BIN, ROOT, Agent, Credentials, Process, Service, free_ports, procfile_command
from tests.system.conftest import Caller, new_conversation

DOCKERFILE = (ROOT / "Dockerfile").read_text()


def instruction(name: str) -> list[str]:
    """Return what stands after each instruction of a name."""
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


COPIES = [copy.split() for copy in instruction("COPY")]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the image copies; the version tells its code from that of the checkout."""
    image = tmp_path_factory.mktemp("image")
    for source, target in COPIES:
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, image / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, image / target)
    package = image / "app" / "__init__.py"
    package.write_text(re.sub(r'__version__ = ".*"', '__version__ = "9.9.9"', package.read_text()))
    return image


@pytest.fixture(scope="module")
def container(image: Path, agent: Agent, credentials: Credentials) -> Iterator[Process]:
    (port,) = free_ports(1)
    env = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port}",
        "DD_TRACE_AGENT_URL": agent.url,
        **credentials.environment,
    }
    program, *arguments = json.loads(instruction("CMD")[-1])
    command = ["env", f"--chdir={image}", str(BIN / program), *arguments]
    container = Process(command, f"http://127.0.0.1:{port}", env, "/healthz").start()
    yield container
    container.stop()


def test_it_runs_the_procfiles_command() -> None:
    program, *arguments = procfile_command()
    assert json.loads(instruction("CMD")[-1]) == [Path(program).name, *arguments]
    assert shlex.split((ROOT / "Procfile").read_text())[0] == "web:"


def test_the_image_gets_what_the_dockerfile_copies_and_no_more() -> None:
    """`.dockerignore` leaves everything out, then takes these back."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == {source for source, _ in COPIES}
    assert "**/__pycache__" in lines


def test_it_does_not_run_as_root_and_installs_only_what_is_locked() -> None:
    (user,) = instruction("USER")
    assert int(user) > 0
    assert instruction("RUN") == ["pip install --no-cache-dir --require-hashes --requirement requirements.txt"]
    assert "pytest" not in (ROOT / "requirements.txt").read_text()


def test_the_service_runs_from_the_copied_files_alone(
    image: Path, container: Service, agent: Agent, credentials: Credentials
) -> None:
    caller = Caller(container, credentials)
    assert caller.get("/version")["version"] == "9.9.9"
    assert caller.get("/openapi.json")["openapi"]
    conversation = new_conversation()
    caller.start(conversation)
    agent.wait_for_spans(lambda spans: any(s["meta"]["conversation.id"] == conversation for s in spans))


def test_the_command_line_works_from_the_copied_files(image: Path) -> None:
    """Such as `docker run IMAGE python -m app.cli key new`."""
    command = [sys.executable, "-m", "app.cli", "init", "--yes", "--out", "setup", "--region", "eu-central-1"]
    answers = ["--base-url", "https://calls.example.org", "--queue", "Sales"]
    subprocess.run([*command, *answers], cwd=image, env={"PATH": os.environ["PATH"]}, check=True, capture_output=True)
    assert len(list((image / "setup" / "flows").iterdir())) == 6


def test_the_health_check_tells_a_service_that_answers_from_none(container: Process) -> None:
    (check,) = (text.partition("CMD ")[2] for text in instruction("HEALTHCHECK"))
    program, *arguments = json.loads(check)
    assert program == "python"
    (closed,) = free_ports(1)

    def code(port: object) -> int:
        command = [sys.executable, *arguments]
        return subprocess.run(command, env={"PORT": str(port)}, stderr=subprocess.DEVNULL, check=False).returncode

    assert code(container.url.rpartition(":")[2]) == 0
    assert code(closed) == 1
