"""The contracts between Callspan and its callers, and what is generated from them.

A contract is written once, as marshmallow schemas. The data actions that are imported into Genesys Cloud
(`schemas.exports`) and the OpenAPI description (`schemas.openapi`) are derived from it.
"""

from schemas.contract import Contract
from schemas.start_call_trace import START_CALL_TRACE

CONTRACTS: tuple[Contract, ...] = (START_CALL_TRACE,)
"""The contract of every data action, in the order of a call."""

__all__ = ["CONTRACTS", "START_CALL_TRACE", "Contract"]
