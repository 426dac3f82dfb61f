"""The one place that turns exceptions into answers.

- A business refusal (`Rejection`) is HTTP 200 with `status: "rejected"`, because a voice flow can read nothing of any
  other answer. It is raised and answered inside the actions API.
- A refused token request (`OAuthError`) is answered as RFC 6749, section 5.2, says.
- Everything else that HTTP has a status for is an RFC 9457 problem document.
"""

from __future__ import annotations

import logging
import math
from typing import Any

from flask import Flask, Response, json, request
from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError, RequestEntityTooLarge
from werkzeug.sansio.response import Response as SansioResponse

log = logging.getLogger("callspan")


class Rejection(Exception):  # noqa: N818  it is an answer, not a failure of ours
    """An input that a flow's author can put right. `code` is for the flow, the message for its author."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class OAuthError(Exception):
    """A refused token request: an error code of RFC 6749, section 5.2, and a sentence for the developer."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


class InsufficientScope(Forbidden):
    """A good token that does not reach this far (RFC 6750, section 3.1)."""

    def __init__(self, scope: str) -> None:
        super().__init__(f'The token lacks the scope "{scope}"; give it to the client in CALLSPAN_CLIENTS.')
        self.scope = scope

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """Return the challenge that names the scope."""
        challenge = f'Bearer realm="callspan", error="insufficient_scope", scope="{self.scope}"'
        return [*super().get_headers(*args, **kwargs), ("WWW-Authenticate", challenge)]


class Problem(HTTPException):
    """A problem that says more than its status: members of its own (RFC 9457, section 3.2), and when to ask again."""

    def __init__(self, status: int, detail: str, *, retry_after: float | None = None, **members: str) -> None:
        super().__init__(detail)
        self.code, self.members = status, members
        self._retry_after = retry_after

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """Return Retry-After with the rest, in whole seconds."""
        own = [] if self._retry_after is None else [("Retry-After", str(max(1, math.ceil(self._retry_after))))]
        return [*super().get_headers(*args, **kwargs), *own]


def register_error_answers(app: Flask) -> None:
    """Make the app answer exceptions as this module says."""
    app.register_error_handler(OAuthError, _oauth_answer)
    app.register_error_handler(HTTPException, problem_answer)
    app.register_error_handler(Exception, _failure_answer)


def _oauth_answer(error: OAuthError) -> Response:
    answer = _document({"error": error.error, "error_description": error.description}, 400, "application/json")
    if error.error == "invalid_client":
        answer.status_code = 401
        answer.headers["WWW-Authenticate"] = 'Basic realm="callspan"'
    answer.headers.update({"Cache-Control": "no-store", "Pragma": "no-cache"})
    return answer


def problem_answer(error: HTTPException) -> Response | SansioResponse:
    """Return the problem document of an HTTP error, with the headers that belong to it."""
    if error.code is None or error.code < 400:
        return error.get_response()
    detail = error.description or ""
    if isinstance(error, RequestEntityTooLarge):
        detail = f"The body is larger than {request.max_content_length} bytes."
    body = {"type": "about:blank", "title": error.name, "status": error.code, "detail": detail}
    if isinstance(error, Problem):
        body.update(error.members)
    answer = _document(body, error.code, "application/problem+json")
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            answer.headers.add(name, value)
    return answer


def _failure_answer(error: Exception) -> Response | SansioResponse:
    log.error("request failed", exc_info=error)
    return problem_answer(InternalServerError("Callspan failed on this request; the log says why."))


def _document(body: dict[str, object], status: int, mimetype: str) -> Response:
    return Response(json.dumps(body), status, mimetype=mimetype)
