"""`make fuzz`: ever new input, for as long as FUZZ_SECONDS says or until something breaks.

A third of the time goes to Schemathesis, which reads `/openapi.json` of a running service and asks it for everything in
every way; the rest to the tests of this folder, in rounds of some thousand inputs each.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from architect.emulator.platform import Organization, PlatformStandIn
from architect.sandbox import Agent, Credentials, Service

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


def schemathesis(seconds: int) -> int:
    """Let Schemathesis ask a service that has everything it can have, and return the exit code."""
    credentials = Credentials.new(("actions", "events", "attributes"))
    agent = Agent().start()
    with PlatformStandIn(Organization()) as platform:
        platform.organization.clients.add("our-id", "our-secret")
        settings = {
            "GENESYSCLOUD_REGION": "eu-central-1",
            "GENESYSCLOUD_OAUTHCLIENT_ID": "our-id",
            "GENESYSCLOUD_OAUTHCLIENT_SECRET": "our-secret",
            "CALLSPAN_GENESYS_URL": platform.url,
            "CALLSPAN_GENESYS_RATE_LIMIT": "100000",
            "CALLSPAN_TOKEN_RATE_LIMIT": "1000000 per second",
        }
        service = Service(agent.url, credentials, **settings).start()
        try:
            token = credentials.access_token(service.url)
            command = [sys.executable, "-m", "schemathesis.cli", f"--config-file={CONFIGURATION}", "run"]
            options = ["--checks=all", "--continue-on-failure", f"--max-time={seconds}"]
            header = f"--header=Authorization: Bearer {token}"
            code = subprocess.run([*command, *options, header, f"{service.url}/openapi.json"], check=False).returncode
            if "Traceback" in service.output():
                sys.stderr.write(service.output())
                code = code or 1
        finally:
            service.stop()
            agent.stop()
    return code


def rounds(until: float) -> int:
    """Run the tests of this folder again and again, and return the exit code of the last."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", str(Path(__file__).parent)]
    environment = {**os.environ, "FUZZ_PROFILE": "minutes"}
    code = 0
    while code == 0 and time.monotonic() < until:
        # A round that would end late is cut short, which is no failure.
        left = max(until - time.monotonic(), 1)
        try:
            code = subprocess.run(command, env=environment, timeout=left, check=False).returncode
        except subprocess.TimeoutExpired:
            break
    return code


def main() -> int:
    """Fuzz, and return the exit code."""
    seconds = int(os.environ.get("FUZZ_SECONDS", "600"))
    until = time.monotonic() + seconds
    return schemathesis(max(seconds // 3, 1)) or rounds(until)


if __name__ == "__main__":
    sys.exit(main())
