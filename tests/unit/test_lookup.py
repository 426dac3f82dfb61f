from __future__ import annotations

import re
import uuid
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.identity import conversation_trace
from app.lookup import MAX_LENGTH, UnrecognisedError, describe, expressions, recognise
from architect.expressions import Expression
from tests.conftest import CONVERSATION, OTHER_TRACEPARENT, TRACE_ID, TRACEPARENT, make_settings

LOW = "11767480711448762632"
WHOLE = str(int(TRACE_ID, 16))
OTHER = OTHER_TRACEPARENT[3:35]
SPAN = "spanID=2754376459340700567"
DATADOG = "https://app.datadoghq.com"
GENESYS = "https://apps.mypurecloud.de/directory/#/engage/admin/interactions"

PASTED = {
    "conversation id": CONVERSATION,
    "upper case": CONVERSATION.upper(),
    "trace id": TRACE_ID,
    "trace id in upper case": TRACE_ID.upper(),
    "blanks": f" \t{CONVERSATION}\r\n",
    "braces": f"{{{CONVERSATION}}}",
    "double quotes": f'"{TRACE_ID}",',
    "single quotes": f"'{TRACE_ID}'",
    "typographic quotes": f"\u201c{CONVERSATION}\u201d.",
    "angle brackets": f"<{CONVERSATION}>",
    "urn": f"urn:uuid:{CONVERSATION}",
    "no-break hyphens": CONVERSATION.replace("-", "\u2011"),
    "en dashes": CONVERSATION.replace("-", "\u2013"),
    "invisible marks": f"\ufeff{CONVERSATION[:20]}\u200b{CONVERSATION[20:]}",
    "full-width digits": "\uff18" + CONVERSATION[1:],
    "broken line": f"{CONVERSATION[:18]}\n{CONVERSATION[18:]}",
    "no-break space": f"{TRACE_ID[:16]}\u00a0{TRACE_ID[16:]}",
    "trace_id:": f"trace_id: {TRACE_ID}",
    "Trace ID =": f"Trace ID = {TRACE_ID}",
    "dd.trace_id in JSON": f'{{"dd.trace_id":"{TRACE_ID}","dd.span_id":"10310116547102393983"}}',
    "escaped JSON": f'"{{\\"conversationId\\": \\"{CONVERSATION}\\"}}"',
    "sentence": f"Hi, please look at call {CONVERSATION}: it was cut off.",
    "twice the same": f"{CONVERSATION} {TRACE_ID.upper()}",
    "traceparent": TRACEPARENT,
    "traceparent header": f"traceparent: {TRACEPARENT}\ntracestate: dd=s:2;t.dm:-4",
    "traceparent in upper case": TRACEPARENT.upper(),
    "traceparent of another span": f"00-{TRACE_ID}-00f067aa0ba902b7-00",
    "traceparent of a later version": f"01-{TRACE_ID}-00f067aa0ba902b7-01",
    "trace id in decimal": WHOLE,
    "labelled trace id in decimal": f"trace_id:{WHOLE}",
    "Datadog headers": f"x-datadog-trace-id: {LOW}\nx-datadog-tags: _dd.p.tid={TRACE_ID[:16]},_dd.p.dm=-4",
    "Datadog headers on one line": f"x-datadog-trace-id: {LOW}x-datadog-tags: _dd.p.tid={TRACE_ID[:16]}",
    "Datadog trace": f"{DATADOG}/apm/trace/{TRACE_ID}",
    "Datadog trace with a span": f"{DATADOG}/apm/trace/{TRACE_ID}?graphType=waterfall&{SPAN}&timeHint=1",
    "Datadog trace in decimal": f"https://acme.datadoghq.eu/apm/trace/{WHOLE}",
    "Datadog panel": f"{DATADOG}/apm/traces?query=env%3Aprod&{SPAN}&trace={TRACE_ID}2754376459340700567",
    "Datadog search": f"{DATADOG}/apm/traces?query=%40conversation.id%3A{CONVERSATION}&start=1",
    "Datadog search in quotes": f"{DATADOG}/logs?query=%40conversation.id%3A%22{CONVERSATION}%22",
    "Datadog search, escaped twice": quote(f"{DATADOG}/apm/traces?query=%40conversation.id%3A{CONVERSATION}"),
    "Datadog search for a trace": f"{DATADOG}/apm/traces?query=trace_id%3A{TRACE_ID}",
    "query": f"@conversation.id:{CONVERSATION} service:genesys-cloud",
    "Genesys interaction": f"{GENESYS}/{CONVERSATION}",
    "Genesys interaction's page": f"{GENESYS}/{CONVERSATION}/details?org={OTHER}",
    "our page": f"https://callspan.example.com/?conversationId={CONVERSATION}",
    "a conversation before a trace": f'{{"dd.trace_id": "{OTHER}", "conversation.id": "{CONVERSATION}"}}',
    "a conversation before a traceparent": f"{OTHER_TRACEPARENT} conversation_id={CONVERSATION}",
    "a trace before an id": f"organization {OTHER} trace_id={TRACE_ID}",
}


