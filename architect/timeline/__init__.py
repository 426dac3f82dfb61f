"""A call's trace as a timeline: spans in, rows out, drawn for a terminal."""

from architect.timeline.drawing import draw
from architect.timeline.received import AgentError, Span, full_trace_id, received_spans
from architect.timeline.timeline import Row, Timeline, timeline_of

__all__ = ["AgentError", "Row", "Span", "Timeline", "draw", "full_trace_id", "received_spans", "timeline_of"]
