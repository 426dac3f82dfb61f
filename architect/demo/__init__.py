"""`make demo`: some calls, from the flow to the trace, with nothing simulated but Genesys Cloud itself.

The service runs by its Procfile and sends to Datadog's own test agent. `architect/flows/inbound-call.yaml` is run by
the emulator of Architect, its data action executed over HTTP from the exported file. Everything shown is then compared
with what it should be; a difference ends the demo with exit code 1.
"""
