"""The steps of one execution, in the order of Genesys' test mode. State of a single run; nothing is shared."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Literal, Protocol, TypeVar

from architect.emulator.authentication import AuthResponse
from architect.emulator.choices import ChoiceLog
from architect.emulator.export import DEFAULT_TIMEOUT_SECONDS, DataAction
from architect.emulator.failure import ActionError
from architect.emulator.flattening import flatten
from architect.emulator.json_text import Json, dumps, from_python, type_name
from architect.emulator.macros import macros
from architect.emulator.report import STEP_NAMES, Operation, Report, field_names
from architect.emulator.request_building import (
    header_problems,
    resolve_body,
    resolve_headers,
    resolve_url,
    without_transfer_encoding,
)
from architect.emulator.response_reading import accept, transform, translate
from architect.emulator.schema import input_contract_problems, output_contract_problems, uses_formats, violations
from architect.emulator.transport import (
    ReceivedResponse,
    SentRequest,
    Transport,
    masked,
    masked_headers,
    masked_json,
    secret_forms,
)
from architect.emulator.velocity import TemplateError

Reauthentication = Literal["any-failure", "401", "never"]
_T = TypeVar("_T")
_AUTHENTICATION = "ACTION.AUTHENTICATION"
_LAST_STEP = 11
_REGULAR_EXPRESSION_METHOD = re.compile(r"\.(?:split|matches|replaceAll|replaceFirst)\(")


class Integration(Protocol):
    """What a run needs to know of the integration it belongs to."""

    @property
    def transport(self) -> Transport:
        """What sends requests."""

    @property
    def credentials(self) -> Mapping[str, str]:
        """The credential's fields, visible to templates."""

    @property
    def base_url(self) -> str | None:
        """Where to send requests instead of the actions' own scheme and host."""

    @property
    def reauthenticate_on(self) -> Reauthentication:
        """Which failures a token from the cache may be to blame for."""

    def platform_headers(self, correlation_id: str) -> dict[str, str]:
        """Give the headers Genesys adds."""

    def authenticate(self, action: DataAction) -> tuple[AuthResponse, bool] | None:
        """Give the token for an action and whether it is from the cache; None where there is no such thing."""

    def discard(self, stale: AuthResponse) -> None:
        """Forget a token that failed."""


