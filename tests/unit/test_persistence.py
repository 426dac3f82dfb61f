from __future__ import annotations

import pytest

from app.genesys.persistence import check_persistence
from app.identity import conversation_trace
from tests.conftest import CONVERSATION, OTHER_TRACEPARENT, TRACE_ID, TRACEPARENT

OWN = conversation_trace(CONVERSATION)
OTHER_TRACE_ID = OTHER_TRACEPARENT[3:35]
URL = f"https://app.datadoghq.com/apm/trace/{TRACE_ID}"


@pytest.mark.parametrize(
    ("attributes", "result", "source"),
    [
        ({"traceparent": TRACEPARENT, "dd_trace_id": TRACE_ID, "callspan_source": "service"}, "persisted", "service"),
        ({"traceparent": TRACEPARENT, "callspan_source": "flow"}, "persisted", "flow"),
        ({"dd_trace_id": TRACE_ID}, "persisted", "none"),
        ({"traceparent": OTHER_TRACEPARENT, "dd_trace_id": OTHER_TRACE_ID}, "persisted", "none"),
        ({"traceparent": OTHER_TRACEPARENT}, "persisted", "none"),
        ({}, "missing", "none"),
        (None, "missing", "none"),
        (["traceparent"], "missing", "none"),
        ({"ANI": "+15551234567", "dd_trace_url": URL, "callspan_source": "flow"}, "missing", "flow"),
        ({"traceparent": TRACEPARENT, "dd_trace_id": OTHER_TRACE_ID}, "overwritten", "none"),
        ({"traceparent": OTHER_TRACEPARENT, "dd_trace_id": TRACE_ID}, "overwritten", "none"),
        ({"dd_trace_id": OTHER_TRACE_ID}, "overwritten", "none"),
        ({"traceparent": ""}, "overwritten", "none"),
        ({"traceparent": TRACEPARENT, "dd_trace_id": ""}, "overwritten", "none"),
        ({"traceparent": TRACEPARENT.upper(), "dd_trace_id": TRACE_ID}, "overwritten", "none"),
        ({"traceparent": TRACEPARENT, "dd_trace_id": TRACE_ID, "callspan_source": "me"}, "persisted", "other"),
        ({"traceparent": TRACEPARENT, "callspan_source": ["flow"]}, "persisted", "other"),
        ({"traceparent": 1, "dd_trace_id": 2}, "overwritten", "none"),
    ],
)
def test_participant_data_is_held_to_the_conversations_id(attributes: object, result: str, source: str) -> None:
    found = check_persistence(OWN, attributes)
    assert (found.result, found.source, found.expected) == (result, source, TRACEPARENT)


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        ({"traceparent": OTHER_TRACEPARENT, "dd_trace_id": TRACE_ID}, OTHER_TRACEPARENT),
        ({"dd_trace_id": OTHER_TRACE_ID}, OTHER_TRACE_ID),
        ({"traceparent": "Ann Example, +15551234567"}, ""),
        ({"dd_trace_id": "ann@example.com"}, ""),
    ],
)
def test_only_what_has_the_form_of_an_id_is_repeated(attributes: object, found: str) -> None:
    assert check_persistence(OWN, attributes).found == found
