"""What Genesys does not document and this engine therefore had to decide, each by name.

A `Report` lists the choices its result depended on, so that a surprise in a real organisation can be traced to one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from architect.markdown import table


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision: its name, what is unknown, what the engine does, and why."""

    id: str
    unknown: str
    chosen: str
    why: str


def choices_table(choices: Iterable[Choice]) -> str:
    """Give choices as a Markdown table."""
    head = ("choice", "not documented", "here", "because")
    return table(head, [(f"`{each.id}`", each.unknown, each.chosen, each.why) for each in choices])


_ALL = (
    Choice(
        "accept-and-content-type",
        "which Accept and Content-Type headers are sent when the action sets none",
        "application/json for both; Content-Type only with a body",
        "exports that send JSON without these headers work against services that insist on them",
    ),
    Choice(
        "authentication-reuse",
        "how long the answer of the custom auth action is kept",
        "until a request fails with it",
        'Genesys, "Credential types": the credentials are sent once; no lifetime is given',
    ),
    Choice(
        "authentication-retry",
        "after which failures a request is repeated with a new token",
        "after any 4xx or 5xx, once, when the token came from the cache; `reauthenticate_on` narrows it",
        "a Genesys user quotes this as documented behaviour",
    ),
    Choice(
        "decimal-text",
        "how a decimal number is written into a template",
        "with the digits it came with",
        "a Java double would turn 1.10 into 1.1; keeping the digits never loses anything",
    ),
    Choice(
        "failure-status",
        "which status, error code and message the failure outputs carry",
        "400 BAD_REQUEST for whatever went wrong, 429 over a limit, 504 after the action's own timeout",
        "the one published failure answers 400 to a remote problem, and flows are told not to count on the rest",
    ),
    Choice(
        "first-of-nothing",
        "what firstFromArray gives for an empty array without a default",
        "an error, and the action fails",
        "nothing it could insert would be JSON",
    ),
    Choice(
        "flatten-dots",
        "how a key with a dot is named when flattened",
        "each dot becomes two underscores",
        "a published contract reads `...:2.0:User` of an API as `...:2__0:User`",
    ),
    Choice(
        "flatten-missing-leaf",
        "what stands in a parallel collection for an object without that key",
        "null, so that positions still match",
        "collections that shift against each other would be useless",
    ),
    Choice(
        "flatten-top-level-array",
        "how the elements of a top-level array are named",
        "objects by their keys alone, scalars as `value`",
        "there is no parent key to join",
    ),
    Choice(
        "contract-formats",
        "whether `format` in a contract is enforced",
        "it is not",
        "no published example shows it",
    ),
    Choice(
        "java-regular-expressions",
        "nothing: Java's expressions are handed to Python's `re`",
        "split, matches, replaceAll and replaceFirst follow Python where the dialects differ",
        "they agree on all that templates were seen to use",
    ),
    Choice(
        "json-escapes",
        "which characters beyond quote, backslash and control characters jsonEncode escapes",
        "none, except halves of surrogate pairs",
        "any JSON reader decodes both forms to the same text",
    ),
    Choice(
        "loops-refused",
        "whether #foreach, #macro and #parse run",
        "they are refused",
        "no export was found to use one, and a Genesys user reports #foreach as disabled",
    ),
    Choice(
        "move-keys",
        "the exact signature of successTemplateUtils.moveKeysIntoArrayOfObjects",
        "(json, name): {k: {...}} becomes [{name: k, ...}]; a value that is no object goes under `value`",
        "no public example was found",
    ),
    Choice(
        "optional-query-parameter",
        "the exact output of urlTool.optionalQueryParam",
        "(name, value): `name=value`, form-encoded, without ? or &; nothing when value is null or empty",
        "no public example was found; a spare & is harmless in a query",
    ),
    Choice(
        "redirects",
        "what a 3xx answer does",
        "it is not followed and the action fails",
        "nothing is documented; a service behind a data action should never redirect",
    ),
    Choice(
        "request-bodies",
        "whether DELETE sends the request template",
        "only POST, PUT and PATCH send a body",
        'Genesys, "Request configuration": templates define the body of POST, PUT and PATCH',
    ),
    Choice(
        "response-size",
        "the largest response a web services action accepts",
        "10,000,000 bytes",
        "no figure is published; something has to protect the reader",
    ),
    Choice(
        "success-template-scope",
        "whether inputs and credentials are visible in the success template",
        "they are not: rawResult, the translation map's names and the macros are",
        "what works here must work there; the opposite error is the harmless one",
    ),
    Choice(
        "uri-encode",
        "which characters $esc.uriEncode leaves alone",
        "letters, digits and - . _ ~",
        "the unreserved characters of RFC 3986",
    ),
    Choice(
        "url-characters",
        "what a URL with spaces, quotes or other characters no URL may contain does",
        "the action fails before anything is sent",
        "a published Genesys action replaces spaces by %20 itself; Java's URI class refuses them",
    ),
)

CHOICES = {choice.id: choice for choice in _ALL}


class ChoiceLog:
    """The choices one execution has come to depend on."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def note(self, choice_id: str) -> None:
        """Remember that the result depends on this choice."""
        self._ids.add(CHOICES[choice_id].id)

    def choices(self) -> tuple[Choice, ...]:
        """List them by name."""
        return tuple(CHOICES[each] for each in sorted(self._ids.copy()))
