"""Tests of Callspan. ddtrace is given an agent address where nothing listens, so that no test reaches a real agent."""

import os

for name in [name for name in os.environ if name.startswith(("DD_", "CALLSPAN_"))]:
    del os.environ[name]
os.environ["DD_TRACE_AGENT_URL"] = "http://127.0.0.1:9"

# Before any test imports ddtrace by itself, which would leave it without the settings that Callspan gives it.
import app.telemetry  # noqa: E402, F401
