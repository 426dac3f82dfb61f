"""For every rule a file that breaks it, and one that comes near and does not."""

from __future__ import annotations

from typing import Any

from tests.unit.linter.files import GONE, INPUTS, OUTPUTS, action, body, header, inputs, method, outputs, response, url

TEXT = {"type": "string"}
INTEGER = {"type": "integer"}
BOM = "\ufeff".encode()
TWO = '{"a": "$!{input.a}", "b": "$!{input.b}"}'
SECRET = "9f8e7d6c5b4a39281706"
ARRAY = {"type": "array", "items": {"type": "string"}}


def named(name: str) -> dict[str, Any]:
    return action((("name",), name))


def typed(kind: str, *changes: Any) -> dict[str, Any]:
    return action((("actionType",), kind), *changes)


def auth(*changes: Any) -> dict[str, Any]:
    return typed(
        "customAuth",
        (INPUTS, {"type": "object", "properties": {}}),
        (OUTPUTS, {"type": "object", "properties": {}, "additionalProperties": True}),
        response("${rawResult}", {}),
        body("{}"),
        *changes,
    )


def api() -> dict[str, Any]:
    document = action((("integrationType",), GONE), (("actionType",), GONE))
    return {"category": "CRM", "integrationId": "7d1c", **document}


def optional(template: str, **declared: Any) -> dict[str, Any]:
    return action(inputs(**(declared or {"phone": TEXT})), body(template))


def required(template: str, **declared: Any) -> dict[str, Any]:
    declared = declared or {"phone": TEXT}
    return action(inputs(list(declared), **declared), body(template))


def path(template: str, **declared: Any) -> dict[str, Any]:
    return action(
        inputs(list(declared), **declared), method("GET"), url("https://service.example.com" + template), body("")
    )


def form(template: str) -> dict[str, Any]:
    return action(header("Content-Type", "application/x-www-form-urlencoded"), body(template))


def result(template: str, default: str | None = '""', where: str = "$.name", **declared: Any) -> dict[str, Any]:
    defaults = {} if default is None else {"customer": default}
    return action(response(template, {"customer": where}, defaults), outputs(**(declared or {"customer": TEXT})))


WHOLE = '{"customer": ${customer}}'
FIRST = '{"customer": ${successTemplateUtils.firstFromArray("${customer}", "$esc.quote$esc.quote")}}'

