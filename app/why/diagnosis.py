"""From what was seen to what it means. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.why.causes import CAUSES, LIKELIHOODS, Cause, analytics, described, wrong_url
from app.why.question import Seen
from app.why.refusals import refusal


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The verdict in a sentence, whether the attribute is as it should be, and the causes, the decisive one first."""

    verdict: str
    visible: bool
    causes: tuple[Cause, ...]


def diagnose(seen: Seen) -> Diagnosis:
    """Judge every cause that what was seen allows to judge."""
    causes = [] if seen.error is None else [refusal(seen.error)]
    if seen.readings:
        causes += [judge(seen) for judge in CAUSES]
    else:
        # These two can be told without the conversation.
        causes += [wrong_url(seen)] if seen.question.wrote_to is not None else []
        causes += [analytics(seen)] if seen.question.looked_at == "analytics" else []
    ordered = tuple(sorted(causes, key=lambda cause: LIKELIHOODS.index(cause.likelihood)))
    visible = bool(seen.readings) and seen.visible
    return Diagnosis(_verdict(seen, ordered), visible, ordered)


def _verdict(seen: Seen, causes: tuple[Cause, ...]) -> str:
    name = seen.question.attribute
    first = causes[0]
    if not seen.readings:
        return f"{first.claim[0].upper()}{first.claim[1:]}."
    if seen.visible and seen.target is not None:
        since = seen.visible_from or 0.0
        there = f"{name} is on {described(seen.target)}, where it belongs"
        if since > seen.readings[0].seconds:
            return f"{there}; it appeared only after {since:.1f} s, and nothing is lost."
        return f"{there}: {first.claim}." if first.likelihood == "certain" else f"{there}."
    has = seen.target is not None and name in seen.target.attributes
    missing = f"{name} is not what it should be" if has else f"{name} does not show up"
    if first.likelihood == "certain":
        return f"{missing}: {first.claim}."
    return (
        f"{missing}; most likely, {first.claim}."
        if first.likelihood == "likely"
        else f"{missing}; several causes are possible."
    )
