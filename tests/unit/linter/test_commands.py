from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from architect.action_commands import action as command
from architect.command_parts import MANY
from tests.unit.emulator.loopback import Service, running_service
from tests.unit.linter.files import action, body, header, inputs, method, outputs, response, text, url
from tests.unit.terminal import on_a_terminal

TEXT = {"type": "string"}
UNESCAPED = action(body('{"a": "${input.phone}"}'))
CHUNKED = action((("config", "request", "headers"), {}))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(document: Any, name: str = "find-customer.custom.json") -> Path:
        path = tmp_path / name
        path.write_bytes(document if isinstance(document, bytes) else text(document))
        return path

    return written


@pytest.fixture
def service() -> Iterator[Service]:
    with running_service() as service:
        yield service


def test_lint_exits_with_0_when_there_is_nothing(write: Any) -> None:
    result = run("lint", write(action()))
    assert (result.exit_code, result.output) == (0, "1 file: nothing found\n")


def test_lint_exits_with_1_for_an_error_and_0_for_notes(write: Any) -> None:
    assert run("lint", write(UNESCAPED)).exit_code == 1
    notes = run("lint", write(CHUNKED))
    assert notes.exit_code == 0
    assert "chunked-body" in notes.output


def test_lint_exits_with_2_for_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert run("lint", tmp_path / "missing.json").exit_code == 2
    assert run("lint").exit_code == 2


def test_lint_leaves_out_what_is_less_severe(write: Any) -> None:
    result = run("lint", "--min-severity", "warning", write(CHUNKED))
    assert result.output == "1 file: nothing found\n"


def test_lint_reports_as_json_and_sarif(write: Any) -> None:
    path = write(UNESCAPED)
    (finding,) = json.loads(run("lint", "--format", "json", path).output)
    assert (finding["rule"], finding["file"]) == ("unescaped-json", str(path))
    log = json.loads(run("lint", "--format", "sarif", path).output)
    assert [each["ruleId"] for each in log["runs"][0]["results"]] == ["unescaped-json"]


def test_diff_shows_a_repair_and_fix_makes_it(write: Any) -> None:
    path = write(UNESCAPED)
    before = path.read_bytes()
    shown = run("lint", "--diff", path)
    assert '+      "requestTemplate": "{\\"a\\": \\"$esc.jsonEncode(${input.phone})\\"}"' in shown.output
    assert (shown.exit_code, path.read_bytes()) == (1, before)
    fixed = run("lint", "--fix", path)
    assert fixed.exit_code == 0
    assert fixed.output.endswith("1 file: nothing found\n")
    assert path.read_bytes() == before.replace(b"${input.phone}", b"$esc.jsonEncode(${input.phone})")


def test_a_file_that_is_no_json_is_a_finding(write: Any) -> None:
    result = run("lint", write(b"{"))
    assert result.exit_code == 1
    assert "not-json" in result.output


def test_run_reports_every_step_and_the_outputs(write: Any, service: Service) -> None:
    service.answers(body={"customer": {"name": "Anna"}})
    result = run("run", write(action()), "--input", "phone=+41 44", "--base-url", service.url)
    assert result.exit_code == 0, result.output
    assert " 8. Execute: ok" in result.output
    assert result.output.endswith('Flow path: success\nOutputs:\n  customer = "Anna"\n')
    assert json.loads(service.last.body) == {"phone": "+41 44"}


def test_run_exits_with_1_when_the_action_fails(write: Any, service: Service) -> None:
    service.answers(500, {"error": "no"})
    result = run("run", write(action()), "--input", "phone=1", "--base-url", service.url)
    assert result.exit_code == 1
    assert result.output.endswith("Flow path: failure\nFailure outputs: none in a voice flow\n")
    chat = run("run", write(action()), "--input", "phone=1", "--base-url", service.url, "--flow-type", "inboundMessage")
    assert 'errorCode = "BAD_REQUEST"' in chat.output


def test_run_reads_values_by_the_contracts_types(write: Any, service: Service) -> None:
    service.answers(body={})
    declared = {"n": {"type": "integer"}, "d": {"type": "number"}, "b": {"type": "boolean"}, "s": TEXT}
    path = write(action(inputs(**declared), body("${input.rawRequest}")))
    given = [part for each in ("n=5", "d=1.5", "b=true", "s=5") for part in ("--input", each)]
    assert run("run", path, *given, "--base-url", service.url).exit_code == 0
    assert json.loads(service.last.body) == {"n": 5, "d": 1.5, "b": True, "s": "5"}


