"""Rules on the request: URL, headers and body, and what their templates refer to."""

from __future__ import annotations

from architect.linter.rule import Rule

_STRICT = "observed in Apache Velocity 1.7 strict mode"
_MACROS = 'Genesys, "Velocity macros for data actions"'
_CONFIGURATION = 'Genesys, "Add configuration to custom actions"'
_REQUEST = 'Genesys, "Request configuration"'
_CREDENTIALS = 'Genesys, "Credential types"'

REQUEST_RULES = (
    Rule("template-syntax", "error", "a template cannot be parsed", "every execution fails", _STRICT),
    Rule("template-failure", "error", "a template fails for ordinary inputs", "every execution fails", _STRICT),
    Rule(
        "template-not-executed",
        "note",
        "a template could not be tried here",
        "it uses macros of other integrations, or is very long; nothing is said about it",
        "this tool",
    ),
    Rule(
        "undeclared-input",
        "error",
        "a template uses an input the contract does not have",
        "a flow cannot pass it: the action fails, or the place stays empty for ever",
        _STRICT,
    ),
    Rule("unknown-variable", "error", "a template uses an unknown variable", "every execution fails", _STRICT),
    Rule("unknown-macro", "error", "a template calls a macro that does not exist", "every execution fails", _MACROS),
    Rule(
        "auth-unavailable",
        "error",
        "a template uses authResponse or credentials where there is none",
        "authResponse exists in web services actions other than the auth action; the Genesys Cloud integration has "
        "neither",
        _CREDENTIALS,
    ),
    Rule(
        "optional-input",
        "error",
        "an optional input is used as if it were always there",
        "when a flow leaves it out, the template fails and the flow takes Failure; Genesys' help has it that the "
        "reference is sent as written instead, which is no better",
        _STRICT,
    ),
    Rule(
        "optional-input-breaks-body",
        "error",
        "the body is not JSON when optional inputs are left out",
        "the service refuses the request",
        _STRICT,
    ),
    Rule(
        "optional-input-empties-path",
        "warning",
        "an optional input leaves an empty segment in the URL",
        "another address is called when a flow leaves it out",
        _STRICT,
    ),
    Rule(
        "contract-default-not-filled",
        "note",
        "a template relies on an input's default",
        "nothing says that Genesys fills in a contract's default; without that the template fails when it is left out",
        _STRICT,
    ),
    Rule(
        "unescaped-json",
        "error",
        "text goes into a JSON string unescaped",
        "a quote, line break or backslash in it breaks the body, or adds fields of the caller's choosing",
        _MACROS,
    ),
    Rule(
        "unescaped-json-id",
        "note",
        "an id goes into a JSON string unescaped",
        "harmless while the flow passes nothing but ids; a quote in it breaks the body",
        _MACROS,
    ),
    Rule(
        "unquoted-json",
        "warning",
        "a text input stands in JSON without quotes",
        "ordinary text there is not JSON and the service refuses the request",
        _MACROS,
    ),
    Rule(
        "json-fragment",
        "note",
        "an input is pasted in as JSON",
        "the flow has to pass well-formed JSON text; the contract cannot make it",
        _REQUEST,
    ),
    Rule("body-not-json", "error", "the body is not JSON", "the service refuses the request", _REQUEST),
    Rule(
        "unescaped-form",
        "error",
        "text goes into a form body unencoded",
        "&, =, + and % in it change the form's fields",
        _MACROS,
    ),
    Rule(
        "raw-url",
        "warning",
        "text goes into the URL unencoded",
        "a space makes the action fail; /, ?, # and & call another address than the one meant",
        _MACROS,
    ),
    Rule(
        "raw-url-id",
        "note",
        "an id goes into the URL unencoded",
        "harmless while the flow passes nothing but ids; anything else calls another address",
        _MACROS,
    ),
    Rule(
        "form-encoding-in-path",
        "warning",
        "form encoding is used in a URL's path",
        "$esc.url writes a space as +, which in a path stays a plus sign",
        _MACROS,
    ),
    Rule(
        "input-in-host",
        "warning",
        "an input chooses the host",
        "whoever sets the input can send the request, with its credentials, to another host",
        "this tool",
    ),
    Rule(
        "url-from-input",
        "note",
        "an input is the whole URL",
        "requests go wherever the flow says, with the integration's credentials",
        "this tool",
    ),
    Rule(
        "header-line-break",
        "note",
        "text goes into a header as it is",
        "a line break in it makes the action fail",
        "RFC 9110",
    ),
    Rule(
        "accept-not-json",
        "error",
        "the Accept header asks for something other than JSON",
        "the action cannot be saved",
        'Genesys, "Custom action fails for unexpected reason"',
    ),
    Rule("header-name", "error", "a header's name cannot be one", "the request cannot be sent", "RFC 9110"),
    Rule(
        "insecure-url",
        "warning",
        "the URL is plain http",
        "tokens and personal data travel readable to everybody on the way",
        "this tool",
    ),
    Rule(
        "literal-secret",
        "error",
        "the file contains a secret",
        "everybody who gets the file gets the secret; it belongs in the integration's credentials",
        _CREDENTIALS,
    ),
    Rule(
        "chunked-body",
        "note",
        "the body is sent in chunks",
        "services that need its length answer 411 or read nothing",
        _CONFIGURATION,
    ),
    Rule("unused-input", "note", "an input is never used", "what a flow passes there has no effect", "this tool"),
)
