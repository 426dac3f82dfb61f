"""Relays that sign what they deliver, in place of a token.

Genesys Cloud itself signs neither data actions nor EventBridge deliveries; this is for a relay of one's own, such as a
Lambda function. The form is that of Genesys' Open Messaging webhooks: `X-Hub-Signature-256: sha256=<HMAC-SHA256 of the
body>`, in base64 or in hex. A relay that also sends the time signs `<seconds since 1970>.<body>`; what is older than
five minutes is then refused, so that a recorded delivery cannot be played again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time

from werkzeug.datastructures import Headers

WINDOW_SECONDS = 300


class InvalidSignatureError(Exception):
    """A delivery that was not signed with our secret, or not recently; the message may be shown."""


class SignatureCheck:
    """Checks the signature of a delivery. Without a `timestamp_header` the time is not part of it."""

    def __init__(self, secret: str, header: str, timestamp_header: str = "") -> None:
        self._secret = secret.encode()
        self._header = header
        self._timestamp_header = timestamp_header

    def is_signed(self, headers: Headers) -> bool:
        """Return whether a delivery carries a signature at all, right or wrong."""
        return self._header in headers

    def verify(self, headers: Headers, body: bytes) -> None:
        """Accept a delivery, in constant time.

        Raises:
            InvalidSignatureError: when it must be refused.

        """
        signed = body
        if self._timestamp_header:
            timestamp = headers.get(self._timestamp_header, "")
            if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 12:
                raise InvalidSignatureError(f"the header {self._timestamp_header} must be seconds since 1970")
            if abs(time.time() - int(timestamp)) > WINDOW_SECONDS:
                raise InvalidSignatureError("the signature is too old, or a clock is wrong")
            signed = timestamp.encode() + b"." + body
        expected = hmac.digest(self._secret, signed, hashlib.sha256)
        if not hmac.compare_digest(_decoded(headers.get(self._header, "")), expected):
            raise InvalidSignatureError("the signature does not fit the body")


def _decoded(value: str) -> bytes:
    """Return the digest that a header's value stands for, b"" when it stands for none."""
    text = value.strip().removeprefix("sha256=")
    try:
        return bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""
