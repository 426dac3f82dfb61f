"""Did it persist? What an `attributes` event says of the ids that a flow wrote on its call. Pure.

Genesys does not document whether the event carries all of a participant's data or only what changed, and other
participants of a call have data of their own. So `missing` means that none of our names is in it, which is normal for
some events, and only what is there is compared. That nothing persists shows when no event says `persisted`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from app.identity import InvalidTraceparentError, TraceContext, parse_traceparent

SOURCES = ("service", "flow", "rest")
_HEX = re.compile(r"[0-9a-f]{32}")


class Persistence(NamedTuple):
    """What became of the ids: the traceparent that was expected, and what was found when it may be repeated."""

    result: Literal["persisted", "missing", "overwritten"]
    source: str
    expected: str
    found: str


def check_persistence(own: TraceContext, attributes: object) -> Persistence:
    """Compare participant data with what its conversation's id implies.

    A call that continues another trace carries that trace's ids, so any well-formed context is right as long as
    `traceparent` and `dd_trace_id` agree.
    """
    data = attributes if isinstance(attributes, Mapping) else {}
    said = data.get("callspan_source")
    source = "none" if said is None else said if said in SOURCES else "other"
    traceparent, trace_id = data.get("traceparent"), data.get("dd_trace_id")
    if traceparent is None and trace_id is None:
        return Persistence("missing", source, own.traceparent, "")
    found, context = "", own
    try:
        if traceparent is not None:
            context = parse_traceparent(str(traceparent))
            found = context.traceparent
        if trace_id is not None:
            found = found or (trace_id if isinstance(trace_id, str) and _HEX.fullmatch(trace_id) else "")
            agrees = trace_id == context.trace_id
        else:
            agrees = True
    except InvalidTraceparentError:
        agrees = False
    return Persistence("persisted" if agrees else "overwritten", source, own.traceparent, found)
