"""The macros. Where a test does not say "by choice", the result was observed in velocity-tools 2.0 or Java."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from architect.emulator.choices import ChoiceLog
from architect.emulator.macros import macros
from architect.emulator.velocity import Template, TemplateError


def render(template: str, log: ChoiceLog | None = None, **inputs: object) -> str:
    variables = {"input": inputs, **macros(log or ChoiceLog())}
    return Template(template, name="t").render(variables)


@pytest.mark.parametrize(
    ("macro", "value", "result"),
    [
        ("esc.jsonEncode", 'a"b\\c\n\t\u0001é/', 'a\\"b\\\\c\\n\\t\\u0001é/'),
        ("esc.jsonString", 'a"b', 'a\\"b'),
        ("esc.jsonDecode", 'a\\"b\\u00e9', 'a"bé'),
        ("esc.url", "~*-._ é/", "%7E*-._+%C3%A9%2F"),
        ("esc.urlFormEncode", "a b&c", "a+b%26c"),
        ("esc.uriEncode", "a b/é?~", "a%20b%2F%C3%A9%3F~"),
        ("esc.url", "𝄞", "%F0%9D%84%9E"),
        ("esc.html", '<a>&"é€中', "&lt;a&gt;&amp;&quot;&eacute;&euro;&#20013;"),
        ("esc.xml", "é'中&amp;", "&#233;&apos;&#20013;&amp;amp;"),
        ("esc.java", 'é"\\', '\\u00E9\\"\\\\'),
        ("esc.javascript", "a'b", "a\\'b"),
        ("esc.sql", "a'b", "a''b"),
        ("encoding.base64", "user:pässword", "dXNlcjpww6Rzc3dvcmQ="),
    ],
)
def test_escaping(macro: str, value: str, result: str) -> None:
    assert render(f'${macro}("$!{{input.v}}")', v=value) == result
    assert render(f"${macro}($input.v)", v=value) == result


@given(st.text())
def test_json_encode_makes_a_json_string_of_anything(value: str) -> None:
    assert json.loads(render('"$esc.jsonEncode("$!{input.v}")"', v=value)) == value
    assert render("$esc.jsonDecode($esc.jsonEncode($input.v))", v=value) == value


def test_the_escape_constants_stand_for_what_velocity_would_read() -> None:
    assert render("$esc.d$esc.h$esc.b$esc.q$esc.s$esc.n$esc.e") == "$#\\\"'\n!"


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("$math.add(1,2) $math.add(1.5,1) $math.add(1.5,1.5)", "3 2.5 3"),
        ("$math.add(0.1,0.2)", "0.30000000000000004"),
        ('$math.add("1","2") $math.add("1,000",1) $math.add(1,2,3)', "3 1001 6"),
        ("$math.sub(10,2,3) $math.mul(2,1.5) $math.div(7,2) $math.div(6,2)", "5 3 3.5 3"),
        ("$math.idiv(-7,2) $math.mod(-7,2) $math.mod(5.5,2)", "-3 -1 1"),
        ("$math.pow(2,10) $math.pow(2,0.5) $math.abs(-3)", "1024 1.4142135623730951 3"),
        ('$math.ceil(1.2) $math.floor(1.8) $math.round("2.5") $math.round(-2.5)', "2 1 2 -2"),
        ('$math.roundTo(2,1.555) $math.roundTo("2","3.14159") $math.roundTo(1,2)', "1.56 3.14 2.0"),
        ('$math.toInteger(1.9) $math.toDouble("1") $math.toNumber("1.5") $math.max("3",2.5)', "1 1.0 1.5 3"),
        ("$math.mul(12345678.9,1) $math.div(1,10000) $math.div(1,1000)", "1.23456789E7 1.0E-4 0.001"),
        ("$math.mul(10000000000,10000000000)", "9223372036854775807"),
    ],
)
def test_arithmetic(template: str, result: str) -> None:
    assert render(template) == result


@pytest.mark.parametrize("call", ['add("x",2)', "div(1,0)", "idiv(1,0)", 'toInteger("x")', "add(1,$input.none)"])
def test_arithmetic_on_nothing_is_null(call: str) -> None:
    with pytest.raises(TemplateError, match="evaluated to null"):
        render(f"$math.{call}")


@pytest.mark.parametrize(
    ("call", "result"),
    [
        ("length()", "9"),
        ("toUpperCase().toLowerCase()", "two words"),
        ('replace(" ", "%20")', "two%20words"),
        ("replace(' ','$1')", "two$1words"),
        ("substring(4)", "words"),
        ("substring(0,3)", "two"),
        ('indexOf("o",3)', "5"),
        ('lastIndexOf("o")', "5"),
        ('indexOf("z")', "-1"),
        ('contains("two")', "true"),
        ('startsWith("two")', "true"),
        ('equalsIgnoreCase("TWO WORDS")', "true"),
        ("charAt(0)", "t"),
        ('concat("!")', "two words!"),
        ('split(" ")[1]', "words"),
        ('split(" ").get(0)', "two"),
        ('split("").size()', "9"),
        ('replaceAll("[aeiou]","<$0>")', "tw<o> w<o>rds"),
        ('replaceFirst("o","0")', "tw0 words"),
        ('matches("[a-z ]+")', "true"),
        ("isEmpty()", "false"),
        ("empty", "false"),
        ("trim()", "two words"),
        ("hashCode()", "-1512175659"),
    ],
)
def test_java_string_methods(call: str, result: str) -> None:
    assert render(f"${{input.v.{call}}}", v="two words") == result


def test_strings_are_counted_in_utf_16_units() -> None:
    assert render('$input.v.length() $input.v.indexOf("b") $input.v.substring(3)', v="a😀b") == "4 3 b"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("substring(3,1)", "begin 3, end 1, length 9"),
        ("charAt(99)", "String index out of range: 99"),
        ("replace(' ', $input.none)", "java.lang.NullPointerException"),
        ('split("[")', "PatternSyntaxException"),
        ('replaceAll("o","$9")', "No group 9"),
        ('split(" ")[9]', "Error invoking method 'get(java.lang.Integer)'"),
    ],
)
def test_java_string_methods_that_throw(call: str, says: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(f"${{input.v.{call}}}", v="two words")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("array", "default", "result"),
    [
        ('["p","q"]', ', "$esc.quote$esc.quote"', '"p"'),
        ("[]", ', "$esc.quote$esc.quote"', '""'),
        ("[]", ', "$esc.quote $esc.quote"', '" "'),
        ("[]", ', "0"', "0"),
        ("[18446744073709551615]", "", "18446744073709551615"),
        ('[{"a":1.10}]', "", '{"a":1.10}'),
        ("[null]", ', "0"', "null"),
    ],
)
def test_the_first_of_an_array_as_json_text(array: str, default: str, result: str) -> None:
    assert render(f'${{successTemplateUtils.firstFromArray("$input.v"{default})}}', v=array) == result
    assert render(f"${{successTemplateUtils.firstFromArray(${{input.v}}{default})}}", v=array) == result


def test_by_choice_the_first_of_nothing_is_an_error() -> None:
    log = ChoiceLog()
    with pytest.raises(TemplateError, match="empty array without a default"):
        render('${successTemplateUtils.firstFromArray("[]")}', log)
    assert [choice.id for choice in log.choices()] == ["first-of-nothing"]


@pytest.mark.parametrize("value", ["{}", "no json", "1"])
def test_the_first_of_what_is_no_array_is_an_error(value: str) -> None:
    with pytest.raises(TemplateError, match="IllegalArgumentException"):
        render("${successTemplateUtils.firstFromArray($input.v)}", v=value)


def test_by_choice_keys_move_into_an_array_of_objects() -> None:
    log = ChoiceLog()
    template = "${successTemplateUtils.moveKeysIntoArrayOfObjects($input.v, 'id')}"
    assert render(template, log, v='{"a":{"x":1},"b":2}') == '[{"id":"a","x":1},{"id":"b","value":2}]'
    assert [choice.id for choice in log.choices()] == ["move-keys"]


@pytest.mark.parametrize(("value", "result"), [("a b", "q=a+b"), ("", ""), (None, "")])
def test_by_choice_an_optional_query_parameter_is_there_only_with_a_value(value: str | None, result: str) -> None:
    log = ChoiceLog()
    assert render('/x?${urlTool.optionalQueryParam("q", $!{input.v})}', log, v=value) == f"/x?{result}"
    assert [choice.id for choice in log.choices()] == ["optional-query-parameter"]
