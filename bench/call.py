"""The request that every candidate is sent: Start Call Trace as the exported data action sends it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3

from bench.candidates import PATH
from bench.load import CONVERSATION, ROOT_ID, TRACE_ID, Plan

ORGANIZATION = "d6f2b1c4-0a4e-4c55-9a0e-3c1b7f5e2a90"
TAGS = "priority:high,line:sales"

_http = urllib3.PoolManager(retries=False, timeout=30)


@dataclass(frozen=True)
class Call:
    """A start of a call, with a token. `padding` is the length of an input that the contract does not know."""

    token: str
    tags: str = TAGS
    padding: int = 0

    def plan(self, url: str, seconds: float, *, rate: float = 0, core: int | None = None) -> Plan:
        """Return the load of calls like this for a server."""
        port = urlsplit(url).port or 80
        return Plan(port, PATH, self.headers(), self.body(), seconds, rate=rate, core=core)

    def headers(self) -> dict[str, str]:
        """Return the headers that Genesys Cloud would send."""
        return {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "ININ-Correlation-Id": CONVERSATION,
            "ININ-Organization-Id": ORGANIZATION,
        }

    def body(self) -> str:
        """Return the inputs; the shipped flows pass the traceparent that they computed themselves."""
        padding = {"padding": "x" * self.padding} if self.padding else {}
        return json.dumps(
            {
                "conversationId": CONVERSATION,
                "traceparent": f"00-{TRACE_ID}-{ROOT_ID}-01",
                "flowName": "Sales inbound",
                "tags": self.tags,
                "channel": "voice",
                "direction": "inbound",
                "queueName": "Sales",
                **padding,
            }
        )

    def ask(self, url: str, body: dict[str, object], correlation_id: str) -> tuple[int, dict[str, str]]:
        """Send one request by itself; return the status and the answer."""
        headers = {**self.headers(), "ININ-Correlation-Id": correlation_id}
        answer = _http.request("POST", url + PATH, body=json.dumps(body), headers=headers)
        try:
            found: dict[str, str] = answer.json()
        except ValueError:
            found = {}
        return answer.status, found
