"""What a stranger does first, in this order: clone, `make demo`, `callspan init`, and try what it wrote."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from architect.sandbox import BIN, ROOT, clean_environment
from tests.complete import program
from tests.contract.pages import blocks
from tests.contract.sessions import difference, shown
from tests.terraform.genesyscloud import GENESYSCLOUD
from tests.terraform.workspace import Terraform

ANSWERS = ("--region", "eu-central-1", "--base-url", "https://calls.example.org", "--queue", "Sales")
WHAT_INIT_WROTE = """
mock_provider "genesyscloud" {}

run "what_init_wrote" {
  command = plan

  assert {
    condition = (
      genesyscloud_integration_action.callspan["start-call-trace"].config_request[0].request_url_template
      == "https://calls.example.org/v1/actions/start-call-trace"
    )
    error_message = "The actions post to the address that was given."
  }

  assert {
    condition     = genesyscloud_flow.callspan["inbound-call-with-module"].substitutions["queue_name"] == "Sales"
    error_message = "The flow transfers to the queue that was given."
  }
}
"""


@dataclass(frozen=True)
class Clone:
    """A folder with the files that git knows, and beside it the installed programs."""

    folder: Path

    def run(self, *command: str) -> str:
        """Run a command in it, with its code and not that of this checkout, and return what was printed."""
        environment = {
            **clean_environment(),
            "PYTHONPATH": str(self.folder),
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "COLUMNS": "100",
        }
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    listed = subprocess.run([program("git"), "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    folder = tmp_path_factory.mktemp("clone")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)
    return Clone(folder)


@pytest.fixture(scope="module")
def setup(clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    setup = tmp_path_factory.mktemp("setup") / "callspan"
    clone.run("callspan", "init", "--yes", "--out", str(setup), *ANSWERS)
    return setup


def test_the_demo_prints_what_the_readme_shows(clone: Clone) -> None:
    """By make, which takes the environment here for the one that it would install."""
    (demo,) = (each for block in blocks(Path("README.md")) for each in shown(block) if each.command == "make demo")
    printed = clone.run(program("make"), "--no-print-directory", "-o", ".venv/.installed", "demo")
    assert difference(demo.output or [], printed) == "", printed


def test_our_own_linters_find_nothing_in_all_that_init_wrote(clone: Clone, setup: Path) -> None:
    actions = sorted(map(str, (setup / "actions").iterdir()))
    flows = sorted(map(str, (setup / "flows").iterdir()))
    assert clone.run("callspan", "action", "lint", *actions) == f"{len(actions)} files: nothing found\n"
    linted = clone.run("callspan", "flow", "lint", *flows, "--actions", str(setup / "actions"))
    assert linted == f"{len(flows)} files: nothing found\n"


def test_terraform_takes_the_module_with_the_variables_that_init_wrote(
    clone: Clone, setup: Path, tmp_path: Path
) -> None:
    terraform = Terraform(clone.folder / "architect", [GENESYSCLOUD], tmp_path, "terraform")
    (terraform.module / "tests" / "init.tftest.hcl").write_text(WHAT_INIT_WROTE)
    terraform.init()
    assert terraform.validate() == []
    variables = [f"-var-file={setup / name}" for name in ("terraform.tfvars", "secrets.auto.tfvars")]
    done = terraform.test(*variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'run "what_init_wrote"... pass' in done.stdout
    assert "0 failed" in done.stdout
    assert not list(clone.folder.rglob(".terraform*"))
