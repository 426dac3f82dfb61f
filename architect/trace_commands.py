"""`callspan trace`: look at the trace of a call.

Exit codes: 0 it is shown; 1 there is no span of the call; 2 the command was used wrongly or the agent gives no spans.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import click

from architect.command_parts import dependencies

if TYPE_CHECKING:
    from architect.timeline import Timeline

_WIDTH_WITHOUT_TERMINAL = 100


class CallIds(NamedTuple):
    """The ids of a call: its conversation's, dashed and lower-case, and its own `traceparent`."""

    conversation_id: str
    traceparent: str


class UnreachableError(click.ClickException):
    """The agent does not give any spans."""

    exit_code = 2


def trace_commands(read_id: Callable[[str], CallIds]) -> click.Group:
    """Return the commands; `read_id` reads the id that was given, and raises click.BadParameter when it is none."""

    @click.group()
    def trace() -> None:
        """Look at the trace of a call."""

    @trace.command(
        "show",
        epilog="\b\nExample:\n  callspan trace show 8f14e45f-ceea-467f-a34e-7d5c3b2a1908 --from-agent http://127.0.0.1:8126",
    )
    @click.argument("call", type=read_id, metavar="CONVERSATION_ID")
    @click.option("--from-agent", "agent_url", required=True, metavar="URL", help="Where Datadog's test agent listens.")
    @click.option("--format", "form", default="text", type=click.Choice(["text", "json"]), help="How to report.")
    def show(call: CallIds, agent_url: str, form: str) -> None:
        """Show a call's spans as a timeline, as Datadog's test agent (ddapm-test-agent) received them.

        The id may be that of the conversation or of its trace, a traceparent, or an address with one of them in it.
        NO_COLOR=1 leaves out colours, COLUMNS sets the width.
        """
        with dependencies():
            from architect.timeline import AgentError, received_spans, timeline_of
        try:
            spans = received_spans(agent_url)
        except AgentError as error:
            raise UnreachableError(str(error)) from None
        timeline = timeline_of(spans, *call)
        if timeline is None:
            raise click.ClickException(_nothing(call, len(spans), agent_url))
        if form == "json":
            click.echo(json.dumps(timeline.as_dict(), indent=2))
        else:
            show_timeline(timeline)

    return trace


def show_timeline(timeline: Timeline) -> None:
    """Print a timeline: in colour on a terminal, unless NO_COLOR is set, and as wide as that."""
    from rich.console import Console

    from architect.timeline.drawing import draw, glyphs_for

    plain = not sys.stdout.isatty() or bool(os.environ.get("NO_COLOR"))
    console = Console(color_system=None if plain else "auto", force_terminal=False if plain else None, highlight=False)
    width = console.width if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_WITHOUT_TERMINAL
    text = draw(timeline, width, glyphs=glyphs_for(console.encoding))
    if plain:
        click.echo(text.plain)
    else:
        console.print(text, soft_wrap=True)


def _nothing(call: CallIds, received: int, agent_url: str) -> str:
    held = f"{received} spans, but none" if received else "no spans at all, so none"
    return (
        f"the agent at {agent_url} holds {held} of conversation {call.conversation_id}.\n"
        "Check that the id is Call.ConversationId of that call; that the service sends its spans there "
        "(DD_TRACE_AGENT_URL of the service); that the call was started (Start Call Trace answered `ok`); and that "
        "a second has passed since, for spans are sent in the background."
    )
