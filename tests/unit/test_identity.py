from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity import (
    InvalidConversationIdError,
    InvalidTraceparentError,
    TraceContext,
    conversation_id,
    conversation_trace,
    parse_traceparent,
    span_id_for,
)
from tests.conftest import CONVERSATION, TRACE_ID, TRACEPARENT

real_uuids = st.uuids(version=4)


@pytest.mark.parametrize(
    "text",
    [CONVERSATION, CONVERSATION.upper(), TRACE_ID, TRACE_ID.upper(), f"  {CONVERSATION}\n", CONVERSATION.title()],
    ids=["dashed", "upper case", "32 hex", "32 hex upper case", "with blanks", "mixed case"],
)
def test_every_spelling_of_a_conversation_gives_the_same_trace(text: str) -> None:
    trace = conversation_trace(text)
    assert trace.trace_id == TRACE_ID
    assert trace.span_id == "8f14e45fceea467f"
    assert trace.traceparent == TRACEPARENT
    assert trace.trace_id_decimal == "11767480711448762632"
    assert trace.span_id_decimal == "10310116547102393983"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "not an id",
        CONVERSATION[:-1],
        CONVERSATION + "0",
        f"{{{CONVERSATION}}}",
        f"urn:uuid:{CONVERSATION}",
        "8f14e45fceea-467f-a34e-7d5c3b2a1908",
        "8f14e45f-ceea-467f-a34e7d5c3b2a1908",
        "8f14e45f_ceea_467f_a34e_7d5c3b2a1908",
        "gf14e45f-ceea-467f-a34e-7d5c3b2a1908",
        "\uff18f14e45f-ceea-467f-a34e-7d5c3b2a1908",
        f"{CONVERSATION}\n{CONVERSATION}",
    ],
    ids=str,
)
def test_what_is_not_a_uuid_is_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(InvalidConversationIdError, match="expected a UUID such as"):
        conversation_trace(text)


@pytest.mark.parametrize(
    "text",
    [
        "00000000-0000-0000-0000-000000000000",
        "00000000-0000-0000-a34e-7d5c3b2a1908",
        "8f14e45f-ceea-467f-0000-000000000000",
    ],
    ids=["nil", "high half zero", "low half zero"],
)
def test_a_uuid_with_a_zero_half_is_refused(text: str) -> None:
    with pytest.raises(InvalidConversationIdError, match="all zeros"):
        conversation_trace(text)


@given(real_uuids)
def test_a_conversation_can_be_found_again_from_its_trace(conversation: uuid.UUID) -> None:
    assert conversation_id(conversation_trace(str(conversation)).trace_id) == str(conversation)


@given(real_uuids)
def test_the_ids_are_the_halves_of_the_uuid_and_differ(conversation: uuid.UUID) -> None:
    trace = conversation_trace(str(conversation))
    assert int(trace.trace_id, 16) == conversation.int
    assert int(trace.trace_id_decimal) == conversation.int & (2**64 - 1)
    assert int(trace.span_id_decimal) == conversation.int >> 64
    assert trace.span_id != "0" * 16


@given(real_uuids)
def test_the_traceparent_of_a_conversation_is_read_back_as_it_was(conversation: uuid.UUID) -> None:
    trace = conversation_trace(str(conversation))
    assert parse_traceparent(trace.traceparent) == trace


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TRACEPARENT, TRACEPARENT),
        (f" {TRACEPARENT} ", TRACEPARENT),
        (f"00-{TRACE_ID}-00f067aa0ba902b7-00", f"00-{TRACE_ID}-00f067aa0ba902b7-00"),
        (f"00-{TRACE_ID}-00f067aa0ba902b7-ff", f"00-{TRACE_ID}-00f067aa0ba902b7-ff"),
        (f"01-{TRACE_ID}-00f067aa0ba902b7-03", f"00-{TRACE_ID}-00f067aa0ba902b7-01"),
        (f"cc-{TRACE_ID}-00f067aa0ba902b7-00-what-the-future-brings", f"00-{TRACE_ID}-00f067aa0ba902b7-00"),
        (f"cc-{TRACE_ID}-00f067aa0ba902b7-01-", f"00-{TRACE_ID}-00f067aa0ba902b7-01"),
    ],
    ids=["own", "blanks", "not sampled", "unknown flags", "later version", "later with more", "later with a dash"],
)
def test_a_traceparent_is_continued(text: str, expected: str) -> None:
    assert parse_traceparent(text).traceparent == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (TRACEPARENT.upper(), "in lower case"),
        (f"ff-{TRACE_ID}-00f067aa0ba902b7-01", "version ff"),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", "last 16 digits are zero"),
        (f"00-4bf92f3577b34da6{'0' * 16}-00f067aa0ba902b7-01", "last 16 digits are zero"),
        (f"00-{TRACE_ID}-{'0' * 16}-01", "parent id of zero"),
        (f"00-{TRACE_ID}-00f067aa0ba902b7-01-more", "more fields"),
        (f"cc-{TRACE_ID}-00f067aa0ba902b7-01more", "not of the form"),
        (f"00-{CONVERSATION}-00f067aa0ba902b7-01", "not of the form"),
        (f"00-{TRACE_ID}-00f067aa0ba902b7", "not of the form"),
        (f"0-{TRACE_ID}-00f067aa0ba902b7-01", "not of the form"),
        ("NOT_SET", "not of the form"),
    ],
    ids=str,
)
def test_a_traceparent_that_cannot_be_continued_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(InvalidTraceparentError, match=problem):
        parse_traceparent(text)


@given(st.text())
def test_any_text_is_either_a_traceparent_or_refused(text: str) -> None:
    try:
        context = parse_traceparent(text)
    except InvalidTraceparentError:
        return
    assert context == parse_traceparent(context.traceparent)


@given(st.text())
def test_any_text_is_either_a_conversation_or_refused(text: str) -> None:
    try:
        trace = conversation_trace(text)
    except InvalidConversationIdError:
        return
    assert trace == conversation_trace(conversation_id(trace.trace_id))


def test_a_span_id_repeats_for_the_same_span_and_differs_for_another() -> None:
    one = conversation_trace(CONVERSATION)
    two = conversation_trace("b1d5781f-9a3e-4c6b-8f2a-0e6d7c5b4a39")
    ids = [span_id_for(*key) for key in ((one, "start"), (two, "start"), (one, "end"), (one, "start", "1"))]
    assert len(set(ids)) == len(ids)
    assert span_id_for(one, "start") == ids[0]
    assert all(len(span_id) == 16 and int(span_id, 16) for span_id in ids)


def test_a_span_id_stays_what_it_was_in_every_release() -> None:
    """Spans of one call may come from two releases; their ids must agree."""
    assert span_id_for(TraceContext(TRACE_ID, "8f14e45fceea467f"), "start") == "561b4afc8c8d20ad"
