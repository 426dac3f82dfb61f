"""What callers send is read or refused as documented, whatever it is, and in no time."""

from __future__ import annotations

import io
import json
import re
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgpack
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from app.api.actions import Action
from app.calls import MAX_LABEL_LENGTH, label
from app.config import ConfigurationError, Settings
from app.errors import Rejection
from app.genesys.events import Event, MalformedEventError, read_events
from app.genesys.persistence import check_persistence
from app.genesys.story import tell
from app.identity import (
    InvalidConversationIdError,
    InvalidTraceparentError,
    conversation_trace,
    parse_traceparent,
)
from app.lookup import UnrecognisedError, describe, recognise
from app.oauth import InvalidTokenError, Tokens
from app.record import Record, read_records
from app.signature import InvalidSignatureError, SignatureCheck
from app.span import Encoder, FinishedSpan, Origin, payload
from app.tags import parse_tags
from schemas import CONTRACTS
from schemas.compiled import compile_inputs
from tests.conftest import CONVERSATION, OTHER_TRACEPARENT, TRACE_ID, TRACEPARENT, make_settings
from tests.events import NOW_MS, call, envelope
from tests.fuzz.effort import ODD, bounded, damaged, fuzz, pieces

SETTINGS = make_settings(genesys_region="eu-central-1")
TOKENS = Tokens(SETTINGS.clients, SETTINGS.jwt_keys)
GOOD_TOKEN = TOKENS.issue(SETTINGS.clients["genesys"], frozenset({"actions"}), 60)
IDS = [CONVERSATION, TRACE_ID, TRACEPARENT, OTHER_TRACEPARENT, TRACE_ID[:16], TRACE_ID.upper(), str(int(TRACE_ID, 16))]
KINDS = ["customer.end", "flow.end", "flow.outcome", "acd.end", "user.end", "acw", "wrapup", "attributes", "acd.start"]
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), ODD, st.text(max_size=10), st.sampled_from([*IDS, *KINDS]),
    st.integers(-(10**15), 10**15), st.integers(NOW_MS - 10**8, NOW_MS + 10**6).map(str),
)  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(sorted({name for event in call(CONVERSATION, NOW_MS) for name in event["detail"]["eventBody"]})),
    st.sampled_from(["detail", "detail-type", "eventBody", "topic", "source", "attributes", "traceparent"]),
    st.text(max_size=5),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)


@fuzz
@given(st.one_of(pieces([*IDS, "00-", "-01", "ff-", "-", "0" * 16, "0" * 32]), damaged(IDS)))
def test_a_traceparent_or_conversation_id_is_read_or_refused(text: str) -> None:
    with bounded(), suppress(InvalidTraceparentError):
        context = parse_traceparent(text)
        assert parse_traceparent(context.traceparent) == context
    with bounded(), suppress(InvalidConversationIdError):
        trace = conversation_trace(text)
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", trace.traceparent)
        assert "0" * 16 not in (trace.span_id, trace.trace_id[16:])


@fuzz
@given(pieces(["priority", ":", "high", ",", " ", "+1555", "@", ".", "env", "call.", "a:b,", "4111 1111 "], most=40))
def test_tags_are_sorted_into_good_and_bad(text: str) -> None:
    with bounded():
        tags = parse_tags(text)
    for tag in tags.accepted:
        assert re.fullmatch(r"[\w\-:./]+", str(tag))
        assert len(str(tag)) <= 200
    for refused in tags.rejected:
        str(refused).encode()


@fuzz
@given(st.one_of(st.text(), pieces(IDS)))
def test_a_label_is_one_line_that_can_be_sent(text: str) -> None:
    shown = label(text)
    shown.encode()
    assert len(shown) <= MAX_LABEL_LENGTH
    assert len(shown.splitlines()) <= 1


@fuzz
@given(
    st.one_of(
        VALUES,
        st.builds(lambda kind, more: envelope(kind, **more), st.sampled_from(KINDS), st.dictionaries(NAMES, VALUES)),
        st.lists(st.builds(lambda kind, more: {"topic": kind, **more}, LEAVES, st.dictionaries(NAMES, VALUES))),
        damaged([json.dumps(event) for event in call(CONVERSATION, NOW_MS)]),
    ),
    st.booleans(),
)
def test_an_event_is_told_ignored_or_malformed(payload: Any, root_at_start: bool) -> None:
    if isinstance(payload, str):
        with suppress(ValueError):
            payload = json.loads(payload)
    with bounded(), suppress(MalformedEventError):
        for event in read_events(payload):
            if not isinstance(event, Event):
                assert event is None or str(event).encode()
                continue
            check_persistence(event.conversation, event.body.get("attributes"))
            for span in tell(event, now_ms=NOW_MS, root_at_start=root_at_start).spans:
                assert span.trace_id == event.conversation.trace_id
                assert 0 < int(span.span_id, 16) < 2**64
                assert span.finished_ns - span.started_ns > 0
                assert all(isinstance(value, str) and value.encode() for value in span.tags.values())


SPAN = FinishedSpan(
    "callspan.start", "start-call-trace", TRACE_ID, TRACE_ID[:16], TRACE_ID[16:], 10**18, 10**18 + 1, {"a": "b"}, "",
    False, parse_traceparent(OTHER_TRACEPARENT),
)  # fmt: skip
CHUNK = Encoder(Origin("callspan")).encode([SPAN])
RECORD = Record(CHUNK, 1, SPAN.started_ns)


