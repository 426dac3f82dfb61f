from __future__ import annotations

import builtins
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.doctor.actions import exported
from schemas import CONTRACTS
from schemas.exports import exports, write

URL = "https://calls.example.org"


@pytest.fixture(params=["oauth", "token"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    write(exports(CONTRACTS, URL, request.param), tmp_path)
    return tmp_path


def change(folder: Path, edit: Callable[[Any], object]) -> None:
    path = folder / "start-call-trace.custom.json"
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))


def test_what_this_version_exports_is_all_right(folder: Path) -> None:
    checks = exported(folder, URL)
    assert {check.status for check in checks} == {"ok"}
    assert len(checks) == len(list(folder.iterdir()))


def test_an_action_may_have_another_name(folder: Path) -> None:
    change(folder, lambda document: document.update(name="Start Call Trace 2"))
    assert {check.status for check in exported(folder, URL)} == {"ok"}


@pytest.mark.parametrize(
    ("edit", "status", "words"),
    [
        (lambda d: d["config"]["request"]["headers"].update({"X-Mine": "1"}), "warning", "header X-Mine"),
        (lambda d: d["contract"]["input"]["inputSchema"]["properties"].pop("tags"), "failed", "`tags`"),
        (lambda d: d.clear(), "failed", "start-call-trace.custom.json"),
    ],
    ids=["configuration", "contract", "no action"],
)
def test_a_difference_is_said_with_what_it_takes(
    folder: Path, edit: Callable[[Any], object], status: str, words: str
) -> None:
    change(folder, edit)
    (check, *_) = [each for each in exported(folder, URL) if each.status != "ok"]
    assert (check.status, words in check.what) == (status, True)
    assert "callspan export" in check.fix


def test_actions_for_another_address_fail(folder: Path) -> None:
    failed = [check.what for check in exported(folder, "https://other.example.org") if check.status == "failed"]
    assert len(failed) == len(list(folder.iterdir()))
    assert all(f"sends to {URL}, not to https://other.example.org" in what for what in failed)


def test_the_actions_of_others_are_passed_over(folder: Path) -> None:
    change(folder, lambda d: d["config"]["request"].update(requestUrlTemplate="https://crm.example.com/v1/find"))
    found = [(check.status, check.what) for check in exported(folder, URL) if check.status != "ok"]
    assert found == [
        ("skipped", "start-call-trace.custom.json: none of Callspan's"),
        ("failed", f"{folder} has no Start Call Trace"),
    ]


def test_without_the_emulators_libraries_it_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def missing(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "architect.emulator.export":
            raise ModuleNotFoundError("No module named 'jsonschema'", name="jsonschema")
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    (check,) = exported(folder, URL)
    assert (check.status, check.what) == ("skipped", "not compared: jsonschema is missing")
    assert "pip install" in check.fix
