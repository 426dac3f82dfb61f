"""Metrics to Datadog, over DogStatsD: what there is, and how it is kept from costing a fortune.

A custom metric is billed for each combination of tag values that it is sent with (Datadog, "Custom metrics billing").
So every metric and its tags are declared here, ids are never among them, a user's tag reaches a metric only when
CALLSPAN_METRIC_TAGS names its key, and of each tag only the first hundred values are kept apart; the rest become
`other`. The tables in the documents and the checks of `monitoring/` are made from METRICS.
"""

from __future__ import annotations

import logging
import re
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.shared import KNOWN_VALUES, RECENT_SPANS, KnownValues, RecentIds
from app.tags import Tag, normalize

if TYPE_CHECKING:
    from datadog.dogstatsd.base import DogStatsd

log = logging.getLogger("callspan.metrics")

OTHER = "other"
"""The value of a tag that has had too many others, and of what looks like an id."""

_SAMPLES = 100
"""Of a distribution, how many values with the same tags are sent at a time, a few times a second; of more than that a
fair sample is, with its rate."""

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}|[0-9]{12,}")


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: a count of something, or the distribution of a length of time in milliseconds."""

    name: str
    kind: Literal["count", "distribution"]
    unit: str
    tags: tuple[str, ...]
    meaning: str
    user_tags: bool = False
    """Whether the user's tags that CALLSPAN_METRIC_TAGS names are on it too."""


CALLS_STARTED = Metric(
    "callspan.calls.started",
    "count",
    "call",
    ("flow", "channel", "direction", "origin"),
    "Calls whose flow asked for their trace. `origin` is minted, or continued when the call had a trace already.",
    user_tags=True,
)
MILESTONES = Metric(
    "callspan.milestones",
    "count",
    "event",
    ("milestone", "outcome", "flow"),
    "Milestones that flows recorded.",
    user_tags=True,
)
CALLS_ENDED = Metric(
    "callspan.calls.ended",
    "count",
    "call",
    ("by", "outcome", "disconnect_type"),
    "Calls that ended. `by` says who told: the flow, or an event. A call may be told by both.",
    user_tags=True,
)
QUEUE_WAIT = Metric(
    "callspan.queue.wait",
    "distribution",
    "millisecond",
    ("outcome", "channel", "direction"),
    "How long callers waited in a queue, and what came of it: answered, abandon, flow_out.",
)
TALK_TIME = Metric(
    "callspan.talk.time",
    "distribution",
    "millisecond",
    ("channel", "direction", "disconnect_type"),
    "How long agents talked, without alerting and hold.",
)
ATTRIBUTES = Metric(
    "callspan.attributes",
    "count",
    "event",
    ("result", "source"),
    "Reports of participant data: persisted, missing or overwritten, and whom `callspan_source` on the call names.",
)
EVENTS = Metric(
    "callspan.events",
    "count",
    "event",
    ("kind", "result", "reason"),
    "Events of Genesys Cloud that came in: told in spans, ignored for a reason, or malformed.",
)
REJECTIONS = Metric(
    "callspan.rejections",
    "count",
    "request",
    ("action", "reason"),
    'Data actions answered with `status: "rejected"`, by their `error_code`.',
)
REQUEST_DURATION = Metric(
    "callspan.request.duration",
    "distribution",
    "millisecond",
    ("route", "status_code"),
    "How long requests took to answer, inside the service.",
)
SPANS_UNDELIVERED = Metric(
    "callspan.spans.undelivered",
    "count",
    "span",
    (),
    "Spans that were given up because the agent could not be reached.",
)
TAGS_FOLDED = Metric(
    "callspan.metric_tags.folded",
    "count",
    "event",
    ("key",),
    "Values of a tag that became `other` because it had had too many.",
)

METRICS = (
    CALLS_STARTED,
    MILESTONES,
    CALLS_ENDED,
    QUEUE_WAIT,
    TALK_TIME,
    ATTRIBUTES,
    EVENTS,
    REJECTIONS,
    REQUEST_DURATION,
    SPANS_UNDELIVERED,
    TAGS_FOLDED,
)

