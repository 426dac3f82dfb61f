"""The real Terraform on a copy of a module, with providers that have only a schema.

Nothing is downloaded and nothing is written beside the module: `terraform init` would leave a lock file with the hash
of our stand-in there, and that breaks the init of whoever uses the module.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.complete import program

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Provider:
    """A provider to stand in for: its address (namespace/type), a version, and files that provider.py describes."""

    source: str
    version: str
    schema: Path
    rules: Path


class Terraform:
    """A module in a temporary folder, and the commands of Terraform on it.

    `tree` is what is copied; `module` the folder of the module in it, so that a module may read files beside it.
    Without terraform on the PATH the test that makes one is skipped.
    """

    def __init__(self, tree: Path, providers: Sequence[Provider], folder: Path, module: str = ".") -> None:
        self._program = program("terraform")
        self._folder = folder
        copy = folder / "copy"
        shutil.copytree(tree, copy, ignore=shutil.ignore_patterns(".terraform*", "__pycache__", "*.tfstate*"))
        self.module = copy / module
        self._providers = providers

    def run(
        self, *arguments: str, variables: Mapping[str, Any] | None = None, folder: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of terraform in the module or another folder.

        Variables are given as JSON, or as they are when texts.
        """
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "TF_CLI_CONFIG_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
            "TF_INPUT": "0",
        } | {
            f"TF_VAR_{name}": value if isinstance(value, str) else json.dumps(value)
            for name, value in (variables or {}).items()
        }
        return subprocess.run(
            [self._program, *arguments],
            cwd=folder or self.module,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def init(self) -> None:
        """Make the stand-ins known to the module; nothing but `fmt` works before."""
        mirror = self._mirror()
        done = self.run("init", "-no-color", f"-plugin-dir={mirror}")
        assert done.returncode == 0, done.stdout + done.stderr

    def validate(self) -> list[dict[str, Any]]:
        """Return Terraform's diagnostics: severity, summary, detail, address, range."""
        report = json.loads(self.run("validate", "-json").stdout)
        assert report["valid"] == (report["error_count"] == 0)
        return list(report["diagnostics"])

    def test(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the module's tests/*.tftest.hcl."""
        return self.run("test", "-no-color", *options)

    def plan(self, variables: Mapping[str, Any], *options: str) -> dict[str, Any]:
        """Return the plan, as `terraform show -json` gives it."""
        done = self.run("plan", "-no-color", "-out=plan", *options, variables=variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return dict(json.loads(self.run("show", "-json", "plan").stdout))

    def apply(self, variables: Mapping[str, Any]) -> None:
        """Apply the module; the stand-ins take every change."""
        done = self.run("apply", "-no-color", "-auto-approve", variables=variables)
        assert done.returncode == 0, done.stdout + done.stderr

    def changes(self, variables: Mapping[str, Any], *options: str) -> dict[str, list[str]]:
        """Return what would be done to which resource, such as `["update"]`, leaving out what stays as it is."""
        planned = self.plan(variables, *options)["resource_changes"]
        actions = {change["address"]: change["change"]["actions"] for change in planned}
        return {address: done for address, done in actions.items() if done != ["no-op"]}

    def _mirror(self) -> Path:
        """Lay the stand-ins out as `-plugin-dir` wants them: host/namespace/type/version/platform."""
        host, platform = self._default_host(), self._platform()
        mirror = self._folder / "mirror"
        for provider in self._providers:
            place = mirror / host / provider.source.lower() / provider.version / platform
            place.mkdir(parents=True)
            name = provider.source.partition("/")[2]
            plugin = place / f"terraform-provider-{name}_v{provider.version}"
            command = f'"{sys.executable}" -m tests.terraform.provider "{provider.schema}" "{provider.rules}"'
            plugin.write_text(f'#!/bin/sh\nPYTHONPATH="{REPOSITORY}" exec {command}\n')
            plugin.chmod(0o755)
        return mirror

    def _default_host(self) -> str:
        """Return the host under which Terraform files a provider whose address names none."""
        folder = self._folder / "host"
        folder.mkdir()
        source = self._providers[0].source
        declaration = {"terraform": {"required_providers": {"it": {"source": source}}}}
        (folder / "main.tf.json").write_text(json.dumps(declaration))
        done = self.run("providers", "-no-color", folder=folder)
        found = re.search(r"provider\[([^/\]]+)/", done.stdout)
        assert found, done.stdout + done.stderr
        return found[1]

    def _platform(self) -> str:
        return str(json.loads(self.run("version", "-json").stdout)["platform"])
