"""Why an execution failed, in the form Genesys gives it to Architect."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from architect.emulator.json_text import Json

FAILURE_OUTPUTS = (
    "errorCode",
    "status",
    "correlationId",
    "entityId",
    "entityName",
    "userMessage",
    "userParamsMessage",
    "userParams.key",
    "userParams.value",
    "details.errorCode",
    "details.fieldName",
    "details.entityId",
    "details.entityName",
)
"""The failure outputs of Call Data Action: `status` is an integer, dotted names are collections, the rest strings."""

VOICE_FLOW_TYPES = frozenset({"inboundcall", "inqueuecall", "outboundcall", "securecall"})
"""Flow types, in lower case, whose Call Data Action has no failure outputs at all."""

_MESSAGES = {
    400: "The request could not be understood by the server due to malformed syntax.",
    429: "Rate limit exceeded the maximum.",
    504: "The request timed out.",
}


class ActionError(Exception):
    """A step failed.

    `detail` is Genesys' detail code, `shown` what only test mode adds to the message, `choice` the decision of ours
    (see `choices`) that made this a failure.
    """

    def __init__(
        self,
        message: str,
        *,
        detail: str = "ACTION.PROCESSING",
        status: int = 400,
        shown: str = "",
        choice: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.status = status
        self.shown = shown
        self.choice = choice


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed execution as the API's error body and as Architect's failure outputs."""

    error: ActionError
    correlation_id: str

    @property
    def error_code(self) -> str:
        """The HTTP reason in Genesys' spelling, such as BAD_REQUEST."""
        return HTTPStatus(self.error.status).phrase.upper().replace(" ", "_")

    def as_dict(self) -> dict[str, Json]:
        """Give the error body the execute API answers with."""
        return {
            "status": self.error.status,
            "errorCode": self.error_code,
            "userMessage": _MESSAGES[self.error.status],
            "details": [{"errorCode": self.error.detail}],
            "errors": [{"userMessage": self.error.message}],
        }

    def outputs(self) -> dict[str, Json]:
        """Give the thirteen failure outputs; what is not known is empty."""
        values: dict[str, Json] = {name: [] if "." in name else "" for name in FAILURE_OUTPUTS}
        values["errorCode"] = self.error_code
        values["status"] = self.error.status
        values["correlationId"] = self.correlation_id
        values["userMessage"] = _MESSAGES[self.error.status]
        values["details.errorCode"] = [self.error.detail]
        return values


def has_failure_outputs(flow_type: str) -> bool:
    """Tell whether Call Data Action has failure outputs in flows of this type."""
    return flow_type.lower() not in VOICE_FLOW_TYPES