TAG_NAMES = tuple(dict.fromkeys(tag for metric in METRICS for tag in metric.tags))
"""The tags that are ours, each once."""


class UndeclaredTagError(Exception):
    """A metric was given a tag that its declaration does not have: an error in the code."""


def dogstatsd() -> DogStatsd:
    """Return a client of the agent that DD_DOGSTATSD_URL, or DD_AGENT_HOST and DD_DOGSTATSD_PORT, name.

    It adds up counts and sends in the background, a few times a second; nothing waits for the agent. It puts the tags
    of DD_ENV, DD_SERVICE and DD_VERSION on every metric. It must be made in the process that uses it.
    """
    from datadog.dogstatsd.base import DogStatsd

    return DogStatsd(
        disable_buffering=False,
        disable_aggregation=False,
        max_metric_samples_per_context=_SAMPLES,
        disable_telemetry=True,
        track_instance=False,
    )


class Metrics:
    """Sends metrics that are declared here, with bounded tags."""

    def __init__(
        self,
        client: DogStatsd,
        user_tags: Iterable[str] = (),
        max_values: int = 100,
        known: KnownValues = KNOWN_VALUES,
        recent: RecentIds = RECENT_SPANS,
    ) -> None:
        self._client = client
        # What is still held back is sent when the process ends.
        weakref.finalize(self, client.stop)
        self._recent = recent
        self._user_tags = frozenset(user_tags)
        self._max_values = max_values
        self._known = known
        # Sorted, so that every worker gives a tag the same number.
        self._numbers = {key: n for n, key in enumerate((*TAG_NAMES, *sorted(self._user_tags)))}
        self._texts: dict[tuple[str, str], str] = {}
        self._folding: set[str] = set()

    def is_new(self, span_id: str) -> bool:
        """Return whether a span is met for the first time, so that a retry or a redelivery is not counted again."""
        return self._recent.is_new(span_id)

    def count(self, metric: Metric, tags: Mapping[str, str], user_tags: Iterable[Tag] = (), amount: int = 1) -> None:
        """Add to a count. A tag whose value is "" is left out.

        Raises:
            UndeclaredTagError: for a tag that the metric does not have.

        """
        self._client.increment(metric.name, amount, self._tags(metric, tags, user_tags))

    def distribution(self, metric: Metric, milliseconds: float, tags: Mapping[str, str]) -> None:
        """Add one length of time to a distribution; tags as with `count`."""
        self._client.distribution(metric.name, milliseconds, self._tags(metric, tags, ()))

    def flush(self) -> None:
        """Send what is still held back, added up and not."""
        self._client.flush_aggregated_metrics()
        self._client.flush()

    def _tags(self, metric: Metric, tags: Mapping[str, str], user_tags: Iterable[Tag]) -> list[str]:
        for key in tags:
            if key not in metric.tags:
                raise UndeclaredTagError(f"{metric.name} has no tag {key}")
        texts = [self._text(key, value) for key, value in tags.items() if value]
        if metric.user_tags:
            texts.extend(self._text(tag.key, tag.value) for tag in user_tags if tag.key in self._user_tags)
        return texts

    def _text(self, key: str, value: str) -> str:
        """Return a tag as it is sent, its value folded when the tag has had too many."""
        text = self._texts.get((key, value))
        if text is not None:
            return text
        kept = normalize(value)
        if _ID.search(kept) or not self._known.admit(self._numbers[key], kept, self._max_values):
            self._fold(key)
            return f"{key}:{OTHER}"
        text = f"{key}:{kept}"
        # The same value may come in many spellings; a few of them are remembered.
        if len(self._texts) < 4 * self._max_values * len(self._numbers):
            self._texts[key, value] = text
        return text

    def _fold(self, key: str) -> None:
        if key not in self._folding:
            self._folding.add(key)
            fields = {"key": key, "limit": str(self._max_values)}
            log.warning("a metric tag has too many values, the rest become other", extra={"fields": fields})
        self._client.increment(TAGS_FOLDED.name, 1, [f"key:{key}"])
