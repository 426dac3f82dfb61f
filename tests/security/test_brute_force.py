"""Who guesses secrets is slowed down, whatever address he says he comes from."""

from __future__ import annotations

import base64

import pytest

from tests.system.conftest import Caller

PER_MINUTE, WORKERS = 4, 2
"""As tests/security/conftest.py sets it; without Redis each worker counts for itself."""


@pytest.mark.parametrize(
    "disguise",
    [
        "X_Forwarded_For: 203.0.113.{n}",
        "X-Real-IP: 203.0.113.{n}",
        "X-Forwarded-For: 203.0.113.{n}, 192.0.2.200",
    ],
)
def test_a_guesser_is_stopped_whatever_address_he_claims(caller: Caller, disguise: str) -> None:
    """The proxy in front adds the address that it saw as the last of X-Forwarded-For; only that one counts."""
    claimed, _, value = disguise.partition(":")
    real = f"192.0.2.{len(disguise)}"
    answers = []
    for n in range(WORKERS * PER_MINUTE + 1):
        headers = {claimed: value.strip().format(n=n)}
        forwarded = headers.pop("X-Forwarded-For", real)
        guess = base64.b64encode(f"genesys:guess{n}".encode()).decode()
        status, _ = caller.request(
            "POST", "/oauth/token", "grant_type=client_credentials",
            **{
                "X-Forwarded-For": forwarded, "Authorization": f"Basic {guess}",
                "Content-Type": "application/x-www-form-urlencoded", **headers,
            },
        )  # fmt: skip
        answers.append(status)
    assert answers.count(429) >= 1
    assert set(answers) <= {400, 401, 429}
