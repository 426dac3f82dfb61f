"""A tag that an outside program writes on a call and that does not show up: why, and two ways that work.

Genesys Cloud's platform API is the stand-in of `architect.emulator.platform`. Each failure is explained by
`callspan why`, run as a user runs it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

import urllib3

from architect.demo.checks import Checks, title
from architect.emulator.platform import Behaviour, Conversation, Organization, PlatformStandIn
from architect.sandbox import Credentials, Service, callspan

CLIENT = ("outside-program", "its-secret")
_http = urllib3.PoolManager(retries=False, timeout=10)


class OutsideProgram:
    """A program that is told of a call and writes a tag on it by Genesys Cloud's platform API."""

    def __init__(self, platform: PlatformStandIn) -> None:
        self._url = platform.url
        basic = urllib3.make_headers(basic_auth=":".join(CLIENT))
        form = {"grant_type": "client_credentials"}
        answer = _http.request("POST", f"{self._url}/oauth/token", fields=form, headers=basic, encode_multipart=False)
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def write(self, path: str, **attributes: str) -> int:
        """Write attributes, and return the status of the answer."""
        print(_short(f"  PATCH {path} {attributes}"))
        return _http.request("PATCH", self._url + path, json={"attributes": attributes}, headers=self._headers).status

    def read(self, conversation: Conversation, participant: str) -> Mapping[str, str]:
        """Read a participant's attributes."""
        url = f"{self._url}/api/v2/conversations/{conversation.id}"
        parties = _http.request("GET", url, headers=self._headers).json()["participants"]
        found: Mapping[str, str] = next(each["attributes"] for each in parties if each["id"] == participant)
        return found


def access(platform: PlatformStandIn) -> dict[str, str]:
    """Return the settings with which Callspan takes the stand-in for Genesys Cloud."""
    return {
        "GENESYSCLOUD_REGION": "eu-central-1",
        "GENESYSCLOUD_OAUTHCLIENT_ID": CLIENT[0],
        "GENESYSCLOUD_OAUTHCLIENT_SECRET": CLIENT[1],
        "CALLSPAN_GENESYS_URL": platform.url,
    }


def organization() -> Organization:
    """Return an organisation with an OAuth client, whose writes take a moment to be stored."""
    made = Organization(Behaviour(write_delay=0.8))
    made.clients.add(*CLIENT)
    return made


def show(platform: PlatformStandIn, service: Service, credentials: Credentials, checks: Checks) -> None:
    """Reproduce the problem, explain it, and solve it twice."""
    # The stand-in logs the path that does not exist, which is shown below.
    logging.getLogger("architect.emulator.platform").addHandler(logging.NullHandler())
    call = platform.organization.start_conversation()
    customer, agent = call.join("customer").id, call.join("agent").id
    flow = call.start_flow("inboundCall")
    flow.set("priority", "normal")
    program, settings = OutsideProgram(platform), access(platform)
    path = f"/api/v2/conversations/{{}}{call.id}/participants/{{}}/attributes"

    def why(exit_code: int, *options: str) -> str:
        arguments = ("why", call.id, "--attribute", "priority", "--expected", "high", *options)
        told = callspan(*arguments, exit_code=exit_code, **settings)
        verdict, _, evidence = told.partition("\n\n")
        print(_short(f"  callspan {' '.join(arguments)}\n    {' '.join(verdict.split())}"))
        return " ".join(evidence.split())

    title("A tag written on a call from outside: to a path that does not exist")
    wrong = path.format("voice/", customer)
    checks.equal("Genesys Cloud answers 404", program.write(wrong, priority="high"), 404)
    told = why(1, "--wrote-to", wrong)
    checks.equal("why: the address", "there is no /conversations/voice in the API" in told, True)

    title("The same tag, on the participant that an event named: the agent")
    checks.equal("it is accepted", program.write(path.format("", agent), priority="high"), 202)
    told = why(1, "--wrote-to", path.format("", agent))
    checks.equal("why: the participant", f"it was written on agent {agent}" in told, True)

    title("On the customer, and looked for at once")
    checks.equal("it is accepted", program.write(path.format("", customer), priority="high"), 202)
    checks.equal("it is not there yet", program.read(call, customer).get("priority"), None)
    told = why(0)
    checks.equal(
        "why: it takes a moment", "it was there at the first reading" in told or "it appeared after" in told, True
    )

    title("Then the flow ends, which sets the same attribute")
    flow.end()
    checks.equal("the flow's value has taken its place", program.read(call, customer)["priority"], "normal")
    told = why(1, "--wait", "1")
    checks.equal("why: overwritten", "another value stands in its place" in told, True)

    by_the_flow(platform, program, checks)
    by_the_service(platform, program, service, credentials, checks)


def by_the_flow(platform: PlatformStandIn, program: OutsideProgram, checks: Checks) -> None:
    """Let the flow itself write it, as the flows of `architect/flows` do."""
    title("The way that works: the flow sets it, with Set Participant Data")
    call = platform.organization.start_conversation()
    customer = call.join("customer").id
    flow = call.start_flow("inboundCall")
    flow.set("priority", "high")
    flow.end()
    call.join("agent")
    checks.equal("it is on the customer", program.read(call, customer)["priority"], "high")


def by_the_service(
    platform: PlatformStandIn, program: OutsideProgram, service: Service, credentials: Credentials, checks: Checks
) -> None:
    """Let Callspan write it, where no flow of ours handles the conversation."""
    title("Where no flow handles it: POST /v1/conversations/{id}/attributes of Callspan")
    call = platform.organization.start_conversation()
    customer = call.join("customer").id
    call.join("agent")
    headers = {"Authorization": f"Bearer {credentials.access_token(service.url)}"}
    url = f"{service.url}/v1/conversations/{call.id}/attributes"
    report = _http.request("POST", url, json={"attributes": {"priority": "high"}}, headers=headers).json()
    print(f"  {report.get('reason')}; read {report.get('attempts')} times: {report.get('attributes')}")
    checks.equal("it chose the customer", report.get("participant_id"), customer)
    checks.equal("it read back that all of it is there", report.get("complete"), True)
    found = program.read(call, customer)
    trace_id = call.id.replace("-", "")
    checks.equal("the tag is there", found.get("priority"), "high")
    checks.equal("so is the call's trace", found.get("dd_trace_id"), trace_id)


def _short(text: str) -> str:
    """Return a text with the ids in it cut to their first digits, so that a line can be read."""
    return re.sub(r"\b([0-9a-f]{8})-[0-9a-f-]{27}\b", r"\1...", text)
