"""The causes for which an attribute does not show up, each judged by what was seen. Pure.

Sources: Genesys, "Set Participant Data action", "Get Participant Data action" and "How long does it take for the Set
Participant Data action to update"; Genesys' platform SDK 269 and its documentation of permissions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.genesys.conversation import Participant
from app.identity import conversation_trace
from app.why.paths import PATHS
from app.why.question import Seen
from schemas.conversation_attributes import MAX_VALUE_LENGTH, TRACE_ATTRIBUTES

Likelihood = Literal["certain", "likely", "possible", "ruled out"]
LIKELIHOODS: tuple[Likelihood, ...] = ("certain", "likely", "possible", "ruled out")

FLOW_TAGS = ("priority", "line")
"""The example tags that our flows set besides the trace's own attributes."""

BY_FLOW = "Write it in the flow, with Set Participant Data: what the flow writes, stays."
LONG_ENOUGH = 5.0
"""Seconds after which a write that is accepted is hardly still under way; Genesys advises to look for up to 10."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause, how likely it is, the evidence for or against it, and what to do about it."""

    id: str
    likelihood: Likelihood
    claim: str
    evidence: str
    remedy: str = ""


def wrong_url(seen: Seen) -> Cause:
    """Judge the path that was written to, or, where it is not known, whether anything arrived."""
    claim = "the write went to an address that takes no attributes"
    paths = "Write to " + ", or ".join(PATHS) + "."
    if (written := seen.written) is not None:
        if written.problem:
            return Cause("wrong-url", "certain", claim, written.problem, paths)
        if written.conversation != seen.question.conversation_id:
            evidence = "the address names another conversation"
            return Cause("wrong-url", "certain", claim, evidence, "Write to this conversation's own id.")
        return Cause("wrong-url", "ruled out", claim, "the address exists and takes attributes")
    if not seen.nowhere:
        return Cause("wrong-url", "ruled out", claim, "something was written: the attribute is on the conversation")
    # Where something else is the matter with the conversation, that is the likelier cause.
    otherwise = seen.over or seen.running_flows or seen.target is None
    evidence = f"no participant has {seen.question.attribute}"
    return Cause("wrong-url", "possible" if otherwise else "likely", claim, evidence, paths)


def wrong_participant(seen: Seen) -> Cause:
    """Judge by who was written to, where that is known, and by who has the attribute."""
    claim = "it was written on a participant at whom no flow, script or report looks"
    target = seen.target
    remedy = f"Write on {described(target)}. {BY_FLOW}" if target else BY_FLOW
    if seen.written is not None and seen.written.participant:
        found = seen.conversation.participant(seen.written.participant)
        if found is None:
            evidence = f"the conversation has no participant {seen.written.participant}"
            return Cause("wrong-participant", "certain", claim, evidence, remedy)
        if target is not None and found != target:
            evidence = f"it was written on {described(found)}; flows work for {described(target)}"
            return Cause("wrong-participant", "certain", claim, evidence, remedy)
        if target is not None:
            return Cause("wrong-participant", "ruled out", claim, f"it was written on {described(target)}")
    if seen.holders and not seen.visible:
        evidence = f"{', '.join(map(described, seen.holders))} has it"
        evidence += f"; {described(target)}, for whom flows work, does not" if target else ""
        clear = target is not None and seen.question.attribute not in target.attributes
        return Cause("wrong-participant", "certain" if clear else "likely", claim, evidence, remedy)
    return Cause(
        "wrong-participant",
        "ruled out",
        claim,
        "no other participant has it" if not seen.holders else "the right one has it too",
    )


def several_participants(seen: Seen) -> Cause:
    """Judge whether there is any telling whom flows work for."""
    claim = "several participants may be the one whom flows work for"
    if seen.ambiguity:
        remedy = f"Find out whose leg the flow runs on, and write on that one. {BY_FLOW}"
        return Cause("several-participants", "likely", claim, seen.ambiguity, remedy)
    if seen.target is None:
        return Cause(
            "several-participants",
            "likely",
            "nobody takes part whom a flow works for",
            "there is no customer, no external party and no user, only queues, flows and agents",
            "See whether this is the conversation that you mean.",
        )
    return Cause("several-participants", "ruled out", claim, f"it is {described(seen.target)}")


def spelled_otherwise(seen: Seen) -> Cause:
    """Judge by attributes whose names are nearly the same."""
    claim = "its name is spelled otherwise; names are case-sensitive"
    name = seen.question.attribute
    found = [(participant, other) for participant, other in seen.spellings if participant == seen.target]
    if (found or seen.spellings) and not seen.visible:
        participant, other = (found or seen.spellings)[0]
        likelihood: Likelihood = "certain" if found else "likely"
        evidence = f"{described(participant)} has {other}, and what is asked for is {name}"
        return Cause("spelling", likelihood, claim, evidence, f"Use one spelling everywhere: {name} or {other}.")
    return Cause("spelling", "ruled out", claim, f"no participant has a name that differs from {name} in case or signs")


def overwritten(seen: Seen) -> Cause:
    """Judge by the value that stands there, and by who may have put it there."""
    claim = "a voice flow overwrote it: when it ends, the values of all attributes it handles take the place of others"
    remedy = f"Give the writer a name of its own, that no flow gets or sets. Or: {BY_FLOW}"
    if (seconds := seen.lost_after()) is not None:
        return Cause("overwritten", "certain", claim, f"it was there, and {seconds:.1f} s later it was not", remedy)
    if seen.visible and seen.running_flows:
        evidence = "a flow is still running: what it handles of this attribute, it will write when it ends"
        return Cause("overwritten", "possible", claim, evidence, remedy)
    likelihood, evidence = _overwriter(seen)
    return Cause("overwritten", likelihood, claim, evidence, "" if likelihood == "ruled out" else remedy)


