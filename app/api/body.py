"""The JSON body of a request, for every route that takes one."""

from __future__ import annotations

import json
from typing import Any

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from app.errors import Rejection


def json_body() -> Any:
    """Return what the request's body says.

    Raises:
        Rejection: when it is not JSON.
        UnsupportedMediaType: when the request does not say that it is JSON.
        RequestEntityTooLarge: when it is larger than is read.

    """
    if not request.is_json:
        raise UnsupportedMediaType("Send the header Content-Type: application/json.")
    text = request.get_data(cache=False)
    # Werkzeug cuts a chunked body off at the limit in silence, and refuses it only when read further.
    request.stream.read(1)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Rejection("invalid_json", "The body is not JSON. Put each input through $esc.jsonEncode.") from None
