"""A diagnosis for reading and for JSON. Values are shown only where they cannot tell of a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from app.genesys.conversation import Participant
from app.printing import Line, labelled
from app.tags import personal_data
from app.why.diagnosis import Diagnosis
from app.why.question import Question, Seen
from schemas.conversation_attributes import TRACE_ATTRIBUTES

_OURS = re.compile(
    r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|[0-9a-f]{32}|https?://[!-~]{1,200}|service|flow|rest"
)
"""What our own attributes hold, where nobody else has written on them."""

_COLOURS = {"certain": "red", "likely": "yellow", "possible": "cyan", "ruled out": "bright_black"}


def as_dict(seen: Seen, diagnosis: Diagnosis, *, show_value: bool) -> dict[str, Any]:
    """Return all of it for JSON."""
    parties = seen.conversation.participants if seen.readings else ()
    return {
        "conversation_id": seen.question.conversation_id,
        "attribute": seen.question.attribute,
        "verdict": diagnosis.verdict,
        "visible": diagnosis.visible,
        "readings": [round(reading.seconds, 3) for reading in seen.readings],
        "causes": [asdict(cause) for cause in diagnosis.causes],
        "participants": [
            {
                "id": each.id,
                "purpose": each.purpose,
                "state": _state(each),
                "flows_work_for_it": each == seen.target,
                "attributes": shown(seen.question, each, show_value=show_value),
                "others": _others(seen, each),
            }
            for each in parties
        ],
    }


def lines(seen: Seen, diagnosis: Diagnosis, *, show_value: bool) -> Iterator[Line]:
    """Give the verdict, the participants, the causes, and what to do."""
    yield from labelled([], diagnosis.verdict)
    if seen.readings:
        yield []
        yield from _participants(seen, show_value=show_value)
    yield []
    for cause in diagnosis.causes:
        label = (f"{cause.likelihood:<11}", _COLOURS[cause.likelihood])
        if cause.likelihood == "ruled out":
            yield from labelled([label], f"{cause.id.replace('-', ' ')}: {cause.evidence}")
        else:
            yield from labelled([label], cause.claim)
            yield from labelled([(" " * 11, None)], cause.evidence)
    remedies = [cause.remedy for cause in diagnosis.causes if cause.remedy and _acts(cause.likelihood, diagnosis)]
    if remedies:
        yield []
        for position, remedy in enumerate(dict.fromkeys(remedies)):
            yield from labelled([("what to do " if position == 0 else " " * 11, "green")], remedy)


def _acts(likelihood: str, diagnosis: Diagnosis) -> bool:
    """Tell whether a cause is worth doing something about: a possible one is only where none is certain."""
    clear = diagnosis.visible or diagnosis.causes[0].likelihood == "certain"
    return likelihood in ("certain", "likely") or (likelihood == "possible" and not clear)


def _participants(seen: Seen, *, show_value: bool) -> Iterator[Line]:
    for each in seen.conversation.participants:
        mark = "* " if each == seen.target else "  "
        yield [(mark, "green"), (f"{each.id}  {each.purpose:<9} {_state(each)}", None)]
        for name, value in shown(seen.question, each, show_value=show_value).items():
            yield from labelled([(f"    {name:<16} ", "cyan")], value)
        if others := _others(seen, each):
            yield [(f"    and {others} more", "bright_black")]
    if seen.target is not None:
        yield [("* the participant for whom flows work, and at whom scripts and reports look", "bright_black")]


def shown(question: Question, participant: Participant, *, show_value: bool) -> Mapping[str, str]:
    """Return the attributes that matter: ours with their values, the one asked for with its value where that may be.

    A value may be anything, and a name in it cannot be recognised. So what is not ours is shown when it is what was
    typed as expected, or when it is asked for and does not look like personal data; else its length.
    """
    found: dict[str, str] = {}
    for name, value in participant.attributes.items():
        if (
            name in TRACE_ATTRIBUTES
            and len(str(value)) < 200
            and (name == "dd_trace_url" or not personal_data(str(value)))
        ):
            found[name] = str(value)
        elif _concerns(question, name):
            found[name] = _told(question, value, show_value=show_value)
    return found


def _told(question: Question, value: object, *, show_value: bool) -> str:
    text = str(value)
    if value == question.expected:
        return f"{text} (as expected)"
    if show_value:
        what = personal_data(text)
        return f"(hidden: it looks like {what})" if what else text
    note = "" if question.expected is None else ", not the expected value"
    return f"({len(text)} characters{note}; --show-value shows it)"


def _concerns(question: Question, name: str) -> bool:
    return name.casefold() == question.attribute.casefold()


def _others(seen: Seen, participant: Participant) -> int:
    """Return how many of a participant's attributes are not shown."""
    return len(participant.attributes) - len(shown(seen.question, participant, show_value=False))


def _state(participant: Participant) -> str:
    return "left" if participant.left else "connected" if participant.connected else "being called"