def _overwriter(seen: Seen) -> tuple[Likelihood, str]:
    """Return how likely it is that the value that stands there is a flow's, and what speaks for it."""
    name, target = seen.question.attribute, seen.target
    if target is None or name not in target.attributes:
        return "ruled out", "no other value stands in its place"
    if seen.visible:
        return "ruled out", "its value is the one that is expected, if any is"
    if target.attributes[name] == _flows_own(seen):
        return "certain", "the value there is the one that our flows compute"
    source = target.attributes.get("callspan_source")
    if name in (*TRACE_ATTRIBUTES, *FLOW_TAGS) and source in ("service", "flow"):
        return "certain", f"{name} is one that our flows write, and callspan_source ({source}) says that one did"
    return "likely", "another value stands in its place"


def _flows_own(seen: Seen) -> str | None:
    """Return what our flows compute for an attribute, None for one whose value the conversation's id does not give."""
    trace = conversation_trace(seen.question.conversation_id)
    return {"traceparent": trace.traceparent, "dd_trace_id": trace.trace_id}.get(seen.question.attribute)


def not_yet_visible(seen: Seen) -> Cause:
    """Judge by when it appeared, or by how long it was looked for."""
    claim = "it was not visible yet: writes are accepted (202) before they are stored"
    remedy = "Read again until it is there, for up to 10 seconds, before you take it for lost."
    since = seen.visible_from
    if since is not None and since > seen.readings[0].seconds:
        return Cause("not-yet-visible", "certain", claim, f"it appeared after {since:.1f} s", remedy)
    if since is not None:
        return Cause("not-yet-visible", "ruled out", claim, "it was there at the first reading")
    if seen.running_flows:
        evidence = "a flow is still running, and what a voice flow sets is shown only when it ends"
        likelihood: Likelihood = "likely" if seen.nowhere else "possible"
        return Cause("not-yet-visible", likelihood, claim, evidence, "Look again when the call has left the flow.")
    looked = "it was not there at the first reading"
    if len(seen.readings) > 1:
        looked = f"it was not there {seen.seconds:.1f} s after the first of {len(seen.readings)} readings"
    if seen.seconds >= LONG_ENOUGH or seen.over:
        return Cause("not-yet-visible", "ruled out", claim, looked)
    return Cause("not-yet-visible", "possible", claim, looked, remedy)


def ended(seen: Seen) -> Cause:
    """Judge by who is still there."""
    claim = "it was written after the end: what is set then is never stored, though it is accepted"
    remedy = f"Write while the call goes on. {BY_FLOW}"
    if seen.visible:
        return Cause("ended", "ruled out", claim, "it is there")
    if seen.over:
        moment = seen.conversation.ended
        evidence = f"the conversation ended at {moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "everybody has left"
        return Cause("ended", "likely" if seen.nowhere else "possible", claim, evidence, remedy)
    if seen.target is not None and seen.target.left:
        evidence = f"{described(seen.target)} has left; it is not documented that later writes are kept"
        return Cause("ended", "possible", claim, evidence, remedy)
    return Cause("ended", "ruled out", claim, "the conversation goes on")


def analytics(seen: Seen) -> Cause:
    """Judge by where it was looked for."""
    claim = "it was looked for in analytics, whose conversation details and queries never show attributes"
    remedy = "Read GET /api/v2/conversations/{id}, or after the call an analytics job (POST .../details/jobs)."
    if seen.question.looked_at == "analytics":
        return Cause("analytics", "certain", claim, "you say so", remedy)
    if seen.visible:
        return Cause("analytics", "possible", claim, "the conversation itself shows it", remedy)
    return Cause("analytics", "ruled out", claim, "the conversation itself does not show it either")


def unfit_value(seen: Seen) -> Cause:
    """Judge by the value that stands there, or by the one that is expected."""
    claim = f"its value is not fit: values are strings, for bot flows of at most {MAX_VALUE_LENGTH} characters"
    remedy = f"Send a string of at most {MAX_VALUE_LENGTH} characters."
    value = seen.target.attributes.get(seen.question.attribute) if seen.target else None
    if value is not None and not isinstance(value, str):
        return Cause("value", "certain", claim, f"a {type(value).__name__} stands there", remedy)
    length = max(len(value or ""), len(seen.question.expected or ""))
    if length > MAX_VALUE_LENGTH:
        return Cause("value", "likely", claim, f"it has {length} characters", remedy)
    if seen.nowhere:
        return Cause("value", "possible", claim, "nothing was stored; what was sent cannot be seen from here", remedy)
    return Cause("value", "ruled out", claim, "nothing that is no string, or too long, stands there")


def refused_write(seen: Seen) -> Cause:
    """Judge whether the writer may have been turned away: that leaves no trace but in its own log."""
    claim = "the write itself was refused (401 token, 404 id, 429 too many requests), and nobody looked"
    remedy = "Log the status of the write: 202 is the one that is right; after 429 wait as Retry-After says."
    if seen.nowhere:
        return Cause("refused-write", "possible", claim, "no participant has it", remedy)
    return Cause("refused-write", "ruled out", claim, "a write was taken: the attribute is on the conversation")


CAUSES: tuple[Callable[[Seen], Cause], ...] = (
    wrong_url,
    overwritten,
    wrong_participant,
    several_participants,
    ended,
    not_yet_visible,
    analytics,
    spelled_otherwise,
    unfit_value,
    refused_write,
)
"""The most decisive first."""


def described(participant: Participant) -> str:
    """Name a participant by purpose and id."""
    return f"{participant.purpose or 'a participant'} {participant.id}"
