from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tags import MAX_ITEMS, MAX_TAGS, RESERVED_KEYS, parse_tags


def accepted(text: str, **options: bool) -> list[str]:
    return [str(tag) for tag in parse_tags(text, **options).accepted]


def rejected(text: str, **options: bool) -> list[str]:
    return [str(tag) for tag in parse_tags(text, **options).rejected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("priority:high,line:sales", ["priority:high", "line:sales"]),
        (" priority : High ,line:Sales", ["priority:high", "line:sales"]),
        ("line:Retail Sales (North)", ["line:retail_sales_north"]),
        ("path:a/b.c-d_e", ["path:a/b.c-d_e"]),
        ("url:http://x/y", ["url:http://x/y"]),
        ("straße:süd", ["straße:süd"]),
        (",,priority:high,,", ["priority:high"]),
        ("", []),
        ("  ,  ", []),
        ("opened:2026-11-22", ["opened:2026-11-22"]),
        ("order:8f14e45f-ceea-4671-8341-123456789012", ["order:8f14e45f-ceea-4671-8341-123456789012"]),
        ("case:123456", ["case:123456"]),
        ("key:" + "v" * 196, ["key:" + "v" * 196]),
    ],
    ids=str,
)
def test_tags_are_accepted_in_the_form_that_datadog_gives_them(text: str, expected: list[str]) -> None:
    assert accepted(text) == expected
    assert rejected(text) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("priority", "tag 1 (priority): has no value"),
        ("priority:", "tag 1 (priority): has no value"),
        ("priority: ", "tag 1 (priority): has no value"),
        ("priority:high:", "tag 1 (priority): ends with a colon"),
        (":high", "tag 1: must start with a letter"),
        ("1st:yes", "tag 1: must start with a letter"),
        ("_x:yes", "tag 1: must start with a letter"),
        ("!!!", "tag 1: must start with a letter"),
        ("key:" + "v" * 197, "tag 1: is 201 characters long"),
        ("a:1,env:prod", "tag 2 (env): is reserved"),
        ("ENV:prod", "tag 1 (env): is reserved"),
        ("conversation.id:1", "tag 1 (conversation.id): is reserved"),
        ("dd.trace:1", "tag 1 (dd.trace): is reserved"),
        ("callspan.entry:true", "tag 1 (callspan.entry): is reserved"),
        ("a:1,b:2,a:3", "tag 3 (a): has a second value"),
    ],
    ids=str,
)
def test_a_bad_tag_is_rejected_by_its_place_and_with_the_reason(text: str, reason: str) -> None:
    (only,) = rejected(text)
    assert only.startswith(reason)


@pytest.mark.parametrize("key", sorted(RESERVED_KEYS))
def test_no_reserved_key_can_be_used(key: str) -> None:
    assert accepted(f"{key}:x") == []
    assert "reserved" in rejected(f"{key}:x")[0]


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("phone:+15551234567", "phone number"),
        ("phone:555-123-4567", "phone number"),
        ("phone:(555) 123-4567", "phone number"),
        ("phone:tel:+49 30 1234567", "phone number"),
        ("note:call_+15551234567", "phone number"),
        ("mail:ann@example.com", "e-mail address"),
        ("ann@example.com", "e-mail address"),
        ("sip:ann@pbx.example.com:5060", "e-mail address"),
        ("card:4111111111111111", "payment card"),
        ("card:4111 1111 1111 1111", "payment card"),
        ("card:3782-822463-10005", "payment card"),
    ],
    ids=str,
)
def test_personal_data_is_refused_and_never_repeated(tag: str, kind: str) -> None:
    (only,) = rejected(tag)
    assert kind in only
    assert only.startswith("tag 1: ")
    value = tag.partition(":")[2] or tag
    assert value not in only


def test_personal_data_is_kept_when_the_check_is_switched_off() -> None:
    assert accepted("phone:15551234567", refuse_personal_data=False) == ["phone:15551234567"]


def test_a_repeated_tag_is_dropped_in_silence_and_the_first_value_of_a_key_wins() -> None:
    tags = parse_tags("a:1,a:1,a:2")
    assert [str(tag) for tag in tags.accepted] == ["a:1"]
    assert [tag.position for tag in tags.rejected] == [3]


def test_the_first_twenty_tags_are_kept() -> None:
    text = ",".join(f"key{n}:v" for n in range(22)) + ",key0:v"
    assert accepted(text) == [f"key{n}:v" for n in range(MAX_TAGS)]
    assert [tag.key for tag in parse_tags(text).rejected] == ["key20", "key21"]


def test_a_runaway_list_is_not_read_to_its_end() -> None:
    tags = parse_tags("x," * 10_000)
    assert len(tags.rejected) == MAX_ITEMS + 1
    assert "only the first 50" in tags.rejected[-1].reason
    assert len(parse_tags("x," * MAX_ITEMS).rejected) == MAX_ITEMS


@given(st.text())
def test_any_text_is_sorted_into_tags_that_datadog_takes_and_reasons(text: str) -> None:
    tags = parse_tags(text)
    for tag in map(str, tags.accepted):
        assert tag[0].isalpha()
        assert tag == tag.lower()
        assert len(tag) <= 200
        assert not tag.endswith(":")
        assert "," not in tag
        assert not any(c.isspace() for c in tag)
    assert len(tags.accepted) <= MAX_TAGS
    assert all(tag.reason for tag in tags.rejected)


@given(st.text())
def test_accepted_tags_are_accepted_again_as_they_are(text: str) -> None:
    """The flow may store accepted_tags on the call and send them with the next action."""
    first = accepted(text, refuse_personal_data=False)
    assert accepted(",".join(first), refuse_personal_data=False) == first
