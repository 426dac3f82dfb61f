"""What Genesys' documents leave open about expressions, and what this engine does about each, by name.

Modules name the choice they make; where both readings were possible the stricter one was taken, because a flow that
survives it survives the other too.
"""

from __future__ import annotations

from architect.emulator.choices import Choice

_ALL = (
    Choice(
        "blank-text",
        "what ToDecimal, ToDateTime, ToDuration and ToCurrency make of blank text",
        "NOT_SET",
        "the help documents it for ToInt",
    ),
    Choice(
        "branches",
        "the type of If and ?: when one branch is the bare word NOT_SET",
        "the other branch's type",
        "both must have one type; the published parser takes the condition's, which cannot be meant",
    ),
    Choice(
        "characters",
        "how characters beyond the Basic Multilingual Plane are counted",
        "as one",
        "no example has one",
    ),
    Choice(
        "date-time-text",
        "whether fractions of a second and a missing offset are read, and whether ToString writes fractions",
        "both are read, the second as UTC; fractions are not written",
        "every documented text has whole seconds, and ToString's result must be readable again",
    ),
    Choice(
        "decimal-text",
        "how many digits after the point ToString writes",
        "those the value was computed with, at least one",
        "2000.5 and -1.0 are documented to stay as written",
    ),
    Choice(
        "directory",
        "which queues, users, skills and prompts exist",
        "whatever is asked for by id or name",
        "there is no organisation to ask; a flow run decides what to do with it",
    ),
    Choice(
        "division",
        "the sign of %, the digits of / and ^",
        "the dividend's sign; 40 digits, rounded half up",
        "as in most languages; 40 digits is Decimal's documented limit and half up is documented for ToString",
    ),
    Choice(
        "find-occurrence",
        "whether FindString's occurrences may overlap",
        "they may",
        "each search goes on one character after the last match",
    ),
    Choice(
        "json",
        "where a JSON value may stand, and what a missing property or element of one is",
        "where JSON or any type is taken, after ToString anywhere; a missing one is an evaluation error, null NOT_SET",
        "the stricter reading; that names are case-sensitive is documented",
    ),
    Choice(
        "newer-functions",
        "the behaviour of functions seen in real flows that the published help does not cover",
        "AddItem appends to a copy; ToDisplayString is ToString; MakeListAgentScorePair pairs by position",
        "their names and how those flows use their results",
    ),
    Choice(
        "number-text",
        "which text ToInt and ToDecimal accept",
        "an optional sign, ASCII digits and for ToDecimal a point, with blanks around; anything else is an error",
        "the help shows 25, -55, 0, blanks and an error for words; a flow that Genesys published hands 0H to ToInt, so "
        "more may be accepted; the stricter reading was taken",
    ),
    Choice(
        "object-properties",
        "which properties the objects of an organisation have",
        "none is refused; one that the object was not given is NOT_SET",
        "newer platforms have more than any list",
    ),
    Choice(
        "overflow",
        "what a result beyond a type's limits does",
        "an evaluation error",
        "the limits are documented, wrapping around is not",
    ),
    Choice(
        "phone-numbers",
        "how text becomes a number without knowing the caller's country",
        "3 to 15 digits, with or without +, are taken as complete; punctuation is dropped",
        "the help calls +13178723000 and 13178723000 equal",
    ),
    Choice(
        "string-order",
        "how String values are ordered",
        "character by character: letters regardless of case first, then lower before upper",
        "the help orders hello before Hello and Hel before Hello",
    ),
    Choice(
        "text-size",
        "how long a String may become",
        "1,000,000 characters, then an evaluation error",
        "no figure is published; something has to protect the machine",
    ),
)

CHOICES = {choice.id: choice for choice in _ALL}
