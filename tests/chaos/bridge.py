"""Genesys Cloud's events on their way through EventBridge: delivered until they are acknowledged."""

from __future__ import annotations

import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import urllib3

from architect.sandbox import Credentials, SandboxError
from tests.chaos.ledger import Ledger

WORKERS = 6
SPANS = {
    "customer.end": ("genesys.conversation",),
    "flow.end": ("genesys.flow",),
    "flow.outcome": ("genesys.flow_outcome",),
    "acd.end": ("genesys.queue",),
    "user.end": ("genesys.agent", "genesys.agent.alerting", "genesys.agent.interacting", "genesys.agent.held"),
    "acw": ("genesys.wrapup",),
}
"""The spans that each event of `tests.events.call` stands for, where the root comes from the events."""


class Bridge:
    """Delivers events as an EventBridge API destination does (AWS, "API destinations", "Retry policy").

    What is answered 429 or 5xx, or not at all, is delivered again; 401 makes it fetch another token. Other answers are
    final. `copies` of each event are delivered, in an order of chance when there are several.
    """

    def __init__(self, url: str, credentials: Credentials, ledger: Ledger) -> None:
        self.copies = 1
        self.errors = 0
        self.rejected: list[str] = []
        self._url, self._credentials, self._ledger = url, credentials, ledger
        self._chance = random.Random(1)
        self._token = ""
        self._lock = threading.Lock()
        # EventBridge waits five seconds for an answer.
        self._connections = urllib3.connection_from_url(url, maxsize=WORKERS, retries=False, timeout=5)
        self._open = 0
        self._ended = threading.Event()
        self._threads = ThreadPoolExecutor(WORKERS)

    def deliver(self, events: list[dict[str, Any]]) -> None:
        """Deliver events in the background."""
        events = events * self.copies
        if self.copies > 1:
            self._chance.shuffle(events)
        with self._lock:
            self._open += len(events)
        for event in events:
            self._threads.submit(self._until_acknowledged, event)

    def waiting(self) -> int:
        """Return how many events are not acknowledged yet."""
        return self._open

    def end(self) -> None:
        """Give up what is not acknowledged."""
        self._ended.set()
        self._threads.shutdown(cancel_futures=True)
        self._connections.close()

    def _until_acknowledged(self, event: dict[str, Any]) -> None:
        pause = 0.1
        body = json.dumps(event)
        while not self._ended.is_set():
            if self._attempt(event, body):
                with self._lock:
                    self._open -= 1
                return
            self.errors += 1
            self._ended.wait(pause)
            pause = min(pause * 2, 1)

    def _attempt(self, event: dict[str, Any], body: str) -> bool:
        """Deliver an event once, and return whether that is the end of it."""
        try:
            token = self._token or self._fetch_token()
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            response = self._connections.request("POST", "/v1/events/genesys", body=body, headers=headers)
        except (urllib3.exceptions.HTTPError, SandboxError):
            return False
        if response.status == 401:
            self._token = ""
        if response.status in (401, 429) or response.status >= 500:
            return False
        if response.status == 200:
            self._acknowledge(event, response.json())
        else:
            self.rejected.append(f"{response.status} {response.data.decode(errors='replace')}")
        return True

    def _acknowledge(self, event: dict[str, Any], answer: dict[str, str]) -> None:
        detail = event["detail"]
        kind = detail["topicName"].split(".", 5)[5]
        names = SPANS.get(kind, ())
        if answer["spans"] == str(len(names)):
            self._ledger.promise(detail["eventBody"]["conversationId"], *names)
        else:
            self._ledger.refuse(answer["ignored"])

    def _fetch_token(self) -> str:
        with self._lock:
            if not self._token:
                time.sleep(0.2)  # a client that is refused does not ask for tokens as fast as it can
                self._token = self._credentials.access_token(self._url)
            return self._token
