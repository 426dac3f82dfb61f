"""The errors of Genesys Cloud's platform API, in the shape and with the codes and words it documents.

Shape: the model ErrorBody of Genesys' platform SDK 269 and recorded answers. Codes and words: those recorded answers,
Genesys' announcement of the 429 contract (2021), and the error codes its API description lists for each status.
Choices made here: `unknown-paths`, `token-errors`, `value-repeated`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


class PlatformError(Exception):
    """An answer that refuses a request. `params` are what `template`, the message with names, was filled with."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        template: str | None = None,
        params: Mapping[str, str] | None = None,
        details: Sequence[Mapping[str, str]] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.template = template
        self.params = params
        self.details = details
        self.retry_after = retry_after

    def body(self, context_id: str) -> dict[str, Any]:
        """Return the document; `context_id` is also the answer's ININ-Correlation-Id."""
        named = {} if self.template is None else {"messageWithParams": self.template, "messageParams": self.params}
        return {
            "message": self.message,
            "code": self.code,
            "status": self.status,
            **named,
            "contextId": context_id,
            "details": list(self.details),
            "errors": [],
        }


_BY_STATUS = {
    400: ("bad.request", "The request could not be understood by the server due to malformed syntax."),
    401: ("bad.credentials", "Invalid login credentials."),
    403: ("not.authorized", "You are not authorized to perform the requested action."),
    404: ("not.found", "The requested resource was not found."),
    409: ("conflict", "The request conflicts with the current state of the resource."),
    415: (
        "unsupported.media.type",
        (
            "Unsupported Media Type - Unsupported or incorrect media type, such as an incorrect Content-Type value in "
            "the header."
        ),
    ),
    500: (
        "internal.server.error",
        "The server encountered an unexpected condition which prevented it from fulfilling the request.",
    ),
    503: (
        "service.unavailable",
        "Service Unavailable - The server is currently unavailable (because it is overloaded or down for maintenance).",
    ),
    504: ("request.timeout", "The request timed out."),
}
STATUSES = frozenset({*_BY_STATUS, 429})
"""The statuses an error can have. 409 is not documented for what a stand-in serves: it answers it only when told to."""


def error(status: int, *, retry_after: int | None = None) -> PlatformError:
    """Return the plain error of a status. Raises KeyError for one that is not in `STATUSES`."""
    if status == 429:
        return rate_limited(retry_after or 1, retry_after=retry_after is not None)
    return PlatformError(status, *_BY_STATUS[status], retry_after=retry_after)


def rate_limited(seconds: int, *, retry_after: bool = True) -> PlatformError:
    """Return the 429 of a client that is to wait so many seconds, with or without the header that says so."""
    message = f"Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds"
    return PlatformError(429, "too.many.requests.retry.after", message, retry_after=seconds if retry_after else None)


def missing_permission(permission: str) -> PlatformError:
    """Return the 403 of a client whose roles lack a permission."""
    template = (
        "Unable to perform the requested action. You must have at least one of the following permissions assigned: "
    )
    listed = f"[{permission}]"
    return PlatformError(
        403,
        "missing.any.permissions",
        template + listed,
        template=template + "{permissions}",
        params={"permissions": listed},
    )


def authentication_required() -> PlatformError:
    """Return the 401 of a request without a bearer token."""
    return PlatformError(
        401, "authentication.required", "No authentication bearer token specified in authorization header."
    )


def invalid_value(value: object, field_type: str) -> PlatformError:
    """Return the 400 of a JSON value that its field's type does not allow; the message repeats it."""
    text = value if isinstance(value, str) else json.dumps(value)
    return PlatformError(400, "invalid.value", f"Value [{text}] is not valid for field type [{field_type}].")


def invalid_id(field: str, value: str) -> PlatformError:
    """Return the 400 of an id that is no UUID."""
    return PlatformError(400, "bad.request", f"{field} {value} is not a valid UUID.")


def no_such_path(status: int, reason: str) -> PlatformError:
    """Return the 404 or 405 of a path that the API does not have, or not for that method."""
    return PlatformError(status, reason.lower(), f"HTTP {status} {reason}")
