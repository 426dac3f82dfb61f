"""`make bench`: what starting a call costs, in units of a Flask route that returns a constant.

Both run under the same gunicorn settings, each with one worker, and are measured in turns. The processor time is the
server's; the throughput is what one worker reaches while this process and the agent share the machine with it.
"""

from __future__ import annotations

import json
import statistics
import uuid
from dataclasses import dataclass, field

from architect.sandbox import Agent, Credentials, Service
from bench import load

ROUNDS = 7
REQUESTS = 2000
CONNECTIONS = 8


@dataclass
class Candidate:
    """Something to measure: its server, where its requests go, and what was measured, a figure a round."""

    name: str
    server: Service
    path: str
    headers: dict[str, str]
    cpu_seconds: list[float] = field(default_factory=list)
    throughput: list[float] = field(default_factory=list)

    def warm_up(self) -> None:
        """Send some requests without measuring."""
        load.run(self.server.url, self._requests(500), CONNECTIONS)

    def measure(self) -> None:
        """Measure one round."""
        requests = self._requests(REQUESTS)
        before = self.server.cpu_seconds()
        seconds = load.run(self.server.url, requests, CONNECTIONS)
        self.cpu_seconds.append((self.server.cpu_seconds() - before) / REQUESTS)
        self.throughput.append(REQUESTS / seconds)

    def _requests(self, count: int) -> list[bytes]:
        bodies = (
            {
                "conversationId": str(uuid.uuid4()),
                "traceparent": "",
                "flowName": "Sales inbound",
                "channel": "voice",
                "direction": "inbound",
                "queueName": "Sales",
                "tags": "priority:high,line:sales",
            }
            for _ in range(count)
        )
        url = self.server.url + self.path
        return [load.request_bytes(url, json.dumps(body).encode(), self.headers) for body in bodies]


def main() -> None:
    """Run the benchmark and print its table."""
    credentials = Credentials.new()
    agent = Agent().start()
    constant_server = Service(agent.url, credentials, application="bench.constant:app", WEB_CONCURRENCY="1").start()
    callspan_server = Service(agent.url, credentials, WEB_CONCURRENCY="1").start()
    try:
        json_headers = {"Content-Type": "application/json"}
        constant = Candidate("Flask constant", constant_server, "/constant", json_headers)
        token = {"Authorization": f"Bearer {credentials.access_token(callspan_server.url)}", **json_headers}
        start = Candidate("start-call-trace", callspan_server, "/v1/actions/start-call-trace", token)
        for candidate in (constant, start):
            candidate.warm_up()
        for _ in range(ROUNDS):
            for candidate in (constant, start):
                candidate.measure()
            agent.clear()
    finally:
        for process in (callspan_server, constant_server, agent):
            process.stop()
    report(constant, start)


def report(unit: Candidate, *others: Candidate) -> None:
    """Print each candidate's medians, and its ratio to the unit in the same round: median, least and greatest."""
    print(f"{ROUNDS} rounds of {REQUESTS} requests over {CONNECTIONS} connections, one worker each")
    print(f"{'':18} {'CPU us':>8} {'per s':>8}   {'CPU ratio':22} throughput ratio")
    for candidate in (unit, *others):
        cpu = statistics.median(candidate.cpu_seconds) * 1e6
        per_second = statistics.median(candidate.throughput)
        cpu_ratio = ratios(candidate.cpu_seconds, unit.cpu_seconds)
        print(
            f"{candidate.name:18} {cpu:8.0f} {per_second:8.0f}   {cpu_ratio:22} "
            f"{ratios(candidate.throughput, unit.throughput)}"
        )


def ratios(values: list[float], units: list[float]) -> str:
    """Return the median of the ratios, and their range."""
    found = [value / unit for value, unit in zip(values, units, strict=True)]
    return f"{statistics.median(found):.2f} ({min(found):.2f}-{max(found):.2f})"


if __name__ == "__main__":
    main()