CASES: dict[str, tuple[Any, Any]] = {
    "file-too-large": (b" " * 5_000_001, b" " * 100),
    "not-utf8": (b'{"name": "caf\xe9"}', '{"name": "café"}'.encode()),
    "byte-order-mark": (BOM + b"{}", b"{}"),
    "not-json": (b'{"name": "x"', b'{"name": "x"}'),
    "nested-too-deep": (b"[" * 51 + b"]" * 51, b"[" * 50 + b"]" * 50),
    "duplicate-key": (b'{"name": "a", "name": "b"}', b'{"name": "a", "names": "b"}'),
    "wrong-shape": (action((("config", "request"), [])), action()),
    "api-shape": (api(), action()),
    "integration-type-object": (action((("integrationType",), {"id": "custom-rest-actions"})), action()),
    "action-type-missing": (action((("actionType",), GONE)), action()),
    "action-type-unknown": (typed("webService"), typed("custom")),
    "built-in-action": (typed("static"), typed("custom")),
    "secure-missing": (action((("secure",), GONE)), action((("secure",), True))),
    "surplus-key": (action((("version",), 3)), action()),
    "unknown-method": (action(method("post")), action(method("PATCH"))),
    "name-too-long": (named("x" * 257), named("x" * 256)),
    "name-too-long-for-architect": (named("x" * 201), named("x" * 200)),
    "timeout-out-of-range": (action((("config", "timeoutSeconds"), 61)), action((("config", "timeoutSeconds"), 60))),
    "auth-action-timeout": (auth((("config", "timeoutSeconds"), 5)), auth()),
    "auth-action-contract": (auth(outputs(access_token=TEXT)), auth()),
    "input-not-simple": (action(inputs(phone=ARRAY)), action(inputs(phone=TEXT))),
    "input-name": (
        action((INPUTS, {"type": "object", "properties": {"my phone": TEXT}})),
        action((INPUTS, {"type": "object", "properties": {"my-phone_2": TEXT}})),
    ),
    "input-name-reserved": (action(inputs(orgId=TEXT)), action(inputs(orgID=TEXT))),
    "contract-ref": (
        action(outputs(customer={"$ref": "#/definitions/x"})),
        action(outputs(customer={"type": "string", "description": "the $ref of the customer"})),
    ),
    "contract-not-draft-04": (
        action(outputs(customer={"type": "string", "required": True})),
        action((OUTPUTS, {"type": "object", "properties": {"customer": TEXT}, "required": ["customer"]})),
    ),
    "required-undeclared": (action(inputs(["phone", "mail"], phone=TEXT)), action(inputs(["phone"], phone=TEXT))),
    "output-nested-array": (
        action(outputs(customer={"type": "array", "items": ARRAY})),
        action(outputs(customer={"type": "array", "items": {"type": "object", "properties": {"tags": ARRAY}}})),
    ),
    "output-dotted-name": (
        action(outputs(**{"data.name": TEXT})),
        action(outputs(data={"type": "object", "properties": {"name": TEXT}})),
    ),
    "integer-beyond-architect": (
        action(outputs(customer={"type": "integer", "format": "int64"})),
        action(outputs(customer={"type": "integer", "format": "int64", "maximum": 999_999_999_999_999})),
    ),
    "template-syntax": (required('{"a": "${input.phone"}'), required('{"a": "$5 or #1"}')),
    "template-failure": (
        required('{"a": "$esc.jsonEncode(${input.phone.substring(99)})"}'),
        required('{"a": "$esc.jsonEncode(${input.phone.substring(0)})"}'),
    ),
    "template-not-executed": (
        action(body('{"a": "$salesforce.escReserved(${input.phone})"}')),
        action(body('{"a": "$esc.jsonEncode(${input.phone})"}')),
    ),
    "undeclared-input": (required('{"a": "$esc.jsonEncode(${input.Phone})"}'), required("${input.rawRequest}")),
    "unknown-variable": (
        required('{"a": "$esc.jsonEncode($Input.phone)"}'),
        required('{"a": "$esc.jsonEncode($input.phone)"}'),
    ),
    "unknown-macro": (
        required('{"a": "$esc.jsonencode(${input.phone})"}'),
        required('{"a": "$esc.jsonString(${input.phone})"}'),
    ),
    "auth-unavailable": (
        auth(header("Authorization", "Bearer ${authResponse.token}")),
        action(header("Authorization", "Bearer ${authResponse.token}")),
    ),
    "optional-input": (
        optional('{"a": "$esc.jsonEncode(${input.phone})"}'),
        optional('{"a": "#if($input.phone)$esc.jsonEncode(${input.phone})#end"}'),
    ),
    "optional-input-breaks-body": (
        optional('{"a": $!{input.n}}', n=INTEGER),
        optional('{"a": "$!{input.n}"}', n=INTEGER),
    ),
    "optional-input-empties-path": (
        action(inputs(n=INTEGER), url("https://service.example.com/v1/$!{input.n}/x"), body("{}")),
        action(inputs(n=INTEGER), url("https://service.example.com/v1/x?n=$!{input.n}"), body("{}")),
    ),
    "contract-default-not-filled": (
        optional('{"a": ${input.n}}', n={"type": "integer", "default": 1}),
        optional('{"a": #if($input.n)${input.n}#{else}1#end}', n={"type": "integer", "default": 1}),
    ),
    "unescaped-json": (
        required('{"a": "${input.phone}"}'),
        required('{"a": "${input.phone}"}', phone={"type": "string", "enum": ["yes", "no"]}),
    ),
    "unescaped-json-id": (
        required('{"a": "${input.queueId}"}', queueId=TEXT),
        required('{"a": "${input.paid}"}', paid=TEXT),
    ),
    "unquoted-json": (
        required('{"a": ${input.phone}}'),
        required('{"a": ${input.phone}}', phone={"type": "string", "description": "JSON text"}),
    ),
    "json-fragment": (required("${input.payload}", payload=TEXT), required("${input.rawRequest}", payload=TEXT)),
    "body-not-json": (
        required('{"a": "$esc.jsonEncode(${input.phone})",}'),
        required('{"a": "$esc.jsonEncode(${input.phone})"}'),
    ),
    "unescaped-form": (form("a=${input.phone}"), form("a=$esc.uriEncode(${input.phone})")),
    "raw-url": (path("/v1/${input.name}", name=TEXT), path("/v1/$esc.uriEncode(${input.name})", name=TEXT)),
    "raw-url-id": (
        path("/v1/${input.customerId}", customerId=TEXT),
        path("/v1/${input.customerId}", customerId={"type": "string", "pattern": "^[0-9]+$"}),
    ),
    "form-encoding-in-path": (
        path("/v1/$esc.url(${input.name})", name=TEXT),
        path("/v1?name=$esc.url(${input.name})", name=TEXT),
    ),
    "input-in-host": (
        action(inputs(["stage"], stage=TEXT), url("https://${input.stage}.example.com/"), body("{}")),
        action(
            inputs(["stage"], stage={"type": "string", "enum": ["test", "live"]}),
            url("https://${input.stage}.example.com/"),
            body("{}"),
        ),
    ),
    "url-from-input": (
        action(inputs(["hook"], hook=TEXT), url("${input.hook}"), body("{}")),
        action(url("${credentials.hook}")),
    ),
    "header-line-break": (
        action(header("X-Phone", "${input.phone}")),
        action(header("X-Phone", "$esc.url(${input.phone})")),
    ),
    "accept-not-json": (action(header("Accept", "*/*")), action(header("Accept", "application/json; charset=utf-8"))),
    "header-name": (action(header("X Phone", "1")), action(header("X-Phone", "1"))),
    "insecure-url": (action(url("http://service.example.com")), action(url("https://service.example.com"))),
    "literal-secret": (
        action(header("Authorization", f"Bearer {SECRET}")),
        action(header("Authorization", "Bearer <your token>")),
    ),
    "chunked-body": (
        action(header("Transfer-Encoding", GONE)),
        action(header("Transfer-Encoding", GONE), method("GET")),
    ),
    "unused-input": (
        action(inputs(["phone"], phone=TEXT, mail=TEXT)),
        action(inputs(["phone"], phone=TEXT, mail=TEXT), body("${input.rawRequest}")),
    ),
    "jsonpath-syntax": (result(WHOLE, where="$.a["), result(WHOLE, where="$['a b'][0].c")),
    "dotted-path": (
        action(response('{"customer": ${dd.id}}', {"dd.id": "$.dd.id"})),
        action(response('{"customer": ${dd_id}}', {"dd_id": "$.dd.id"}, {"dd_id": '""'})),
    ),
    "unmapped-variable": (result('{"customer": ${Customer}}'), result(WHOLE)),
    "input-in-success-template": (result('{"customer": "${input.phone}"}'), result(WHOLE)),
    "unused-map-entry": (result('{"customer": "fixed"}'), result(WHOLE)),
    "default-without-entry": (
        action(response("${rawResult}", {}, {"customer": '""'})),
        action(response("${rawResult}", {}, {})),
    ),
    "default-not-json": (result(WHOLE, "UNKNOWN"), result(WHOLE, '"UNKNOWN"')),
    "default-breaks-contract": (result(WHOLE, "0"), result(WHOLE, "0", customer=INTEGER)),
    "missing-default": (result(WHOLE, None), result("#if($customer)" + WHOLE + "#else{}#end", None)),
    "default-never-used": (result(FIRST, '[""]', "$..name"), result(FIRST, '[""]', "$.list[*].name")),
    "default-not-for-no-match": (result(FIRST, '[""]', "$.list[*].name"), result(FIRST, None, "$.list[*].name")),
    "no-match-breaks": (
        result('{"customer": ${successTemplateUtils.firstFromArray("${customer}")}}', None, "$.list[*].name"),
        result(FIRST, None, "$.list[*].name"),
    ),
    "quoted-variable": (result('{"customer": "${customer}"}'), result('{"customer": "$esc.jsonEncode(${customer})"}')),
    "result-not-json": (result('{"customer": ${customer},}'), result(WHOLE)),
    "result-breaks-contract": (
        result('{"customer": 5, "raw": ${customer}}'),
        result('{"customer": 5, "raw": ${customer}}', customer=INTEGER, raw=TEXT),
    ),
    "output-never-set": (
        result(WHOLE, customer=TEXT, mail=TEXT),
        result("#if($customer)" + WHOLE + "#end", customer=TEXT, mail=TEXT),
    ),
    "output-undeclared": (result('{"customer": ${customer}, "extra": 1}'), result(WHOLE)),
}
