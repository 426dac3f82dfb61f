"""What is concluded from what was seen, as tables of cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.genesys.conversation import Communication, Conversation, Participant
from app.genesys.errors import PlatformError, RateLimitedError, RefusedError, UnavailableError, UnknownConversationError
from app.why.causes import CAUSES
from app.why.diagnosis import Diagnosis, diagnose
from app.why.question import Question, Reading, Seen
from tests.conftest import CONVERSATION, TRACEPARENT

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PATH = f"/api/v2/conversations/{CONVERSATION}/participants"


def party(name: str, purpose: str, attributes: dict[str, Any] | None = None, *, left: bool = False) -> Participant:
    return Participant(
        name,
        purpose,
        started=NOON,
        connected_at=NOON,
        ended=NOON + timedelta(minutes=1) if left else None,
        communications=(Communication("terminated" if left else "connected", "inbound"),),
        attributes=attributes or {},
    )


def customer(**attributes: Any) -> Participant:
    return party("c", "customer", attributes)


AGENT, QUEUE, OLD_FLOW, FLOW = party("a", "agent"), party("q", "acd"), party("i", "ivr", left=True), party("i", "ivr")
HAS = {"priority": "high"}
OVERWROTE = "a voice flow overwrote it: when it ends, the values of all attributes it handles take the place of others"


def seen(*readings: list[Participant], ended: bool = False, error: PlatformError | None = None, **asked: Any) -> Seen:
    """Return what was seen in readings a second apart, of which the last is repeated until 10 seconds have passed."""
    moments = [*readings, *[readings[-1]] * (11 - len(readings))] if readings else []
    shown = [Conversation(CONVERSATION, NOON if ended else None, tuple(each)) for each in moments]
    question = Question(**{"conversation_id": CONVERSATION, "attribute": "priority", **asked})
    return Seen(question, tuple(Reading(float(n), each) for n, each in enumerate(shown)), error)


def first(diagnosis: Diagnosis) -> tuple[str, str]:
    return diagnosis.causes[0].id, diagnosis.causes[0].likelihood


@pytest.mark.parametrize(
    ("what", "cause", "likelihood", "evidence"),
    [
        (seen([customer(), AGENT]), "wrong-url", "likely", "no participant has priority"),
        (
            seen([customer()], wrote_to=f"https://api.mypurecloud.de/api/v2/conversations/voice/{CONVERSATION}/x"),
            "wrong-url",
            "certain",
            "no such path",
        ),
        (seen([customer()], wrote_to=f"{PATH}/c"), "wrong-url", "certain", "participant itself"),
        (
            seen([customer()], wrote_to=f"{PATH}/c/attributes".replace("8f14", "9f14")),
            "wrong-url",
            "certain",
            "names another conversation",
        ),
        (seen([customer(), party("a", "agent", HAS)]), "wrong-participant", "certain", "agent a has it; customer c"),
        (seen([customer(), AGENT], wrote_to=f"{PATH}/a/attributes"), "wrong-participant", "certain", "on agent a"),
        (seen([customer(), AGENT], wrote_to=f"{PATH}/z/attributes"), "wrong-participant", "certain", "participant z"),
        (
            seen([customer(priority="low"), party("q", "acd", HAS)], expected="high"),
            "overwritten",
            "likely",
            "another value",
        ),
        (seen([customer(Priority="high")]), "spelling", "certain", "customer c has Priority"),
        (seen([customer(), party("a", "agent", {"PRIORITY": "high"})]), "spelling", "likely", "agent a has PRIORITY"),
        (seen([customer(call_priority="high")], attribute="call.priority"), "spelling", "certain", "call_priority"),
        (seen([customer()], ended=True), "ended", "likely", "the conversation ended at"),
        (seen([customer(), FLOW]), "not-yet-visible", "likely", "a flow is still running"),
        (
            seen([customer(priority="low", callspan_source="service"), OLD_FLOW], expected="high"),
            "overwritten",
            "certain",
            "callspan_source (service)",
        ),
        (
            seen([customer(traceparent=TRACEPARENT)], attribute="traceparent", expected="00-1-2-01"),
            "overwritten",
            "certain",
            "our flows compute",
        ),
        (seen([customer(topic="billing")], attribute="topic", expected="sales"), "overwritten", "likely", "another"),
        (
            seen([customer(priority="high")], [customer(priority="low")], expected="high"),
            "overwritten",
            "certain",
            "1.0 s later it was not",
        ),
        (seen([customer()], [customer()], [customer(priority="high")]), "not-yet-visible", "certain", "after 2.0 s"),
        (seen([customer(priority="high")], looked_at="analytics"), "analytics", "certain", "you say so"),
        (seen([customer(priority=7)], expected="7"), "value", "certain", "a int stands there"),
        (
            seen([party("c", "customer"), party("d", "customer")]),
            "several-participants",
            "likely",
            "2 participants of purpose customer",
        ),
        (seen([AGENT, QUEUE]), "several-participants", "likely", "there is no customer"),
    ],
    ids=[
        "nothing arrived", "voice path", "participant resource", "another conversation", "agent has it",
        "written on the agent", "written on nobody", "queue has the value", "case", "case on another", "signs", "ended",
        "flow runs", "flow by its mark", "flow by its value", "some flow", "overwritten while watched", "late",
        "analytics", "not a string", "two customers", "nobody",
    ],
)  # fmt: skip
def test_the_first_cause(what: Seen, cause: str, likelihood: str, evidence: str) -> None:
    diagnosis = diagnose(what)
    assert first(diagnosis) == (cause, likelihood)
    assert evidence in diagnosis.causes[0].evidence
    assert diagnosis.causes[0].remedy


@pytest.mark.parametrize(
    ("what", "cause", "likelihood", "evidence"),
    [
        (seen([customer()], ended=True), "ended", "likely", "ended at 2026-11-22 12:00:00 UTC"),
        (seen([party("c", "customer", left=True), OLD_FLOW]), "ended", "likely", "everybody has left"),
        (seen([party("c", "customer", left=True), AGENT]), "ended", "possible", "customer c has left"),
        (seen([customer(), AGENT]), "ended", "ruled out", "goes on"),
        (seen([customer(priority="low"), FLOW], expected="x"), "not-yet-visible", "possible", "still running"),
        (seen([customer()]), "not-yet-visible", "ruled out", "10.0 s after the first of 11"),
        (seen([customer(priority="high"), FLOW]), "overwritten", "possible", "still running"),
        (seen([customer(priority="high")]), "overwritten", "ruled out", "is the one that is expected"),
        (seen([customer()]), "overwritten", "ruled out", "no other value"),
        (seen([customer()]), "refused-write", "possible", "no participant has it"),
        (seen([customer(priority="high")]), "refused-write", "ruled out", "a write was taken"),
        (seen([customer(priority="x" * 257)], expected="y"), "value", "likely", "257 characters"),
        (seen([customer()], expected="y" * 300), "value", "likely", "300 characters"),
        (seen([customer(priority="high")]), "analytics", "possible", "the conversation itself shows it"),
        (seen([party("c", "customer"), party("d", "customer")]), "several-participants", "likely", "2 participants of"),
        (seen([AGENT, QUEUE]), "several-participants", "likely", "no customer, no external party and no user"),
        (seen([customer()]), "several-participants", "ruled out", "it is customer c"),
        (seen([customer()], wrote_to=f"{PATH}/c/attributes"), "wrong-url", "ruled out", "exists and takes attributes"),
        (seen([customer()], wrote_to=f"{PATH}/c/attributes"), "wrong-participant", "ruled out", "on customer c"),
        (
            seen([customer(priority="low"), party("q", "acd", HAS)], expected="high"),
            "wrong-participant",
            "likely",
            "acd q has it",
        ),
        (seen([party("x", "external", HAS), customer()]), "wrong-participant", "certain", "external x has it"),
        (seen([party("a", "agent", HAS), QUEUE]), "wrong-participant", "likely", "agent a has it"),
    ],
    ids=[
        "ended", "all left", "customer left", "going on", "flow runs", "waited", "flow will end", "right", "absent",
        "refused", "taken", "long", "long expected", "analytics", "ambiguous", "nobody", "clear", "right url",
        "right participant", "queue has the value", "external", "nobody to prefer",
    ],
)  # fmt: skip
def test_each_cause_by_itself(what: Seen, cause: str, likelihood: str, evidence: str) -> None:
    found = next(each for each in diagnose(what).causes if each.id == cause)
    assert found.likelihood == likelihood
    assert evidence in found.evidence
    assert bool(found.remedy) is (likelihood != "ruled out")


@pytest.mark.parametrize(
    ("error", "cause", "words"),
    [
        (UnknownConversationError("none", status=404), "unknown-conversation", "region"),
        (RefusedError("no role", status=403), "permission", "conversation:communication:view"),
        (RefusedError("no token", status=401), "token", "Client Credentials"),
        (RefusedError("no token", status=400), "token", "login host"),
        (RateLimitedError("wait", status=429, retry_after=42), "rate-limited", "Wait 42 seconds"),
        (RateLimitedError("wait", status=429), "rate-limited", "Retry-After"),
        (UnavailableError("away", status=503), "unreachable", "callspan doctor"),
    ],
    ids=["404", "403", "401", "400 at login", "429", "429 without a header", "503"],
)
def test_what_keeps_it_from_being_read(error: PlatformError, cause: str, words: str) -> None:
    diagnosis = diagnose(seen(error=error))
    assert first(diagnosis) == (cause, "certain")
    assert len(diagnosis.causes) == 1
    assert words in diagnosis.causes[0].remedy
    assert not diagnosis.visible


def test_the_correlation_id_of_an_error_is_told() -> None:
    error = RefusedError("no", status=403, correlation_id="abc-1")
    assert "Correlation id abc-1." in diagnose(seen(error=error)).causes[0].evidence


def test_without_the_permission_a_call_is_judged_all_the_same() -> None:
    diagnosis = diagnose(seen([customer(), party("a", "agent", HAS)], error=RefusedError("no", status=403)))
    assert [(each.id, each.likelihood) for each in diagnosis.causes[:2]] == [
        ("permission", "certain"),
        ("wrong-participant", "certain"),
    ]


def test_what_was_written_to_is_judged_without_the_conversation() -> None:
    url = f"/api/v2/conversations/voice/{CONVERSATION}/participants/c/attributes"
    diagnosis = diagnose(seen(error=RefusedError("no", status=403), wrote_to=url, looked_at="analytics"))
    assert [each.id for each in diagnosis.causes] == ["permission", "wrong-url", "analytics"]


@pytest.mark.parametrize(
    ("what", "verdict"),
    [
        (seen([customer(priority="high")]), "priority is on customer c, where it belongs."),
        (
            seen([customer()], [customer(priority="high")]),
            "priority is on customer c, where it belongs; it appeared only after 1.0 s, and nothing is lost.",
        ),
        (
            seen([customer(Priority="high")]),
            "priority does not show up: its name is spelled otherwise; names are case-sensitive.",
        ),
        (
            seen([customer()]),
            "priority does not show up; most likely, the write went to an address that takes no attributes.",
        ),
        (
            seen([customer()], wrote_to=f"{PATH}/c/attributes"),
            "priority does not show up; several causes are possible.",
        ),
        (
            seen([customer(priority="low")], expected="high"),
            f"priority is not what it should be; most likely, {OVERWROTE}.",
        ),
        (seen(error=RefusedError("no", status=403)), "The OAuth client may not see conversations."),
    ],
    ids=["there", "late", "certain", "likely", "no cause", "another value", "unread"],
)
def test_the_verdict_comes_in_one_sentence(what: Seen, verdict: str) -> None:
    assert diagnose(what).verdict == verdict


def test_a_call_that_is_there_from_the_first_reading_was_never_late() -> None:
    what = seen([customer(priority="high")])
    assert what.visible_from == 0
    assert diagnose(what).visible


def test_the_causes_are_ordered_by_likelihood_and_each_is_judged_once() -> None:
    order = ["certain", "likely", "possible", "ruled out"]
    for participants in ([customer()], [customer(priority="x"), FLOW], [AGENT], [party("c", "customer", left=True)]):
        causes = diagnose(seen(participants)).causes
        positions = [order.index(each.likelihood) for each in causes]
        assert positions == sorted(positions)
        assert len({each.id for each in causes}) == len(causes) == len(CAUSES)
