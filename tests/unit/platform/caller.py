"""A client of the platform API that asks once and takes any answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import urllib3


@dataclass
class Caller:
    """Asks at an address; with a token, once it has fetched one."""

    url: str
    token: str = ""

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> urllib3.BaseHTTPResponse:
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        options = {} if body is None else {"json": body}
        return self._send(method, path, headers=headers, **options)

    def ask_for_token(self, client: str = "client", secret: str = "secret", **form: str) -> urllib3.BaseHTTPResponse:
        headers = urllib3.make_headers(basic_auth=f"{client}:{secret}")
        fields = {"grant_type": "client_credentials", **form}
        return self._send("POST", "/oauth/token", headers=headers, fields=fields, encode_multipart=False)

    def with_token(self) -> Caller:
        self.token = self.ask_for_token().json()["access_token"]
        return self

    def _send(self, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        with urllib3.PoolManager(retries=False, timeout=5) as http:
            return http.request(method, self.url + path, **options)
