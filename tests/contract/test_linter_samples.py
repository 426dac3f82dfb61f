"""The linter against real exports and our own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from architect.linter.finding import Finding
from architect.linter.fixing import repair
from architect.linter.linting import lint, lint_bytes
from schemas import CONTRACTS
from schemas.exports import AUTHORIZATIONS, exports

Sample = Callable[[str], Path]
ACTIONS = Path(__file__).parents[2] / "architect" / "actions"


@pytest.mark.parametrize("authorization", AUTHORIZATIONS)
def test_our_own_actions_have_no_findings(authorization: str) -> None:
    for name, export in exports(CONTRACTS, "https://callspan.example.com", authorization).items():
        assert lint_bytes(json.dumps(export, indent=2).encode(), name=name) == []


def test_the_published_files_have_no_findings() -> None:
    paths = sorted(ACTIONS.glob("*.json"))
    assert paths
    assert [finding for path in paths for finding in lint(path)] == []


def found(path: Path, *, notes: bool = False) -> set[tuple[str, str]]:
    return {
        (finding.rule.id, finding.pointer.rpartition("/")[2])
        for finding in lint(path)
        if notes or finding.rule.severity != "note"
    }


def test_every_sample_is_linted_and_every_finding_is_proven(sample: Sample) -> None:
    paths = sorted(sample("data-actions").glob("*.json"))
    assert len(paths) > 25
    for path in paths:
        for finding in lint(path):
            assert finding.shown, finding
            assert finding.line, finding


def test_every_sample_can_be_repaired_and_then_has_nothing_left_to_repair(sample: Sample) -> None:
    for path in sorted(sample("data-actions").glob("*.json")):
        once = repair(path.read_bytes(), name=path.name)
        assert not [finding for finding in once.left if finding.edits], path.name
        assert repair(once.after, name=path.name).after == once.after
        if once.changed:
            before, after = json.loads(once.before), json.loads(once.after)
            assert list(before["config"]["request"]) == list(after["config"]["request"])
            assert before["contract"] == after["contract"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "apiform-Add-contact-to-contact-list.custom.json",
            {("api-shape", "category"), ("unknown-variable", "requestUrlTemplate")},
        ),
        (
            "purple-Get-Contact-From-Contact-List.json",
            {
                ("undeclared-input", "requestUrlTemplate"),
                ("optional-input", "requestUrlTemplate"),
                ("output-dotted-name", "data.CustomerName"),
            },
        ),
        (
            "hubspot-Add-DataAction-creating-tickets.json",
            {
                ("literal-secret", "Authorization"),
                ("optional-input", "requestTemplate"),
                ("unescaped-json", "requestTemplate"),
            },
        ),
        ("limitless-Push-Question.custom.json", {("input-in-host", "requestUrlTemplate")}),
        ("purple-static-Get-User-Presence.json", set()),
        ("resiliency-Insert-IVR-Cache-Entry.json", set()),
        ("resiliency-Update-IVR-Cache-Entry.json", {("raw-url", "requestUrlTemplate")}),
        ("switchvoice-Update-Participant-Data-on-Conversation.custom.json", set()),
        ("switchvoice-Get-Participant-Id-for-Customer.custom.json", set()),
        (
            "switchvoice-Get-all-Customer-Participant-Data-by-ConversationId.custom.json",
            {("optional-input", "requestUrlTemplate"), ("no-match-breaks", "attributes")},
        ),
        ("teams-Find-Teams-User-Id.custom.json", set()),
        ("teams-Office-365-Auth.customAuth.json", set()),
        ("zoom-ZoomServerToServerOAuth.customAuth.json", set()),
    ],
)
def test_a_reader_of_the_sample_agrees(sample: Sample, name: str, expected: set[tuple[str, str]]) -> None:
    assert found(sample(f"data-actions/{name}")) == expected


def test_the_misspelt_inputs_of_the_samples_are_recognised_and_repaired(sample: Sample) -> None:
    for name, spelling in (
        ("apiform-Add-contact-to-contact-list.custom.json", "$input.contactListId"),
        ("purple-Get-Contact-From-Contact-List.json", "${input.contactListId}"),
    ):
        path = sample(f"data-actions/{name}")
        once = repair(path.read_bytes(), name=path.name)
        assert spelling in json.loads(once.after)["config"]["request"]["requestUrlTemplate"]


def test_the_secret_of_a_sample_is_not_repeated(sample: Sample) -> None:
    path = sample("data-actions/hubspot-Add-DataAction-creating-tickets.json")
    secret = json.loads(path.read_text())["config"]["request"]["headers"]["Authorization"].removeprefix("Bearer ")
    findings: list[Finding] = lint(path)
    assert not any(secret in str(finding.as_dict()) for finding in findings)
    assert secret not in repair(path.read_bytes(), name=path.name).diff()
