"""Calls: whole ones, taken by our flow in the emulators of Architect, and lighter ones beside them for throughput."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import urllib3

from architect.demo.organization import FLOW, ORGANIZATION
from architect.emulator.engine import Engine, Execution
from architect.emulator.export import DataAction
from architect.runner import Reply, Scenario, load_flow, run_flow
from architect.runner.examples import SUBSTITUTIONS
from architect.sandbox import Credentials
from tests.chaos.bridge import Bridge
from tests.chaos.ledger import Ledger
from tests.events import call

STEP_TIMEOUT = 3.0
"""Seconds that our flows wait for a data action."""

LIGHT_SENDERS = 4
_LATER: Mapping[str, Mapping[str, str]] = {
    "record-call-milestone": {"milestone": "identified"},
    "end-call-trace": {"outcome": "ok"},
}


class WitnessingEngine(Engine):
    """An engine that notes what Callspan acknowledged to the flows, and how long they waited."""

    def __init__(self, ledger: Ledger, **options: Any) -> None:
        super().__init__(**options)
        self._ledger = ledger

    def execute(self, action: DataAction, inputs: Mapping[str, object], **options: Any) -> Execution:
        """Execute an action and note what came of it."""
        began = time.monotonic()
        execution = super().execute(action, inputs, **options)
        status = execution.outputs.get("status")
        outcome = str(status) if execution.path == "success" else execution.path
        if execution.path == "failure":
            outcome = str(execution.response.status) if execution.response is not None else "no answer"
        self._ledger.attempt(began, outcome)
        if outcome == "ok":
            acknowledge(self._ledger, action.name, str(inputs["conversationId"]), execution.outputs)
        return execution


def acknowledge(ledger: Ledger, action: str, conversation: str, outputs: Mapping[str, object]) -> None:
    """Note the span that the answer of an action, by its name or the end of its path, stands for."""
    if action.lower().startswith("start"):
        ledger.promise(conversation, "callspan.start")
    else:
        name = "callspan.end" if action.lower().startswith("end") else "callspan.milestone"
        ledger.promise(conversation, name, span_id=str(outputs["span_id"]))


class Calls:
    """Calls that arrive evenly, `rate` a second, each in a thread of its own.

    A call goes through `inbound-call.yaml`, records a milestone and its end as later flows would, and then its events
    are delivered, as if it had ended `late_ms` ago.
    """

    def __init__(
        self, exports: Path, credentials: Credentials, url: str, ledger: Ledger, bridge: Bridge, rate: float
    ) -> None:
        self.late_ms = 0
        self._exports, self._credentials, self._url = exports, credentials, url
        self._ledger, self._bridge, self._rate = ledger, bridge, rate
        self._flow = load_flow(FLOW, SUBSTITUTIONS)
        self._later = [(DataAction.load(exports / f"{name}.custom.json"), inputs) for name, inputs in _LATER.items()]
        self._engines: list[WitnessingEngine] = []
        self.sign_in_at(exports)
        self._ended = threading.Event()
        self._threads = ThreadPoolExecutor(100)
        self._clock = threading.Thread(target=self._arrive)

    def sign_in_at(self, exports: Path) -> None:
        """Use the auth action of these exports from now on, with no token in hand."""
        auth = DataAction.load(exports / "callspan-auth.customAuth.json")
        engine = WitnessingEngine(
            self._ledger, auth=auth, credentials=self._credentials.for_genesys(), organization_id=ORGANIZATION
        )
        self._engines.append(engine)

    def start(self) -> None:
        """Let calls arrive."""
        self._clock.start()

    def stop(self) -> None:
        """Let no more calls arrive, and wait until all have run through their flows."""
        self._ended.set()
        self._clock.join()
        self._threads.shutdown()
        for engine in self._engines:
            engine.close()

    def _arrive(self) -> None:
        paced(self._rate, self._ended, lambda: self._threads.submit(self._take))

    def _take(self) -> None:
        conversation, engine = str(uuid.uuid4()), self._engines[-1]
        scenario = Scenario(
            conversation_id=conversation,
            substitutions=SUBSTITUTIONS,
            replies={"*": (Reply("http"),)},
            actions=self._exports,
        )
        self._ledger.play(conversation, run_flow(self._flow, scenario, engine=engine))
        for action, inputs in self._later:
            given = {"conversationId": conversation, **inputs}
            engine.execute(action, given, flow_type="inboundCall", timeout_seconds=STEP_TIMEOUT)
        self._bridge.deliver(call(conversation, int(time.time() * 1000) - self.late_ms))


class LightCalls:
    """Starts, milestones and ends that arrive evenly, `rate` a second, whatever became of those before."""

    def __init__(self, url: str, credentials: Credentials, ledger: Ledger, rate: float) -> None:
        self._connections = urllib3.connection_from_url(url, maxsize=LIGHT_SENDERS, retries=False, timeout=STEP_TIMEOUT)
        self._headers = {
            "Authorization": f"Bearer {credentials.access_token(url)}",
            "Content-Type": "application/json",
        }
        self._ledger = ledger
        self._ended = threading.Event()
        self._senders = [
            threading.Thread(target=self._send, args=(rate / LIGHT_SENDERS,)) for _ in range(LIGHT_SENDERS)
        ]

    def start(self) -> None:
        """Begin."""
        for sender in self._senders:
            sender.start()

    def stop(self) -> None:
        """End, when the requests under way are answered."""
        self._ended.set()
        for sender in self._senders:
            sender.join()
        self._connections.close()

    def _send(self, rate: float) -> None:
        turns = itertools.cycle(("start-call-trace", "record-milestone", "end-call-trace"))
        conversation = ""

        def send() -> None:
            nonlocal conversation
            action = next(turns)
            if action == "start-call-trace":
                conversation = str(uuid.uuid4())
            self._request(action, conversation)

        paced(rate, self._ended, send)

    def _request(self, action: str, conversation: str) -> None:
        body = {"conversationId": conversation, **({"milestone": "identified"} if action == "record-milestone" else {})}
        began = time.monotonic()
        try:
            response = self._connections.request("POST", f"/v1/actions/{action}", json=body, headers=self._headers)
        except urllib3.exceptions.HTTPError as error:
            late = isinstance(error, urllib3.exceptions.ReadTimeoutError)
            self._ledger.attempt(began, "timeout" if late else "no answer")
            return
        outputs = response.json() if response.status == 200 else {}
        self._ledger.attempt(began, outputs.get("status") or str(response.status))
        if outputs.get("status") == "ok":
            acknowledge(self._ledger, action, conversation, outputs)


def paced(rate: float, ended: threading.Event, act: Callable[[], object]) -> None:
    """Act `rate` times a second until the end; what came too late for its turn is made up for, a second's worth."""
    due = time.monotonic()
    while not ended.wait(max(due - time.monotonic(), 0)):
        act()
        due = max(due + 1 / rate, time.monotonic() - 1)