@pytest.mark.parametrize("text", PASTED.values(), ids=PASTED.keys())
def test_what_people_paste_is_recognised(text: str) -> None:
    found = recognise(text)
    assert found.trace == conversation_trace(CONVERSATION)
    assert found.doubt == ""


REFUSED = {
    "nothing": (" \u200b\n", "There is nothing here"),
    "too long": ("a" * (MAX_LENGTH + 1), f"has {MAX_LENGTH + 1} characters"),
    "words": ("not an id", "There is no id in this"),
    "phone number": ("+1 555 123 4567", "There is no id in this"),
    "a digit less": (CONVERSATION[:-1], "has 32 hex digits, such as .*; this has 31"),
    "a digit more": (TRACE_ID + "0", "this has 33"),
    "dashes elsewhere": ("8f14e45fceea-467f-a34e-7d5c3b2a-1908", "has its dashes in other places"),
    "two ids": (f"{CONVERSATION} {OTHER}", "2 different ids"),
    "two conversations": (f"conversationId={CONVERSATION}&conversationId={OTHER}", "2 different ids"),
    "zeros": ("0" * 32, "Half of this id is zeros"),
    "half of zeros": (f"{TRACE_ID[:16]}{'0' * 16}", "Half of this id is zeros"),
    "span id": ("8f14e45fceea467f", "These 16 hex digits are a span id"),
    "labelled span id": ("dd.span_id: 8f14e45fceea467f", "These 16 hex digits"),
    "traceparent of version ff": (f"ff-{TRACE_ID}-00f067aa0ba902b7-01", "This traceparent has version ff"),
    "traceparent without a parent": (f"00-{TRACE_ID}-{'0' * 16}-01", "has a parent id of zero"),
    "address without an id": (f"{DATADOG}/apm/services", "no id in this address"),
    "unfilled": ("{{gcConversationId}}", "was not filled in. .* of the type Interaction Widget"),
    "unfilled, old name": ("{{pcConversationId}}", "of the type Interaction Widget"),
    "misspelt placeholder": ("{{conversationId}}", r"write exactly \{\{gcConversationId\}\}"),
    "escaped placeholder": ("%7B%7BgcConversationId%7D%7D", "was not filled in"),
    "Velocity": ("${input.conversationId}", "placeholder that nobody filled in"),
}


@pytest.mark.parametrize(("text", "problem"), REFUSED.values(), ids=REFUSED.keys())
def test_what_names_no_conversation_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(UnrecognisedError, match=problem) as caught:
        recognise(text)
    assert caught.value.trace == ""
    assert len(text) < 36 or text not in str(caught.value)


@pytest.mark.parametrize("text", [LOW, f"trace_id: {LOW}", f"{DATADOG}/apm/trace/{LOW}", f'"{LOW}"'])
def test_half_an_id_in_decimal_cannot_be_inverted_but_datadog_can_open_it(text: str) -> None:
    with pytest.raises(UnrecognisedError, match="the conversation, cannot be computed") as caught:
        recognise(text)
    assert caught.value.trace == LOW


def test_a_trace_that_datadog_began_is_not_taken_for_a_call() -> None:
    theirs = "6aa3372f00000000657a51c8d248c4fd"
    with pytest.raises(UnrecognisedError, match="began in a Datadog tracer") as caught:
        recognise(theirs)
    assert caught.value.trace == theirs


def test_an_id_that_is_no_version_4_uuid_is_shown_with_a_doubt() -> None:
    found = recognise("8f14e45f-ceea-167f-a34e-7d5c3b2a1908")
    assert "version 4" in found.doubt


