"""What templates mean. Every expectation was observed in Apache Velocity 1.7 strict mode unless its test says other."""

from __future__ import annotations

import time
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from architect.emulator.choices import ChoiceLog
from architect.emulator.macros import macros
from architect.emulator.velocity import Template, TemplateError, TemplateSyntaxError

INPUT = {
    "a": "x",
    "words": "two words",
    "n": 7,
    "yes": True,
    "no": False,
    "empty": "",
    "null": None,
    "tricky": "$5 ${input.a} #if(",
    "dash-ed": "d",
    "under_score": "u",
    "big": 18446744073709551615,
    "decimal": Decimal("1.10"),
}


def render(template: str, **variables: object) -> str:
    found = {"input": INPUT, **macros(ChoiceLog()), **variables}
    return Template(template, name="successTemplate").render(found)


def error(template: str, **variables: object) -> str:
    with pytest.raises(TemplateError) as caught:
        render(template, **variables)
    return str(caught.value)


class TestTheStrictReferencesGenesysShows:
    """One test for each thing known of how Genesys treats references."""

    def test_a_missing_input_is_an_error(self) -> None:
        assert error("${input.missing}").startswith(
            "Reference ${input.missing} evaluated to null when attempting to render"
        )

    def test_a_missing_input_in_quiet_notation_is_empty(self) -> None:
        assert render("$!{input.missing}") == ""

    def test_an_unknown_root_is_an_error_even_in_quiet_notation(self) -> None:
        assert error("$!{bogus}") == "Variable $bogus has not been set at successTemplate[line 1, column 1]"

    def test_a_missing_input_may_be_tested(self) -> None:
        assert render("#if($input.x)A#{else}B#end") == "B"

    def test_a_missing_input_may_be_compared_in_a_quiet_string(self) -> None:
        assert render('#if("$!{input.x}" != "")A#{else}B#end') == "B"

    def test_a_quiet_string_argument_is_empty(self) -> None:
        assert render('$esc.url("$!{input.x}")') == ""

    def test_a_quiet_bare_argument_is_null_and_so_is_the_result(self) -> None:
        assert "Reference $esc.url($!{input.x}) evaluated to null" in error("$esc.url($!{input.x})")

    def test_an_argument_needs_its_dollar_sign(self) -> None:
        with pytest.raises(TemplateSyntaxError, match=r'^Encountered "input\.a.*line 1, column 11'):
            render("${esc.url(input.a)}")

    def test_an_unknown_macro_is_an_error(self) -> None:
        assert "does not contain method nope(java.lang.String)" in error('$esc.nope("x")')

    @pytest.mark.parametrize("text", ["$5 off", "costs $100!", "#tag and # alone"])
    def test_text_that_only_looks_special_is_untouched(self, text: str) -> None:
        assert render(text) == text

    def test_the_published_error_is_the_one_given(self) -> None:
        template = '{\n   "presence": ${Presences}\n}'.replace("\n   ", " " * 5)
        assert error(template) == "Variable $Presences has not been set at successTemplate[line 1, column 19]"


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("$input.a|$!input.a|${input.a}|$!{input.a}", "x|x|x|x"),
        ("$input.n $input.yes $input.big $input.decimal", "7 true 18446744073709551615 1.10"),
        ("${input.dash-ed}$input.dash-ed", "dd"),
        ("$input.under_score", "u"),
        ("$input.a.", "x."),
        ("$input.a: $input.a, ($input.a) {$input.a} $input.a\\", "x: x, (x) {x} x\\"),
        ('{"a":"$input.a"}', '{"a":"x"}'),
        ("$input._a", "{a=x"),
        ("$input.1", "{a=x"),
        ('$input["a"] $input.get("a")', "x x"),
        ("${", "${"),
        ("${}", "${}"),
        ("$!{", "$!{"),
        ("$$input.a", "$x"),
        ("$input.a$input.a${input.a}", "xxx"),
        ("$input.a ==", "x =="),
        ("$esc.quote ${esc.quote}", '" "'),
        ("$esc.q$esc.quote", '""'),
    ],
)
def test_references(template: str, result: str) -> None:
    assert render(template).startswith(result) if "{a=x" in result else render(template) == result


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("$Input.a", "Variable $Input has not been set at successTemplate[line 1, column 1]"),
        ("a\nb $bogus", "Variable $bogus has not been set at successTemplate[line 2, column 3]"),
        ("$input.null", "Reference $input.null evaluated to null when attempting to render at "),
        ("$input.a-b", "Reference $input.a-b evaluated to null when attempting to render at "),
        (
            "$input.a.b.c",
            "'java.lang.String' does not contain property 'b' at successTemplate[line 1, column 10]",
        ),
        (
            "$!input.a.foo()",
            "'java.lang.String' does not contain method foo() at successTemplate[line 1, column 11]",
        ),
        ("$input.foo.bar", "Attempted to access 'bar' on a null value at successTemplate[line 1, column 12]"),
        ("$!input.foo.bar()", "Attempted to access 'bar' on a null value at successTemplate[line 1, column 13]"),
        ("$nothing", "Reference $nothing evaluated to null when attempting to render at "),
        ("$nothing.x", "Attempted to access 'x' on a null value at successTemplate[line 1, column 10]"),
        ('$esc.url("$bogus")', "Variable $bogus has not been set at successTemplate[line 1, column 11]"),
        ('\n$esc.url("a\n $bogus")', "Variable $bogus has not been set at successTemplate[line 3, column 2]"),
        ("$input.words.substring(99)", "StringIndexOutOfBoundsException: begin 99, end 9, length 9 at "),
        ('$input.a.replace("x",5)', "does not contain method replace(java.lang.String, java.lang.Integer) at "),
        ("$esc.url ('a')", "does not contain property 'url' at successTemplate[line 1, column 6]"),
        ("$input.a.class.name", "does not contain property 'class'"),
    ],
)
def test_references_that_fail(template: str, says: str) -> None:
    assert says in error(template, nothing=None)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("${input", 'Encountered "<EOF>" at successTemplate[line 1, column 7]'),
        ("${input.a", 'Encountered "<EOF>" at successTemplate[line 1, column 9]'),
        ("${input.a }", "successTemplate[line 1, column 10]"),
        ("#if($input.a)x", 'Encountered "<EOF>" at successTemplate[line 1, column 14]'),
        ("x#end", 'Encountered "#end" at successTemplate[line 1, column 2]'),
        ("#else", 'Encountered "#else" at successTemplate[line 1, column 1]'),
        ("#tag(1)", "Macro '#tag' is not defined at successTemplate[line 1, column 1]"),
        ('$esc.url("a\\"b")', "successTemplate[line 1, column 14]"),
        ("costs 5$", 'Lexical error,   Encountered: <EOF> after : "" at *unset*[line 1, column 9]'),
        ("number #", "Lexical error"),
        ("#[[never closed", "never closed"),
        ("#if", "must be followed by (condition)"),
        ("#foreach($i in $x)$i#end", "Directive #foreach is not available in a data action"),
    ],
)
def test_what_cannot_be_parsed(template: str, says: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        render(template)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("$input.yes", True),
        ("$input.no", False),
        ("$input.empty", True),
        ("$input.missing", False),
        ("!$input.missing", True),
        ("$bogus", False),
        ('"x"', False),
        ("1", False),
        ("true", True),
        ('$input.a == "x"', True),
        ("$input.a == 'x'", True),
        ('$input.a != "x"', False),
        ('$input.n == "7"', True),
        ("$input.n == 7.0", True),
        ('$input.no == "false"', True),
        ('$input.missing == ""', False),
        ("$input.missing == $input.gone", True),
        ("$input.a != $input.gone", True),
        ("$input.n > 5.5", True),
        ("$input.n >= 7 && $input.n <= 7", True),
        ("$input.n lt 7 || $input.n gt 7", False),
        ("$input.n eq 7 and not $input.no", True),
        ("$input.n == 8 or $input.yes", True),
        ('($input.no || $input.yes) && !($input.a == "y")', True),
        ("1 + 1 == 2", True),
        ("$input.n * 2 - 4 == 10", True),
        ("$input.n / 2 == 3 && $input.n % 2 == 1", True),
        ('$input.a + "b" == "xb"', True),
        ('$input.a.equals("x")', True),
        ("\n $input.yes\n ", True),
    ],
)
def test_conditions(condition: str, holds: bool) -> None:
    assert render(f"#if({condition})yes#{{else}}no#end") == ("yes" if holds else "no")


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("$bogus == 1", "Variable $bogus has not been set at successTemplate[line 1, column 5]"),
        ("$input.x.y", "Attempted to access 'y' on a null value at successTemplate[line 1, column 14]"),
        (
            "$input.missing > 1",
            "Left side ($input.missing) of '>' operation has null value at successTemplate[line 1, column 21]",
        ),
        (
            '$input.n < "9"',
            "Right side of '>=' operation is not a valid Number at successTemplate[line 1, column 15]",
        ),
    ],
)
def test_conditions_that_fail(condition: str, says: str) -> None:
    assert error(f"#if({condition})y#end") == says


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("#if($input.no)a#elseif($input.no)b#elseif($input.yes)c#else d#end", "c"),
        ("#{if}($input.yes)q#{end}", "q"),
        ("#if ($input.yes)q#end", "q"),
        ("#if($input.yes)\nA\n#else\nB\n#end\nC", "A\nC"),
        ("#if($input.no)\r\nA\r\n#else\r\nB\r\n#end\r\nC", "B\r\nC"),
        ("  #if($input.yes)\n  A\n  #end\n  C", "    A\n    C"),
        ("#if($input.yes) A #end B", " A  B"),
        ('"#if($input.yes)yes#{else}no#end"', '"yes"'),
        ("#ifx #settle $input.a#elsewhere", "#ifx #settle x#elsewhere"),
        ("a ## comment\nb", "a b"),
        ("a #* comment\n $x *#b", "a b"),
        ("a#* never closed", "a"),
        ("$input.a##c", "x##c"),
        ("${input.a}##c", "x"),
        ("#[[ $raw #if ]]#x", " $raw #if x"),
        ('#set($q = "v")[$q]', "[v]"),
        ("a\n  #set($q = 1)\nb $q", "a\n  b 1"),
        ("#set($r = ($input.n + 1) * 2)$r", "16"),
        ("#set($r = 7 / 2)$r", "3"),
    ],
)
def test_directives_and_comments(template: str, result: str) -> None:
    assert render(template) == result


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("\\$input.a", "$input.a"),
        ("\\\\$input.a", "\\x"),
        ("\\\\\\$input.a", "\\$input.a"),
        ("\\${input.missing}", "\\${input.missing}"),
        ("\\$5", "\\$5"),
        ("\\#if(1)", "#if(1)"),
        ("\\\\#if($input.yes)y#end", "\\y"),
        ("\\#tag", "\\#tag"),
        ('\\n \\" \\\\', '\\n \\" \\\\'),
    ],
)
def test_backslashes(template: str, result: str) -> None:
    assert render(template) == result


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ('$esc.url("$input.words $5")', "two+words+%245"),
        ("$esc.url('$input.words')", "%24input.words"),
        ('$esc.url("a ""q"" b")', "a+%22q%22+b"),
        ("$esc.url('it''s')", "it%27s"),
        ('$esc.url("a\nb")', "a%0Ab"),
        ('$esc.url("#tag")', "%23tag"),
        ('$esc.url("#if($input.yes)y#end")', "y"),
        ('$esc.url("$esc.quote")', "%22"),
        ('$esc.url(\n"a"\n)', "a"),
        ("$esc.url(1) $esc.url(true) $esc.url(-1.5)", "1 true -1.5"),
    ],
)
def test_only_double_quoted_arguments_are_interpolated(template: str, result: str) -> None:
    assert render(template) == result