def test_run_tells_what_the_contract_says_to_a_wrong_value(write: Any, service: Service) -> None:
    path = write(action(inputs(n={"type": "integer"}), body("{}")))
    result = run("run", path, "--input", "n=many", "--base-url", service.url)
    assert result.exit_code == 1
    assert 'instance type ("string") does not match' in result.output


def test_run_signs_in_and_masks_secrets(write: Any, service: Service) -> None:
    service.answers(body={"access_token": "token-of-the-service", "customer": {"name": "Anna"}})
    auth = write(
        action(
            (("actionType",), "customAuth"),
            inputs(),
            outputs(),
            response("${rawResult}", {}),
            header("Authorization", 'Basic $encoding.base64("${credentials.id}:${credentials.secret}")'),
            body("{}"),
        ),
        "auth.customAuth.json",
    )
    path = write(
        action(
            method("GET"),
            header("X-Token", "${authResponse.access_token}"),
            url("https://s.example.com/?k=${credentials.secret}"),
        )
    )
    for form in ("text", "json"):
        result = run(
            "run", path, "--auth", auth, "--input", "phone=1", "--base-url", service.url, "--report", form,
            "--credentials", "id=genesys", "--credentials", "secret=open-sesame",
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        assert "open-sesame" not in result.output
        assert "token-of-the-service" not in result.output
    assert service.last.headers["X-Token"] == "token-of-the-service"


def test_run_reports_as_json(write: Any, service: Service) -> None:
    service.answers(body={"customer": {"name": "Anna"}})
    result = run("run", write(action()), "--input", "phone=1", "--base-url", service.url, "--report", "json")
    report = json.loads(result.output)
    assert report["success"] is True
    assert report["path"] == "success"
    assert report["outputs"] == {"customer": "Anna"}
    assert [each["step"] for each in report["operations"]] == list(range(1, 12))


@pytest.mark.parametrize("option", ["--input", "--credentials"])
def test_run_does_not_repeat_what_is_no_pair(write: Any, option: str) -> None:
    result = run("run", write(action()), option, "open-sesame")
    assert result.exit_code == 2
    assert "open-sesame" not in result.output


def test_run_refuses_an_auth_action_that_is_none(write: Any) -> None:
    path = write(action())
    result = run("run", path, "--auth", path)
    assert result.exit_code == 2
    assert "a customAuth action is needed here" in result.output


def test_run_names_the_place_of_what_is_wrong_with_the_file(write: Any) -> None:
    result = run("run", write(action((("config",), []))))
    assert result.exit_code == 2
    assert "at /config" in result.output


def test_diff_tells_whether_a_file_can_be_imported(write: Any) -> None:
    published, new = write(action(), "old.json"), write(action(inputs(phone=TEXT)), "new.json")
    assert run("diff", published, published).exit_code == 0
    result = run("diff", published, new)
    assert result.exit_code == 1
    assert f"{new} cannot replace {published}" in result.output
    report = json.loads(run("diff", published, new, "--format", "json").output)
    assert report["importable"] is False
    assert report["changes"][0] == {"weight": "refused", "part": "input", "text": "`phone` is optional now"}


@pytest.mark.parametrize("name", ["lint", "run", "diff"])
def test_a_missing_library_is_named_with_what_to_install(
    name: str, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [each for each in sys.modules if each.startswith(("architect.linter", "architect.emulator"))]:
        monkeypatch.delitem(sys.modules, module)
    for module in ("lark", "jsonschema", "urllib3"):
        monkeypatch.setitem(sys.modules, module, None)
    path = write(action())
    result = run(name, path, *([path] if name == "diff" else []))
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert result.output.endswith("is missing: pip install '.[emulator]' in the folder of Callspan\n")


@pytest.mark.parametrize(("files", "shown"), [(MANY, True), (MANY - 1, False)])
def test_how_far_a_lint_has_come_is_shown_to_a_person_when_there_are_many_files(
    write: Any, files: int, shown: bool
) -> None:
    arguments = ["action", "lint", *[str(write(action()))] * files]
    assert ("Reading" in on_a_terminal("stderr", *arguments)) is shown


def test_nothing_but_findings_is_printed_where_nobody_looks_on(write: Any) -> None:
    assert run("lint", *[write(action())] * MANY).output == f"{MANY} files: nothing found\n"
