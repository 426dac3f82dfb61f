"""From an action's request configuration to the request that is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping

from architect.emulator.choices import ChoiceLog
from architect.emulator.export import RequestConfig
from architect.emulator.failure import ActionError
from architect.emulator.transport import final_url, sends_body
from architect.emulator.velocity import Template

_JSON_MEDIA_TYPE = re.compile(r"(?:application|text)/(?:[\w.+-]+\+)?json(?:\s*;.*)?", re.IGNORECASE)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_COMPUTED = frozenset({"content-length", "host"})


def resolve_url(config: RequestConfig, variables: Mapping[str, object], base_url: str | None) -> str:
    """Fill in the URL and put it on `base_url` if there is one. Raises `ActionError` and `TemplateError`."""
    url = Template(config.url_template, name="requestUrlTemplate").render(variables)
    return final_url(url, base_url)


def resolve_headers(config: RequestConfig, variables: Mapping[str, object], log: ChoiceLog) -> dict[str, str]:
    """Fill in the header values and add the defaults. Raises `ActionError` and `TemplateError`."""
    headers: dict[str, str] = {}
    for name, template in config.headers.items():
        headers[name] = _header_value(name, Template(template, name=name).render(variables))
    given = {name.lower() for name in headers}
    if "accept" not in given:
        log.note("accept-and-content-type")
        headers["Accept"] = "application/json"
    if "content-type" not in given and sends_body(config.method):
        log.note("accept-and-content-type")
        headers["Content-Type"] = "application/json"
    return headers


def resolve_body(config: RequestConfig, variables: Mapping[str, object], log: ChoiceLog) -> str | None:
    """Fill in the body; None for the methods that send none. Raises `TemplateError`."""
    if not sends_body(config.method):
        if config.method == "DELETE":
            log.note("request-bodies")
        return None
    return Template(config.body_template, name="requestTemplate").render(variables)


def without_transfer_encoding(headers: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """Take out `Transfer-Encoding`, which is a switch and never sent; the second item says whether to buffer.

    Source: Genesys, "Add configuration to custom actions": `buffered` is for services that cannot take chunks.
    """
    kept = {name: value for name, value in headers.items() if name.lower() != "transfer-encoding"}
    buffered = any(
        name.lower() == "transfer-encoding" and value.strip().lower() == "buffered" for name, value in headers.items()
    )
    return kept, buffered


def header_problems(config: RequestConfig) -> list[str]:
    """Say which headers keep the action from being saved."""
    problems = []
    for name, value in config.headers.items():
        if not _TOKEN.fullmatch(name):
            problems.append(f"config.request.headers: {name!r} is not a header name")
        if name.lower() in _COMPUTED:
            problems.append(f"config.request.headers: {name} is computed and cannot be set")
        if name.lower() == "accept" and "$" not in value and not _accepts_json(value):
            problems.append(_accept_problem(value))
    return problems


def _header_value(name: str, value: str) -> str:
    if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
        raise ActionError(f"Header {name} contains a line break or another control character")
    if not value.isascii():
        raise ActionError(f"Header {name} contains characters beyond ASCII; encode them")
    if name.lower() == "accept" and not _accepts_json(value):
        raise ActionError(_accept_problem(value))
    return value


def _accepts_json(value: str) -> bool:
    return all(_JSON_MEDIA_TYPE.fullmatch(part.strip()) for part in value.split(","))


def _accept_problem(value: str) -> str:
    return f"INVALID_SCHEMA: The 'Accept' header only supports json content types when specified, not {value!r}"