def test_what_a_value_contains_is_not_read_as_a_template() -> None:
    assert render('${input.tricky}|$esc.jsonEncode("$!{input.tricky}")') == f"{INPUT['tricky']}|{INPUT['tricky']}"


@given(st.text())
def test_a_value_is_inserted_exactly(value: str) -> None:
    template = Template('[${input.a}|$!{input.a}|#if("$input.a" == $input.a)same#end]', name="t")
    assert template.render({"input": {"a": value}}) == f"[{value}|{value}|same]"


@given(st.text(st.characters(exclude_characters="$#\\")))
def test_plain_text_is_its_own_rendering(text: str) -> None:
    assert Template(text, name="t").render({}) == text


@given(st.text(alphabet="$!{}()[].\"'\\#* \nabinputf,0=&|"))
def test_any_text_is_rendered_or_refused_as_a_template_error(text: str) -> None:
    with suppress(TemplateError):
        Template(text, name="t").render({"input": {"a": "x"}})


@pytest.mark.parametrize(
    "template",
    [
        "#if(true)" * 20_000,
        "#if(true)x" * 200 + "#end" * 200,
        "#if(" + "(" * 20_000,
        "#if(" + "(" * 100 + "true" + ")" * 100 + ")x#end",
        "#if(" + "!" * 20_000 + "true)x#end",
        "#if(1" + "+1" * 20_000 + " == 1)x#end",
        "$a.b(" * 20_000,
        "$esc.url(" * 100 + "1" + ")" * 100,
        '${a.b("' * 20_000,
        "#[[" * 20_000,
    ],
)
def test_hostile_nesting_is_refused_and_not_followed(template: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=r"Nested deeper than 50 levels|Encountered|never closed"):
        render(template)


@pytest.mark.parametrize("piece", ["\\", "\\$", "\\#if", "#*", "$a.", "$5", "$!{", "[", '"', "x ", "##\n"])
def test_time_grows_with_the_length_of_the_text(piece: str) -> None:
    """Sixteen times the text may take a hundred times as long on a busy machine, but not 256 times."""

    def seconds(count: int, attempt: int) -> float:
        # The end differs each time, for parsed templates are remembered.
        text = piece * count + f" {attempt}"
        started = time.perf_counter()
        with suppress(TemplateError):
            render(text)
        return time.perf_counter() - started

    base = max(min(seconds(1_000, attempt) for attempt in range(3)), 0.001)
    assert min(seconds(16_000, attempt) for attempt in range(2)) < 100 * base
