"""Tagging a conversation from outside its flow, through Genesys Cloud's platform API."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.calls import Call, Caller, Calls, call_of
from app.config import Settings
from app.genesys.access import platform_client
from app.genesys.budget import Budget
from app.genesys.participants import Resolution
from app.genesys.writer import PERSISTED, AttributeWriter
from schemas.conversation_attributes import TRACE_ATTRIBUTES

KEPT = "kept"
SOURCE = "rest"
"""What `callspan_source` says of a call that was tagged here; flows say `service` or `flow`."""


_FROM_OUTSIDE = dict.fromkeys(("flow_name", "tags", "channel", "direction", "queue_name"), "")


@dataclass(frozen=True, slots=True)
class Tagged:
    """What became of it: the trace the call is in, where it was written, each attribute's outcome, and at what cost."""

    call: Call
    resolution: Resolution
    outcomes: Mapping[str, str]
    attempts: int
    seconds: float
    trace_url: str

    @property
    def complete(self) -> bool:
        """Whether every attribute is as it should be."""
        return set(self.outcomes.values()) <= {PERSISTED, KEPT}


class Tagging:
    """Writes attributes on a conversation, and the trace it is in along with them."""

    def __init__(self, writer: AttributeWriter, calls: Calls, trace_url: Callable[[str], str]) -> None:
        self._writer, self._calls, self._trace_url = writer, calls, trace_url

    def tag(
        self,
        conversation_id: str,
        attributes: Mapping[str, str],
        caller: Caller,
        budget: Budget,
        *,
        participant_id: str = "",
    ) -> Tagged:
        """Write a caller's attributes and the trace's own.

        A conversation that carries no usable `traceparent` gets that of its own trace, which starts with it. In one
        that does, what is there is kept: a flow, or somebody before it, has put the call in a trace. A `traceparent`
        among the caller's attributes goes before both.

        Raises:
            UnresolvedError: when there is no participant to write on.
            PlatformError: when Genesys Cloud does not do its part.

        """
        resolution = self._writer.find(conversation_id, budget, participant_id)
        found = {name: str(resolution.participant.attributes.get(name) or "") for name in TRACE_ATTRIBUTES}
        traceparent = attributes.get("traceparent", found["traceparent"])
        call = call_of(conversation_id, traceparent)
        carried = "traceparent" not in attributes and bool(traceparent.strip()) and not call.ignored
        ours, kept = self._trace(call, found if carried else {})
        if not carried:
            told = {"conversation_id": conversation_id, "traceparent": traceparent}
            self._calls.start(_FROM_OUTSIDE | told, caller, time.time_ns())
        wanted = {**ours, **attributes}
        written = self._writer.put(conversation_id, resolution.participant, wanted, budget)
        outcomes = {**dict.fromkeys(kept, KEPT), **written.outcomes}
        return Tagged(call, resolution, outcomes, written.attempts, budget.spent, self._trace_url(call.trace.trace_id))

    def _trace(self, call: Call, found: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
        """Return the attributes of a call's trace, and which of those that were found differ from them and are kept."""
        trace = call.trace
        values = (trace.traceparent, trace.trace_id, self._trace_url(trace.trace_id), SOURCE)
        ours = dict(zip(TRACE_ATTRIBUTES, values, strict=True))
        if found and not found["callspan_source"]:
            del ours["callspan_source"]  # The trace is not from here.
        kept = [name for name in ours if found.get(name, "") not in ("", ours[name])]
        return {name: value for name, value in ours.items() if name not in kept}, kept


def tagging(settings: Settings, calls: Calls) -> Tagging | None:
    """Return the use case for the organisation whose client the settings name, None when they name none."""
    client = platform_client(settings, settings.genesys_rate_limit // settings.workers)
    return None if client is None else Tagging(AttributeWriter(client), calls, settings.trace_url)
