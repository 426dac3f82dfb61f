"""The job on FastAPI and uvicorn, with pydantic models on both sides; it runs in the environment of requirements.txt.

`TOKEN_CACHE=1` keeps verified tokens until they expire, so that it can be compared with services that do.
"""

from __future__ import annotations

import functools
import os
import time
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from bench.peers import job

app = FastAPI(openapi_url=None)
bearer = HTTPBearer(auto_error=False)


class Inputs(BaseModel):
    """The inputs of Start Call Trace."""

    conversationId: str  # noqa: N815 - the contract's name
    traceparent: str | None = None
    flowName: str | None = None  # noqa: N815
    tags: str | None = None
    channel: str | None = None
    direction: str | None = None
    queueName: str | None = None  # noqa: N815


class Outputs(BaseModel):
    """The outputs of Start Call Trace."""

    status: str
    error_code: str
    error_message: str
    trace_id: str
    trace_id_decimal: str
    span_id: str
    span_id_decimal: str
    traceparent: str
    tracestate: str
    trace_url: str
    origin: str
    accepted_tags: str
    rejected_tags: str


def verified(token: str) -> dict[str, object]:
    """Return the claims of a token."""
    return jwt.decode(
        token, job.KEY, ["HS256"], issuer="callspan", audience="callspan", options={"require": job.CLAIMS}
    )


claims_of = functools.lru_cache(1024)(verified) if os.environ.get("TOKEN_CACHE") == "1" else verified


async def client(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
    """Return the client whose token came with the request."""
    if credentials is None:
        raise HTTPException(401)
    try:
        claims = claims_of(credentials.credentials)
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    if claims["exp"] <= time.time():
        raise HTTPException(401)
    if "actions" not in claims["scope"].split():
        raise HTTPException(403)
    return claims["sub"]


@app.exception_handler(RequestValidationError)
async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Answer what breaks the contract."""
    return JSONResponse(job.rejection("missing_input", str(error.errors()[0]["msg"])))


@app.exception_handler(job.RejectedError)
async def rejected(_request: Request, error: job.RejectedError) -> JSONResponse:
    """Answer what the job refuses."""
    return JSONResponse(job.rejection(error.code, error.message))


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Tell that the process answers."""
    return {}


@app.post("/v1/actions/start-call-trace")
async def start_call_trace(
    inputs: Inputs,
    client: Annotated[str, Depends(client)],
    inin_correlation_id: Annotated[str, Header()] = "",
    inin_organization_id: Annotated[str, Header()] = "",
) -> Outputs:
    """Do the job."""
    told = {name: value or "" for name, value in inputs}
    return Outputs(**job.start(told, client, inin_correlation_id, inin_organization_id))
