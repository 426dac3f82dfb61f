"""The made-up Genesys Cloud organisation that the demo takes calls in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import urllib3

from architect.call_events import CALL_SECONDS, call
from architect.emulator.engine import Engine, Execution
from architect.emulator.export import DataAction
from architect.runner import Reply, Scenario, Transcript, load_flow, run_flow
from architect.runner.examples import SUBSTITUTIONS
from architect.sandbox import Credentials, Service

FLOW = Path(__file__).parents[1] / "flows" / "inbound-call.yaml"
ORGANIZATION = "d6f2b1c4-0a4e-4c55-9a0e-3c1b7f5e2a90"


class ListeningEngine(Engine):
    """An engine that keeps what it executed, so that it can be shown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.executions: list[Execution] = []

    def execute(self, *arguments: Any, **options: Any) -> Execution:
        """Execute an action, and keep what went over the wire."""
        execution = super().execute(*arguments, **options)
        self.executions.append(execution)
        return execution


class Organization:
    """A Genesys Cloud organisation that has imported our actions and our inbound call flow, and sends its events."""

    def __init__(self, engine: ListeningEngine, actions: Path) -> None:
        self.engine = engine
        self._actions = actions
        self._flow = load_flow(FLOW, SUBSTITUTIONS)

    def take(self, conversation: str, participant_data: Mapping[str, str] | None = None) -> Transcript:
        """Take a call: run the flow from its arrival to the queue."""
        scenario = Scenario(
            conversation_id=conversation,
            participant_data=participant_data or {},
            substitutions=SUBSTITUTIONS,
            replies={"*": (Reply("http"),)},
            actions=self._actions,
        )
        return run_flow(self._flow, scenario, engine=self.engine)

    def act(self, action: str, **inputs: str) -> Execution:
        """Run one data action by itself, as a step of a flow or Architect's test pane does."""
        loaded = DataAction.load(self._actions / f"{action}.custom.json")
        return self.engine.execute(loaded, inputs, flow_type="inboundCall")


class EventBridge:
    """Delivers a call's events to the service as Amazon EventBridge does: in no order, and some more than once."""

    def __init__(self, service: Service, credentials: Credentials) -> None:
        self._url = f"{service.url}/v1/events/genesys"
        token = credentials.access_token(service.url)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._http = urllib3.PoolManager(retries=False, timeout=10)

    def deliver(self, conversation: str, began: float, times: int) -> list[int]:
        """Deliver each event of a call that began then so many times, and return the statuses of the answers."""
        events = call(conversation, ORGANIZATION, int((began + CALL_SECONDS) * 1000)) * times
        Random(conversation).shuffle(events)  # noqa: S311 - an order that is the same in each demo
        bodies = [json.dumps(event) for event in events]
        return [self._http.request("POST", self._url, body=body, headers=self._headers).status for body in bodies]