@given(st.uuids(version=4), st.data())
def test_every_form_of_a_conversation_leads_back_to_it(conversation: uuid.UUID, data: st.DataObject) -> None:
    trace = conversation_trace(str(conversation))
    settings = make_settings(genesys_region="us-west-2")
    if trace.trace_id[8:16] == "0" * 8:
        return
    told = describe(recognise(str(conversation)), settings)
    invertible = {name: told[name] for name in ("conversation_id", "trace_id", "traceparent")}
    invertible |= {name: url for name, url in told.items() if name.endswith("_url")}
    invertible["headers"] = (
        f"x-datadog-trace-id: {told['x_datadog_trace_id']}, x-datadog-tags: {told['x_datadog_tags']}"
    )
    text = data.draw(st.sampled_from(sorted(invertible.values())))
    assert describe(recognise(text), settings) == {**told, "recognised_as": recognise(text).form}
    for half in (told["trace_id_decimal"], told["span_id"]):
        with pytest.raises(UnrecognisedError):
            recognise(half)


@given(st.text(max_size=200) | st.text("0123456789abcdefABCDEF-{}$%:/ \u2011", max_size=120))
@example("%" * 300)
@example("conversation id" * 100)
@example("trace id" + " " * 1900)
def test_any_text_is_either_recognised_or_refused(text: str) -> None:
    try:
        found = recognise(text)
    except UnrecognisedError:
        return
    assert recognise(found.trace.trace_id).trace == recognise(found.trace.traceparent).trace == found.trace


def test_a_conversation_is_described_in_every_form() -> None:
    told = describe(recognise(CONVERSATION), make_settings(datadog_url="https://acme.datadoghq.eu"))
    assert told == {
        "conversation_id": CONVERSATION,
        "trace_id": TRACE_ID,
        "trace_id_decimal": LOW,
        "span_id": "8f14e45fceea467f",
        "span_id_decimal": "10310116547102393983",
        "traceparent": TRACEPARENT,
        "tracestate": "dd=s:2;t.dm:-4",
        "x_datadog_trace_id": LOW,
        "x_datadog_parent_id": "10310116547102393983",
        "x_datadog_sampling_priority": "2",
        "x_datadog_tags": "_dd.p.tid=8f14e45fceea467f,_dd.p.dm=-4",
        "trace_url": f"https://acme.datadoghq.eu/apm/trace/{TRACE_ID}",
        "search_url": f"https://acme.datadoghq.eu/apm/traces?query=%40conversation.id%3A{CONVERSATION}",
        "interaction_url": "",
        "recognised_as": "id",
        "doubt": "",
    }


def test_the_interaction_is_linked_where_the_region_is_known() -> None:
    told = describe(recognise(CONVERSATION), make_settings(genesys_region="eu-central-1"))
    assert told["interaction_url"] == f"{GENESYS}/{CONVERSATION}"


def test_the_headers_of_datadog_say_what_the_tracer_writes() -> None:
    """Held to ddtrace's own propagation, by which a back end reads them."""
    from ddtrace.propagation.http import HTTPPropagator

    told = describe(recognise(CONVERSATION), make_settings())
    context = HTTPPropagator.extract(
        {name.replace("_", "-"): value for name, value in told.items() if name.startswith("x_datadog_")}
    )
    assert context.trace_id == int(TRACE_ID, 16)
    assert context.span_id == int(told["span_id"], 16)
    assert context.sampling_priority == 2
    assert context._meta["_dd.p.dm"] == "-4"


@given(st.uuids(version=4))
def test_the_expressions_give_what_is_shown(conversation: uuid.UUID) -> None:
    settings = make_settings()
    trace = conversation_trace(str(conversation))
    computed = {
        name: Expression.parse(text).evaluate({"Call.ConversationId": str(conversation)})
        for name, text in expressions(settings).items()
    }
    assert computed == {
        "traceparent": trace.traceparent,
        "dd_trace_id": trace.trace_id,
        "dd_trace_url": settings.trace_url(trace.trace_id),
    }


def test_the_expression_is_that_of_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert re.findall(r"^Append\(.*\)$", readme, re.MULTILINE) == [expressions(make_settings())["traceparent"]]
