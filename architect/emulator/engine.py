"""The data action engine: runs exported data actions over real HTTP as Genesys Cloud does."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from architect.emulator.authentication import AuthResponse, TokenCache
from architect.emulator.export import DataAction
from architect.emulator.failure import FAILURE_OUTPUTS, ActionError, Failure, has_failure_outputs
from architect.emulator.flattening import outputs
from architect.emulator.json_text import Json
from architect.emulator.limits import Limits
from architect.emulator.pipeline import Reauthentication, Run
from architect.emulator.report import Report
from architect.emulator.transport import ReceivedResponse, SentRequest, Transport


@dataclass(frozen=True, slots=True)
class Execution:
    """What one Call Data Action step of a flow gets, and what went over the wire for it.

    `path` is the exit the flow takes. `outputs` are the declared, flattened outputs, empty unless the path is
    `success`. `failure_outputs` are all thirteen, unset (None) except on the path `failure`; voice flows have none.
    After `timeout` the action itself is still running; request, response and report show how far it had come.
    """

    path: Literal["success", "failure", "timeout"]
    outputs: Mapping[str, Json]
    failure_outputs: Mapping[str, Json] | None
    correlation_id: str
    request: SentRequest | None
    response: ReceivedResponse | None
    report: Report


class Engine:
    """One web services integration of one organisation. Thread-safe; the token is shared by all threads.

    `auth` is the integration's custom auth action and `credentials` the fields of its credential. `base_url` replaces
    scheme and host of every URL and completes URLs that are only a path. `reauthenticate_on` says after which
    failures a request is repeated with a new token. `limits` makes the engine refuse what the organisation's limits
    would. Close it, or use it in a `with` statement, to wait for runs that flows gave up on and to end connections.
    """

    def __init__(  # noqa: PLR0913 - the settings of an integration, all by keyword
        self,
        *,
        auth: DataAction | None = None,
        credentials: Mapping[str, str] | None = None,
        organization_id: str,
        user_id: str | None = None,
        home_organization_id: str | None = None,
        base_url: str | None = None,
        limits: Limits | None = None,
        reauthenticate_on: Reauthentication = "any-failure",
    ) -> None:
        if auth is not None and auth.action_type != "customAuth":
            raise ValueError(f"{auth.name}: a customAuth action is needed here, not {auth.action_type}")
        self._auth = auth
        self._identity = {
            "ININ-Organization-Id": organization_id,
            "ININ-Home-Organization-Id": home_organization_id or organization_id,
            **({"ININ-User-Id": user_id} if user_id is not None else {}),
        }
        self._limits = limits
        self._tokens = TokenCache()
        self._abandoned: list[threading.Thread] = []
        self._lock = threading.Lock()
        self.transport = Transport()
        self.credentials: Mapping[str, str] = dict(credentials or {})
        self.base_url = base_url
        self.reauthenticate_on: Reauthentication = reauthenticate_on

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Wait for the runs that flows no longer wait for, at most the actions' own timeouts; end connections."""
        with self._lock:
            abandoned, self._abandoned = self._abandoned, []
        for thread in abandoned:
            thread.join()
        self.transport.close()

    def test(self, action: DataAction, inputs: Mapping[str, object], *, flatten: bool = False) -> Report:
        """Run an action as test mode does and report every step. Never raises for what the action does."""
        run = Run(action, inputs, self)
        self._perform(run, flattened=flatten)
        return run.report()

    def execute(
        self,
        action: DataAction,
        inputs: Mapping[str, object],
        *,
        flow_type: str = "inboundCall",
        timeout_seconds: float | None = None,
    ) -> Execution:
        """Run an action for a flow. `timeout_seconds` is the step's own timeout, which only ends the waiting."""
        run = Run(action, inputs, self)
        if timeout_seconds is None:
            self._perform(run)
        else:
            thread = threading.Thread(target=self._perform, args=(run,), name=f"run {run.correlation_id}", daemon=True)
            thread.start()
            thread.join(timeout_seconds)
            if thread.is_alive():
                with self._lock:
                    self._abandoned = [each for each in self._abandoned if each.is_alive()] + [thread]
                return self._execution(run, "timeout", flow_type)
        return self._execution(run, "success" if run.error is None else "failure", flow_type)

    def platform_headers(self, correlation_id: str) -> dict[str, str]:
        """Give the headers Genesys adds to every request."""
        return {"ININ-Correlation-Id": correlation_id, **self._identity}

    def authenticate(self, action: DataAction) -> tuple[AuthResponse, bool] | None:
        """Give the integration's token and whether it was kept from before; None when it has no custom auth."""
        auth = self._auth
        if auth is None or action.action_type == "customAuth":
            return None
        return self._tokens.get(lambda: self._obtain_token(auth))

    def discard(self, stale: AuthResponse) -> None:
        """Forget a token a request failed with."""
        self._tokens.discard(stale)

    def _obtain_token(self, auth: DataAction) -> Mapping[str, Json]:
        run = Run(auth, {}, self)
        run.perform()
        if run.error is not None:
            told = run.report().operations[-1].error
            raise ActionError(
                "INVALID_CREDENTIALS: the custom auth action failed", detail="ACTION.AUTHENTICATION", shown=told or ""
            )
        if not isinstance(run.result, dict):
            raise ActionError(
                "INVALID_CREDENTIALS: the custom auth action did not return an object", detail="ACTION.AUTHENTICATION"
            )
        return run.result

    def _perform(self, run: Run, *, flattened: bool = False) -> None:
        if self._limits is None:
            run.perform(flattened=flattened)
            return
        try:
            self._limits.enter()
        except ActionError as error:
            run.error = error
            return
        try:
            run.perform(flattened=flattened)
        finally:
            self._limits.leave()

    @staticmethod
    def _execution(run: Run, path: Literal["success", "failure", "timeout"], flow_type: str) -> Execution:
        found: dict[str, Json] = {}
        failure: dict[str, Json] | None = dict.fromkeys(FAILURE_OUTPUTS) if has_failure_outputs(flow_type) else None
        if path == "success":
            found = outputs(run.result, run.action.output_schema, run.log)
        elif path == "failure" and failure is not None and run.error is not None:
            run.log.note("failure-status")
            failure = Failure(run.error, run.correlation_id).outputs()
        return Execution(path, found, failure, run.correlation_id, run.request, run.response, run.report())
