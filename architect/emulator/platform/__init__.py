"""A stand-in for Genesys Cloud's platform API, as far as participant attributes go.

`PlatformStandIn` serves it; its `organization` is told what happens: who is in a conversation, what flows do, what goes
wrong. `choices` lists what Genesys' sources leave open and what is done about it here.
"""

from architect.emulator.platform.behaviour import Behaviour
from architect.emulator.platform.clients import VIEW_ANALYTICS, VIEW_CONVERSATION
from architect.emulator.platform.clock import Clock, StoppedClock
from architect.emulator.platform.conversation import Conversation, Participant
from architect.emulator.platform.faults import Fault
from architect.emulator.platform.organization import Organization
from architect.emulator.platform.server import PlatformStandIn

__all__ = [
    "VIEW_ANALYTICS",
    "VIEW_CONVERSATION",
    "Behaviour",
    "Clock",
    "Conversation",
    "Fault",
    "Organization",
    "Participant",
    "PlatformStandIn",
    "StoppedClock",
]