@fuzz
@given(st.one_of(st.binary(max_size=1000), st.lists(st.sampled_from([RECORD.to_bytes(), RECORD.to_bytes()[:-9]]))))
def test_a_damaged_journal_has_spans_that_can_be_sent_or_none(data: bytes | list[bytes]) -> None:
    """Or else the thread that sends spans would end, and with it every span after this one."""
    data = data if isinstance(data, bytes) else b"".join(data)
    with bounded():
        records = list(read_records(io.BytesIO(data), len(data)))
    assert {record.chunk for record in records} <= {CHUNK, b""}


@fuzz
@given(st.text(), st.text(), st.dictionaries(st.text(), st.text()), st.integers(0, 2**62))
def test_a_span_of_any_text_is_encoded_as_the_agent_reads_it(
    name: str, resource: str, tags: dict[str, str], started_ns: int
) -> None:
    given_span = replace(
        SPAN, name=name, resource=resource, tags=tags, started_ns=started_ns, finished_ns=started_ns + 7
    )
    ((told,),) = msgpack.unpackb(payload([Encoder(Origin("callspan")).encode([given_span])]))
    assert (told["start"], told["duration"]) == (started_ns, 7)
    assert (told["trace_id"], told["meta"]["_dd.p.tid"]) == (int(TRACE_ID[16:], 16), TRACE_ID[:16])
    assert told["name"] == name.encode(errors="replace").decode()
    kept = {key.encode(errors="replace").decode() for key in tags}
    assert kept <= told["meta"].keys()


LOOK_UP = [
    *IDS, "https://app.datadoghq.com/apm/trace/", "?conversationId=", "&trace=", "traceparent: ",
    "x-datadog-trace-id: ", "_dd.p.tid=", "interactions/", "conversation_id", "traceId", "{{", "}}", "id", " ", "\n",
    "%2D", "\u2013", '"',
]  # fmt: skip


@fuzz
@given(st.one_of(pieces(LOOK_UP, most=30), damaged([f"conversationId={CONVERSATION}", f"traceparent: {TRACEPARENT}"])))
def test_a_pasted_text_is_recognised_or_refused(text: str) -> None:
    with bounded(), suppress(UnrecognisedError):
        told = describe(recognise(text), SETTINGS)
        assert conversation_trace(told["conversation_id"]).trace_id == told["trace_id"]
        assert all(value.isascii() for value in told.values())


@fuzz
@given(st.sampled_from(["{{", "id ", "id\u00a0", "(", "\ufdfa", "%25", "0", "-", "a-", "conversation id", "\u2103"]))
def test_a_repeated_piece_does_not_keep_look_up_busy(piece: str) -> None:
    for text in (piece * (2000 // len(piece)), piece * 300 + "x", "x" + piece * 300 + CONVERSATION):
        with bounded(), suppress(UnrecognisedError):
            recognise(text)


@fuzz
@given(st.one_of(damaged([GOOD_TOKEN]), pieces([*GOOD_TOKEN.split("."), ".", "e30", "=", "eyJhbGciOiJub25lIn0"])))
def test_a_token_is_ours_or_refused(text: str) -> None:
    # As it comes in a header.
    text = text.encode("utf-8", "replace").decode("latin-1")
    with bounded(), suppress(InvalidTokenError):
        client, scopes = TOKENS.verify(text)
        # Of the last character of a digest in base64 two bits say nothing; else only the token itself is accepted.
        assert text[:-1] == GOOD_TOKEN[:-1]
        assert (client, scopes) == ("genesys", {"actions"})


@fuzz
@given(pieces(["sha256=", "00" * 32, "=", "AAAA", "z"]), pieces(["1795368068", "-", "."]), st.binary(max_size=50))
def test_no_guess_is_a_signature(value: str, stamp: str, body: bytes) -> None:
    for check in (SignatureCheck("s" * 40, "X-Signature"), SignatureCheck("s" * 40, "X-Signature", "X-Time")):
        try:
            headers = Headers({"X-Signature": value, "X-Time": stamp})
        except ValueError:
            return  # a header has no line breaks
        with suppress(InvalidSignatureError):
            check.verify(headers, body)
            raise AssertionError("a guess was accepted")


@fuzz
@given(st.data())
def test_contracts_are_loaded_alike_on_both_ways(data: st.DataObject) -> None:
    """Whatever JSON holds; what is made of well-formed inputs is tried in tests/unit/test_compiled.py."""
    contract = data.draw(st.sampled_from(CONTRACTS))
    names = st.one_of(st.sampled_from(sorted(contract.input_names())), st.text(max_size=4))
    text = json.dumps(data.draw(st.dictionaries(names, VALUES, max_size=8) | VALUES))
    body = json.loads(text)
    short = compile_inputs(contract.inputs)(body) if type(body) is dict else None
    action = Action.__new__(Action)
    action.contract = contract
    try:
        judged = action.load(body)
    except Rejection:
        judged = None
    assert short in (judged, None)


@fuzz
@given(
    st.dictionaries(
        st.sampled_from([field.metadata["name"] for field in Settings.__dataclass_fields__.values()]),
        st.one_of(
            pieces(
                ["https://", "redis://", "a.example", ":", "@", ",", "[", "]", "30 per minute", "{", "}", '"a"', "k:"]
            ),
            st.just('{"genesys": {"secret_hash": "scrypt:1:1:1$a$b", "scopes": ["actions"]}}'),
            st.just("new:" + "n" * 40),
        ),
        max_size=4,
    )
)
def test_settings_are_read_or_every_problem_is_named(environ: dict[str, str]) -> None:
    with bounded(), suppress(ConfigurationError):
        Settings.from_environ(environ)
