"""What a deployed service tells of itself: which version it is, which contracts it has, and how its agent is."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import app
from app.api.health import OPENAPI
from app.doctor.check import Check
from app.doctor.web import Reply, UnreachableError, Web

VERSION, CONTRACTS, TELEMETRY, ADDRESS = "version", "contracts", "telemetry there", "address"
_WHO = "the service"


def deployed(web: Web, url: str) -> list[Check]:
    """Ask the service at `url`; only the first check when it is not there, or is something else."""
    try:
        version = _version(web.ask(_WHO, "GET", url, "/version"), url)
        if version.status == "failed":
            return [version]
        return [
            version,
            _address(url),
            _contracts(web.ask(_WHO, "GET", url, "/openapi.json")),
            _telemetry(web.ask(_WHO, "GET", url, "/readyz")),
        ]
    except UnreachableError as error:
        return [Check(VERSION, "failed", f"{url}: {error}", "Start the service, or correct --url.")]


def _version(reply: Reply, url: str) -> Check:
    if 300 <= reply.status < 400:
        return Check(
            VERSION,
            "failed",
            f"{url} redirects; Genesys Cloud documents no redirects for data actions",
            "Give the address that it redirects to, here and in the exported actions.",
        )
    running = reply.field("version")
    if reply.status != 200 or reply.field("name") != "callspan" or not isinstance(running, str):
        what = f"{url}/version answers {reply.status}, and not as Callspan does"
        return Check(VERSION, "failed", what, "Correct --url; it is the service's address without a path.")
    commit = reply.field("commit")
    told = f"Callspan {running}" + (f" (commit {commit[:12]})" if isinstance(commit, str) and commit else "")
    if running != app.__version__:
        what = f"{told} runs at {url}, and this is {app.__version__}"
        return Check(VERSION, "warning", what, "Deploy this version, or run the doctor of that one.")
    return Check(VERSION, "ok", f"{told} runs at {url}")


def _address(url: str) -> Check:
    if urlsplit(url).scheme == "https":
        return Check(ADDRESS, "ok", "https, with a certificate that is trusted here")
    return Check(
        ADDRESS,
        "warning",
        "plain http on this machine, which Genesys Cloud cannot reach",
        "Give the public https address, to have that looked at too.",
    )


def _contracts(reply: Reply) -> Check:
    theirs, ours = reply.document, json.loads(OPENAPI.read_bytes())
    if reply.status != 200 or not isinstance(theirs, dict):
        what = f"/openapi.json answers {reply.status}"
        return Check(CONTRACTS, "failed", what, "See what stands between here and the service.")
    different = sorted(_different(ours.get("paths"), theirs.get("paths")))
    if different:
        return Check(
            CONTRACTS,
            "warning",
            f"the service's contracts are not those of this version: {', '.join(different)}",
            "Deploy this version, or export the actions with the version that is deployed.",
        )
    if theirs != ours:
        return Check(CONTRACTS, "ok", "the paths are those of this version; their description reads differently")
    return Check(CONTRACTS, "ok", f"those of this version, {len(ours['paths'])} paths")


def _different(ours: object, theirs: object) -> set[str]:
    """Return the paths that only one side has, or that the two have differently."""
    left = ours if isinstance(ours, dict) else {}
    right = theirs if isinstance(theirs, dict) else {}
    return {path for path in left.keys() | right.keys() if left.get(path) != right.get(path)}


def _telemetry(reply: Reply) -> Check:
    reachable, lost = reply.field("agent_reachable"), reply.field("undelivered_spans")
    if reply.status != 200 or not isinstance(lost, int):
        return Check(TELEMETRY, "failed", f"/readyz answers {reply.status}", "Look at the service's log.")
    if reachable is not True:
        return Check(
            TELEMETRY,
            "failed",
            f"the service does not reach its agent, and has given up {lost} spans",
            "Start the Datadog agent beside the service, or set the service's DD_TRACE_AGENT_URL.",
        )
    if lost:
        return Check(
            TELEMETRY,
            "warning",
            f"the agent is reached now, but {lost} spans have been given up since the service started",
            "See in the service's log when, and whether the agent was away or refused them.",
        )
    return Check(TELEMETRY, "ok", "the service reaches its agent, and has given up no span")
