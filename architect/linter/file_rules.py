"""Rules on the file itself and on the action as a whole."""

from __future__ import annotations

from architect.linter.rule import Rule

_EXPORTS = "all published exports looked at"
_API = "Genesys Cloud platform API, models PostActionInput and ActionConfig"
_AUTH = 'Genesys, "Credential types", and the custom auth guide of the Terraform provider'

FILE_RULES = (
    Rule(
        "file-too-large",
        "error",
        "the file is larger than 5,000,000 bytes",
        "an export is a few kilobytes; this is some other file, and it is not read",
        "this tool",
    ),
    Rule(
        "not-utf8",
        "error",
        "the file is not UTF-8 text",
        "JSON files are UTF-8; Import cannot read it",
        "RFC 8259",
    ),
    Rule(
        "byte-order-mark",
        "warning",
        "the file begins with a byte order mark",
        "strict JSON readers stop at its first byte",
        "RFC 8259",
    ),
    Rule("not-json", "error", "the file is not JSON", "Import cannot read it", "RFC 8259"),
    Rule(
        "nested-too-deep",
        "error",
        "the JSON is nested deeper than 50 levels",
        "Genesys Cloud ends at 50 levels",
        'Genesys Cloud Developer Center, "Limits"',
    ),
    Rule(
        "duplicate-key",
        "error",
        "a key stands twice in the same object",
        "only one of the two counts, usually the last; the other is lost without a word",
        "RFC 8259",
    ),
    Rule(
        "wrong-shape",
        "error",
        "a part of the file is missing or of the wrong type",
        "Import refuses the file, or drops the part",
        _EXPORTS,
    ),
    Rule(
        "api-shape",
        "error",
        "the file is an API body, not an export",
        "it belongs to POST /api/v2/integrations/actions; the Import button does not take it",
        _API,
    ),
    Rule(
        "integration-type-object",
        "error",
        "integrationType is an object",
        "an object stands there only in the API's integrations; an export has plain text",
        _EXPORTS,
    ),
    Rule(
        "action-type-missing",
        "warning",
        "actionType is missing",
        "every published export has it; an import without it has been reported as refused",
        _EXPORTS,
    ),
    Rule(
        "action-type-unknown",
        "error",
        "actionType is none that exists",
        "only custom, customAuth and static are known",
        _EXPORTS,
    ),
    Rule(
        "built-in-action",
        "note",
        "the action is one of Genesys' own",
        "static actions are part of an integration and cannot be imported or changed",
        _EXPORTS,
    ),
    Rule(
        "secure-missing",
        "note",
        "secure is missing",
        "it cannot be changed after publishing, so it should be said",
        _EXPORTS,
    ),
    Rule(
        "surplus-key",
        "note",
        "a top-level key that exports do not have",
        "Import has no use for it; the file was not exported as it stands",
        _EXPORTS,
    ),
    Rule("unknown-method", "error", "requestType is no method of data actions", "the action cannot be saved", _API),
    Rule("name-too-long", "error", "the name is longer than 256 characters", "the API refuses it", _API),
    Rule(
        "name-too-long-for-architect",
        "warning",
        "the name is longer than 200 characters",
        "Architect's limit for action names is 200",
        "Architect scripting SDK",
    ),
    Rule("timeout-out-of-range", "error", "timeoutSeconds is not 1 to 60", "the action cannot be saved", _API),
    Rule(
        "auth-action-timeout",
        "error",
        "a custom auth action has a timeout",
        "timeoutSeconds is invalid for custom authentication actions",
        _API,
    ),
    Rule(
        "auth-action-contract",
        "error",
        "the contract of a custom auth action was changed",
        "Genesys fixes it: no inputs, any output; only request and response can be configured",
        _AUTH,
    ),
)
