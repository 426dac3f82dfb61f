"""The contracts between Callspan and its callers, and what is generated from them.

A contract is written once, as marshmallow schemas. The data actions that are imported into Genesys Cloud
(`schemas.exports`) and the OpenAPI description (`schemas.openapi`) are derived from it.
"""

from schemas.contract import Contract
from schemas.end_call_trace import END_CALL_TRACE
from schemas.record_call_milestone import RECORD_CALL_MILESTONE
from schemas.report_call_event import REPORT_CALL_EVENT
from schemas.start_call_trace import START_CALL_TRACE

CONTRACTS: tuple[Contract, ...] = (
    START_CALL_TRACE,
    RECORD_CALL_MILESTONE,
    END_CALL_TRACE,
    REPORT_CALL_EVENT,
)
"""The contract of every data action, in the order of a call."""

__all__ = ["CONTRACTS", "END_CALL_TRACE", "RECORD_CALL_MILESTONE", "REPORT_CALL_EVENT", "START_CALL_TRACE", "Contract"]
