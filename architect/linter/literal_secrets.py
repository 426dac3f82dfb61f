"""Secrets written into a file: what they are is never told, only where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from architect.emulator.export import DataAction
from architect.emulator.transport import secret_forms
from architect.linter.document import Document
from architect.linter.finding import Finding, found
from architect.linter.spans import Parts

_SECRET_NAME = re.compile(
    r"authorization$|(?:^|[-_])(?:api|access|auth|client|secret|subscription|function)s?[-_]?(?:key|token|secret)$"
    r"|(?:^|[-_])(?:password|passwd|secret|token|apikey|accesskey|sig)$|^x-functions-key$|^cookie$",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?:Basic|Bearer|Token|ApiKey|Digest|Key)\s+", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"[<{\[(%*]|your|example|placeholder|change.?me|replace|insert|dummy|redacted|^x+$|^\.+$", re.IGNORECASE
)
_MEMBER = re.compile(r'"(?P<name>[^"\\]+)"\s*:\s*"(?P<value>[^"\\$#]+)"')
_FORM_MEMBER = re.compile(r"(?:^|&)(?P<name>[^=&\"\s]+)=(?P<value>[^&$#\"\s]+)")
_SHORTEST = 8


class LiteralSecrets:
    """The secrets of one file. `masked_forms` is what must not appear in anything that is shown."""

    def __init__(self, document: Document, action: DataAction) -> None:
        self._document = document
        self._found = list(_secrets(action))

    @property
    def masked_forms(self) -> frozenset[str]:
        """Every form a template may give the secrets."""
        return secret_forms(secret for _, _, secret in self._found)

    def findings(self) -> Iterator[Finding]:
        """Report each place."""
        for parts, name, secret in self._found:
            yield found(
                "literal-secret",
                self._document,
                parts,
                f"`{name}` holds what looks like a real secret, and everybody who gets this file gets it.",
                shown=f"a literal value of {len(secret)} characters, which is not repeated here",
                remedy="Withdraw the secret; keep the new one in the integration's credentials and write "
                "${credentials.field}.",
            )


def _secrets(action: DataAction) -> Iterator[tuple[Parts, str, str]]:
    request = action.request
    for name, value in request.headers.items():
        bare = _SCHEME.sub("", value, count=1).strip()
        if _SECRET_NAME.search(name) and _is_secret(bare):
            yield ("config", "request", "headers", name), name, bare
    at: Parts = ("config", "request", "requestUrlTemplate")
    try:
        parts = urlsplit(request.url_template)
        password = parts.password or ""
        query = parse_qsl(parts.query)
    except ValueError:
        password, query = "", []
    if _is_secret(password):
        yield at, "the URL's password", password
    for name, value in query:
        if _SECRET_NAME.search(name) and _is_secret(value):
            yield at, name, value
    for pattern in (_MEMBER, _FORM_MEMBER):
        for member in pattern.finditer(request.body_template):
            if _SECRET_NAME.search(member["name"]) and _is_secret(member["value"]):
                yield ("config", "request", "requestTemplate"), member["name"], member["value"]


def _is_secret(value: str) -> bool:
    return (
        len(value) >= _SHORTEST
        and not {"$", "#", " "} & set(value)
        and not _PLACEHOLDER.search(value)
        and len(set(value)) > 3
    )
