"""Start everything, take the calls, and end with 1 if anything was not as it should be."""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from architect.demo import attributes, calls
from architect.demo.checks import Checks
from architect.demo.organization import ORGANIZATION, EventBridge, ListeningEngine, Organization
from architect.demo.trace import check_traces
from architect.emulator.export import DataAction
from architect.emulator.platform import PlatformStandIn
from architect.sandbox import Agent, Credentials, Service, callspan


def main() -> int:
    """Run the demo and return its exit code."""
    checks = Checks()
    with ExitStack() as stack:
        print("Starting Datadog's test agent and Callspan (gunicorn, by its Procfile) on loopback ports")
        agent = Agent().start()
        stack.callback(agent.stop)
        platform = stack.enter_context(PlatformStandIn(attributes.organization()))
        credentials = Credentials.new(("actions", "events", "attributes"))
        settings = attributes.access(platform)
        service = Service(agent.url, credentials, CALLSPAN_ROOT_SPAN="events", **settings).start()
        stack.callback(service.stop)
        print(f"  agent    {agent.url}\n  callspan {service.url}")

        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        print(f"Exporting the data actions: callspan export --base-url {service.url} --out ...")
        callspan("export", "--base-url", service.url, "--out", str(folder))
        auth = DataAction.load(folder / "callspan-auth.customAuth.json")
        engine = ListeningEngine(auth=auth, credentials=credentials.for_genesys(), organization_id=ORGANIZATION)
        organization = Organization(stack.enter_context(engine), folder)

        began = time.time()
        first = calls.a_call(organization, checks)
        calls.a_retry(organization, checks, first)
        calls.milestones(organization, checks, first)
        calls.its_events(EventBridge(service, credentials), checks, began)
        calls.concurrent_duplicates(organization, checks)
        moved = calls.a_continued_call(organization, checks, first)
        calls.a_rejected_call(organization, checks)
        check_traces(agent, checks, first, moved)
        attributes.show(platform, service, credentials, checks)
        service.stop()
        calls.without_the_service(organization, checks, first)
    if checks.failed:
        print(f"{checks.failed} of the claims above are wrong")
        return 1
    print("\nEverything above is as it should be. The first call:")
    print(f"conversation {calls.FIRST_CALL}\ntraceparent {first['traceparent']}\ndd_trace_id {first['dd_trace_id']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