class Run:
    """One execution of one action. `request` and `response` are those of the last attempt."""

    def __init__(self, action: DataAction, inputs: object, integration: Integration) -> None:
        self.action = action
        self._given = inputs
        self._integration = integration
        self._operations: list[Operation] = []
        self._confidential = action.action_type == "customAuth"
        self._secrets = secret_forms(integration.credentials.values())
        self._authentication: tuple[AuthResponse, bool] | None = None
        self.log = ChoiceLog()
        self.correlation_id = str(uuid.uuid4())
        self.request: SentRequest | None = None
        self.response: ReceivedResponse | None = None
        self.result: Json = None
        self.error: ActionError | None = None

    def report(self) -> Report:
        """Report what has been done so far; a run that has not come to its end is no success."""
        operations = tuple(self._operations)
        success = self.error is None and bool(operations) and operations[-1].step >= _LAST_STEP
        return Report(
            operations=operations,
            success=success,
            final_result=self.result if success else None,
            error=None if self.error is None else masked(self.error.message, self._secrets),
            choices=self.log.choices(),
            confidential=self._confidential,
        )

    def perform(self, *, flattened: bool = False) -> None:
        """Take all steps; the first that fails ends the run and is kept in `error`."""
        try:
            inputs = self._take(1, self._simple_inputs)
            self._take(2, self._require_definition)
            self._take(3, lambda: _require_conforming(self.action.input_schema, inputs))
            self._authenticate("authenticated")
            raw = self._exchange(inputs)
            translated = self._take(9, lambda: translate(self.action.response, raw), show=dict)
            self.result = self._take(10, lambda: transform(self.action.response, raw, translated, self.log), show=_same)
            self._take(11, lambda: _require_conforming(self.action.output_schema, self.result))
            if flattened:
                self.result = self._take(12, lambda: flatten(self.result, self.log), show=_same)
        except ActionError as error:
            self.error = error

    def _exchange(self, inputs: dict[str, Json]) -> str:
        """Prepare and send; once more with a new token when a request with one from the cache failed."""
        before = len(self._operations)
        response = self._send(inputs)
        if self._authentication is not None and self._may_be_stale(self._authentication, response.status):
            self.log.note("authentication-retry")
            self._integration.discard(self._authentication[0])
            del self._operations[before - 1 :]
            self._authenticate("authenticated anew, as the request with the cached token failed")
            response = self._send(inputs)
        return self._take(8, lambda: accept(response), show=str)

    def _may_be_stale(self, authentication: tuple[AuthResponse, bool], status: int) -> bool:
        _, is_old = authentication
        policy = self._integration.reauthenticate_on
        return is_old and ((policy == "any-failure" and status >= 400) or (policy == "401" and status == 401))

    def _authenticate(self, success: str) -> None:
        self._authentication = self._take(
            4,
            lambda: self._integration.authenticate(self.action),
            show=lambda found: success if found is not None else "not needed",
            detail=_AUTHENTICATION,
        )
        if self._authentication is not None:
            self.log.note("authentication-reuse")
            fields = self._authentication[0].fields
            self._secrets |= secret_forms((value for value in fields.values() if isinstance(value, str)), shortest=8)

    def _send(self, inputs: dict[str, Json]) -> ReceivedResponse:
        variables = self._variables(inputs)
        config = self.action.request
        url = self._take(5, lambda: resolve_url(config, variables, self._integration.base_url), show=str)
        headers = self._take(6, lambda: resolve_headers(config, variables, self.log), show=dict)
        body = self._take(7, lambda: resolve_body(config, variables, self.log), show=_same)
        kept, buffered = without_transfer_encoding(headers)
        self.response = None
        self.request = SentRequest(
            method=config.method,
            url=url,
            headers={**kept, **self._integration.platform_headers(self.correlation_id)},
            body=body,
            chunked=body is not None and not buffered,
            secrets=self._secrets,
        )
        seconds = self.action.timeout_seconds or DEFAULT_TIMEOUT_SECONDS
        try:
            self.response = self._integration.transport.send(self.request, timeout_seconds=seconds)
        except ActionError as error:
            raise self._failed(8, error) from None
        return self.response

    def _variables(self, inputs: dict[str, Json]) -> dict[str, object]:
        if any(type_name(value) == "number" for value in inputs.values()):
            self.log.note("decimal-text")
        variables: dict[str, object] = {"input": {"rawRequest": dumps(dict(inputs)), **inputs}, **macros(self.log)}
        if self._integration.credentials:
            variables["credentials"] = dict(self._integration.credentials)
        if self._authentication is not None:
            variables["authResponse"] = dict(self._authentication[0].fields)
        return variables

    def _simple_inputs(self) -> dict[str, Json]:
        """Check that the inputs are a flat map, and drop the nulls (Genesys, change of 2024-03-15)."""
        try:
            inputs = from_python(self._given)
        except (TypeError, ValueError) as error:
            raise ActionError(f"The inputs are not simple JSON: {error}") from None
        if not isinstance(inputs, dict):
            raise ActionError(f"The inputs are not simple JSON: {type_name(inputs)} where an object should be")
        for name, value in inputs.items():
            if isinstance(value, dict | list):
                raise ActionError(f"The inputs are not simple JSON: `{name}` is an {type_name(value)}")
        return {name: value for name, value in inputs.items() if value is not None}

    def _require_definition(self) -> None:
        self._note_foreseeable_choices()
        problems = input_contract_problems(self.action.input_schema)
        problems += output_contract_problems(self.action.output_schema)
        problems += header_problems(self.action.request)
        if self.action.action_type not in {"custom", "customAuth"}:
            problems.append(f"{self.action.action_type} actions are built into Genesys Cloud and do not run here")
        if problems:
            raise ActionError("; ".join(problems))

    def _note_foreseeable_choices(self) -> None:
        request, response = self.action.request, self.action.response
        templates = [request.url_template, *request.headers.values(), request.body_template, response.success_template]
        if any(_REGULAR_EXPRESSION_METHOD.search(template) for template in templates):
            self.log.note("java-regular-expressions")
        if uses_formats(self.action.input_schema) or uses_formats(self.action.output_schema):
            self.log.note("contract-formats")

    def _take(
        self,
        step: int,
        work: Callable[[], _T],
        *,
        show: Callable[[_T], Json] = lambda _: None,
        detail: str = "ACTION.PROCESSING",
    ) -> _T:
        try:
            outcome = work()
        except TemplateError as error:
            raise self._failed(step, ActionError(str(error), detail=detail, choice=error.choice)) from None
        except ActionError as error:
            raise self._failed(step, error) from None
        shown = show(outcome)
        self._operations.append(Operation(step, STEP_NAMES[step - 1], success=True, result=self._masked(shown, step)))
        return outcome

    def _failed(self, step: int, error: ActionError) -> ActionError:
        if error.choice is not None:
            self.log.note(error.choice)
        told = masked("\n".join(filter(None, [error.message, error.shown])), self._secrets)
        self._operations.append(Operation(step, STEP_NAMES[step - 1], success=False, error=told))
        return error

    def _masked(self, shown: Json, step: int) -> Json:
        if step == 6 and isinstance(shown, dict):
            headers = {name: str(value) for name, value in shown.items()}
            return dict(masked_headers(headers, self._secrets))
        if self._confidential and step >= 8:
            return field_names(shown) if isinstance(shown, dict) else "not shown, as it holds a token"
        return masked_json(shown, self._secrets)


def _same(value: _T) -> _T:
    return value


def _require_conforming(schema: Mapping[str, Json], value: Json) -> None:
    try:
        problem = violations(schema, value)
    except ValueError as error:
        raise ActionError(str(error)) from None
    if problem:
        raise ActionError(problem)
