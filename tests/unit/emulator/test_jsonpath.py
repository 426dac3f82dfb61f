"""What paths lead to. Every expectation was observed in Jayway json-path 2.10 unless its test says other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from architect.emulator.json_text import Json, dumps, loads
from architect.emulator.jsonpath import JsonPath, JsonPathError, PathNotFoundError

DOCUMENT = loads("""{
 "a": 1, "s": "str", "n": null, "o": {"x": 1, "y": null, "dd.trace_id": "t"}, "B-V": 2, "sp ace": 5,
 "l": [1, 2, 3], "e": [], "nest": [[1, 2], [3]], "big": 18446744073709551615, "dec": 1.10,
 "p": [
  {"purpose": "customer", "id": "c1", "k": 1, "tags": ["t1", "t2"], "sub": {"v": 1}},
  {"purpose": "agent", "id": "a1", "k": 2.5, "tags": [], "sub": {"v": "1"}},
  {"purpose": "customer", "id": null, "f": true}
 ],
 "m": {"q": {"id": 1}, "r": {"id": 2}}
}""")


def read(path: str, document: Json = DOCUMENT) -> str:
    return dumps(JsonPath(path).read(document))


@pytest.mark.parametrize(
    ("path", "result"),
    [
        ("$.a", "1"),
        ("a", "1"),
        ("o.x", "1"),
        ("@.a", "1"),
        ("$['o']['x']", "1"),
        ('$["a"]', "1"),
        ("$[ 'a' ]", "1"),
        ("$.n", "null"),
        ("$.o.y", "null"),
        ("$.o['dd.trace_id']", '"t"'),
        ("$.B-V", "2"),
        ("$['sp ace']", "5"),
        ("$.big", "18446744073709551615"),
        ("$.dec", "1.10"),
        ("$.l[0]", "1"),
        ("$.l[-1]", "3"),
        ("$.p[ 0 ].id", '"c1"'),
        ("$.nest[0][1]", "2"),
        ("$['a','s']", '{"a":1,"s":"str"}'),
        ("$['a','zz']", '{"a":1}'),
        ("$.l.length()", "3"),
        ("$.o.length()", "3"),
        ("$.s.length()", "null"),
        ("$.l.sum()", "6.0"),
        ("$.l.avg()", "2.0"),
        ("$.l.min()", "1.0"),
        ("$.l.max()", "3.0"),
        ("$.l.first()", "1"),
        ("$.l.last()", "3"),
    ],
)
def test_definite_paths(path: str, result: str) -> None:
    assert JsonPath(path).is_definite
    assert read(path) == result


@pytest.mark.parametrize(
    "path",
    [
        "$.missing",
        "$.o.z",
        "$.n.x",
        "$.s.x",
        "$.dd.trace_id",
        "$.o.dd.trace_id",
        "$.l[5]",
        "$.l[-9]",
        "$.e[0]",
        "$[0]",
        "$.p.id",
        "$.p[0].zz",
        "$.l[0].x",
        "$.missing.length()",
        "$.e.first()",
        "$.e.sum()",
        "$.missing[*].id",
        "$.missing..id",
        "$.missing[0:1]",
        "$.missing[?(@.x)]",
        "$.s[0:1]",
        "$.n[0,1]",
    ],
)
def test_a_definite_path_or_beginning_that_leads_nowhere(path: str) -> None:
    with pytest.raises(PathNotFoundError):
        read(path)


@pytest.mark.parametrize(
    ("path", "result"),
    [
        ("$.l[*]", "[1,2,3]"),
        ("$.o.*", '[1,null,"t"]'),
        ("$.s[*]", "[]"),
        ("$.e[*]", "[]"),
        ("$.l[0,9]", "[1]"),
        ("$.l[ 0 , 1 ]", "[1,2]"),
        ("$.l[0:2]", "[1,2]"),
        ("$.l[1:]", "[2,3]"),
        ("$.l[:2]", "[1,2]"),
        ("$.l[-2:]", "[2,3]"),
        ("$.l[-9:]", "[1,2,3]"),
        ("$.l[5:]", "[]"),
        ("$.p[*].id", '["c1","a1",null]'),
        ("$.p[*].k", "[1,2.5]"),
        ("$.p[*].zz", "[]"),
        ("$.p[0:1].zz", "[]"),
        ("$.p[*].id.x", "[]"),
        ("$.p[*].tags[0]", '["t1"]'),
        ("$.p[-1:].purpose", '["customer"]'),
        ("$.p[*]['id','k']", '[{"id":"c1","k":1},{"id":"a1","k":2.5},{"id":null}]'),
        ("$.nest[*][0]", "[1,3]"),
        ("$.nest..*", "[[1,2],[3],1,2,3]"),
        ("$.m.*.id", "[1,2]"),
        ("$..id", '["c1","a1",null,1,2]'),
        ("$..missing", "[]"),
        ("$.p[0]..k", "[1]"),
        ("$..p[0].id", '["c1"]'),
        ("$..tags[*]", '["t1","t2"]'),
        ("$..['id','k']", '[{"id":"c1","k":1},{"id":"a1","k":2.5}]'),
        (".k", "[1,2.5]"),
        ("$.p[?(@.id=='c1')].tags[0]", '["t1"]'),
        ("$.p[?(@.id=='c1')].missing.v", "[]"),
        ("$.p[?(@.purpose=='customer')][0]", "[]"),
        ("$.p[?(@.purpose=='agent')]..v", '["1"]'),
        ("$.o[?(@.x==1)].x", "[1]"),
        ("$.l[?(@ > 1)]", "[2,3]"),
        ("$..[?(@.k>1)].id", '["a1"]'),
        ("$..[?(@.v)]", '[{"v":1},{"v":"1"}]'),
        ("$.p[*].tags.length()", "[2,0]"),
    ],
)
def test_indefinite_paths(path: str, result: str) -> None:
    assert not JsonPath(path).is_definite
    assert read(path) == result


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("@.purpose=='customer'", ["c1", None]),
        ('@.purpose == "nobody"', []),
        (" @.purpose =='agent' ", ["a1"]),
        ("@['purpose']=='agent'", ["a1"]),
        ("'agent' == @.purpose", ["a1"]),
        ("@.k > 1", ["a1"]),
        ("@.k >= 1 && (@.k < 2 || @.k > 9)", ["c1"]),
        ("@.k", ["c1", "a1"]),
        ("!@.k", [None]),
        ("!(@.k == 1)", ["a1", None]),
        ("@.id == null", [None]),
        ("@.k == null", []),
        ("@.id != null", ["c1", "a1"]),
        ("@.k != null", ["c1", "a1", None]),
        ("@.id != ''", ["c1", "a1", None]),
        ("@.k == '1.0'", ["c1"]),
        ("@.k == 1e0", ["c1"]),
        ("@.sub.v == 1", ["c1", "a1"]),
        ("@.k == $.a", ["c1"]),
        ("@.id > 'b'", ["c1"]),
        ("@.k < 'a'", []),
        ("@.purpose === 'agent'", ["a1"]),
        ("@.f == true", [None]),
        ("@.purpose in ['agent', 'acd']", ["a1"]),
        ("@.purpose nin ['agent']", ["c1", None]),
        ("@.k IN [1,2]", ["c1"]),
        ("@.tags subsetof ['t1','t2','t3']", ["c1", "a1"]),
        ("@.tags anyof ['t1']", ["c1"]),
        ("@.tags noneof ['t1']", ["a1"]),
        ("@.tags contains 't1'", ["c1"]),
        ("@.id contains 'c'", ["c1"]),
        ("@.tags size 2", ["c1"]),
        ("@.tags empty true", ["a1"]),
        ("@.tags.length() == 2", ["c1"]),
        ("@.tags == ['t1','t2']", ["c1"]),
        ("@.tags[0] == 't1'", ["c1"]),
        ("@.tags[*] == 't1'", []),
        ("@.purpose =~ /CUST.*/i", ["c1", None]),
        ("@.purpose =~ /ust/", []),
        ("@.a.b.c", []),
        ("@..v", ["c1", "a1", None]),
    ],
)
def test_filters(condition: str, ids: list[str | None]) -> None:
    assert JsonPath(f"$.p[?({condition})].id").read(DOCUMENT) == ids


@pytest.mark.parametrize(
    "path",
    [
        "",
        "$.",
        "$..",
        "$a",
        "$ .a",
        " $.a",
        "$.sp ace",
        "$.l[a]",
        "$.p[]",
        "$.p[1.5]",
        "$.p[--1]",
        "$.l[::2]",
        "$['a'",
        "$.p[?@.k]",
        "$.p[?()]",
        "$.p[?(@.k=1)]",
        "$.p[?(@.k==1 && )]",
        "$.p[?(@.purpose==agent)]",
        "$.p[(@.length-1)]",
        "$.p[?(@.a =~ /[/)]",
        "$.l.nope()",
    ],
)
def test_what_is_not_a_path(path: str) -> None:
    with pytest.raises(JsonPathError):
        JsonPath(path)


def test_a_sum_of_what_an_indefinite_path_finds_is_refused_rather_than_guessed() -> None:
    with pytest.raises(JsonPathError, match="indefinite"):
        JsonPath("$..k.sum()")


@given(st.text(alphabet="$@.[]()?*'\"abk01:,&|=!<>~/ -"))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    try:
        path = JsonPath(text)
    except JsonPathError:
        return
    try:
        path.read(DOCUMENT)
    except (PathNotFoundError, JsonPathError):
        return


@pytest.mark.parametrize("path", ["$" + "[?(@" * 60 + ")]" * 60, "$.p[?(" + "(" * 60 + "@.k" + ")" * 60 + ")]"])
def test_hostile_nesting_is_refused(path: str) -> None:
    with pytest.raises(JsonPathError, match="nested deeper"):
        JsonPath(path)


def test_a_path_that_multiplies_without_end_is_stopped() -> None:
    document: Json = 1
    for _ in range(30):
        document = [document]
    with pytest.raises(JsonPathError, match="more than 100000 values"):
        JsonPath("$" + "[0,0,0,0]" * 30).read(document)
