"""What Genesys' sources leave open, or disagree on, about the platform API; and what a stand-in does, by name.

Modules name the choices they make. Where nothing else decides, the reading was taken that is harder on a client.
"""

from __future__ import annotations

from architect.emulator.choices import Choice

_ALL = (
    Choice(
        "analytics-at-once",
        "how soon a conversation is found in analytics",
        "at once",
        "what matters is that attributes never are",
    ),
    Choice(
        "disconnected-participant",
        "whether a participant who has left still takes attributes while the conversation goes on",
        "it does",
        "only a third party claims that such writes are not always kept",
    ),
    Choice(
        "ended-conversation",
        "whether a write to an ended conversation is accepted (202) or refused (404)",
        "accepted and not stored; refused with `ended_conversation=not-found`",
        "the documents say no more than that it is never stored; a 202 is the harder case",
    ),
    Choice(
        "flow-caller",
        "whose data a flow works on when nobody is there as customer",
        "an external party's, else a user's; among equals that of the first to join",
        "the documents name the caller of an inbound and the recipient of an outbound flow",
    ),
    Choice(
        "flow-holds-reads",
        "whether a voice flow, when it ends, also writes back what it only read",
        "it does; not with `flow_holds_reads=false`",
        "the documents say that its values overwrite where it handles the attribute",
    ),
    Choice(
        "flow-wins-over-pending",
        "what wins when a flow ends while a write accepted earlier is not visible yet",
        "the flow, for the attributes it holds",
        'Genesys, "Get Participant Data action": the value set by the flow overwrites',
    ),
    Choice(
        "malformed-id",
        "what an id that is no UUID answers",
        "400 bad.request, in the words of a recorded answer of another route",
        "that route refuses an agent's id so",
    ),
    Choice(
        "media-specific-answer",
        "whether a write below /calls, /callbacks, /emails or /messages answers the attributes",
        "no; yes with `media_specific_answer=echo`",
        "the API description has an empty 202, the SDK expects `ParticipantAttributes`; a client must live with both",
    ),
    Choice(
        "merge-by-key",
        "whether attributes that a write leaves out stay",
        "they stay, and nothing deletes one",
        "Genesys' own modules write a single key; no document promises it",
    ),
    Choice(
        "missing-attributes",
        "what a body without `attributes` does",
        "accepted, changes nothing",
        "the property is optional in the model",
    ),
    Choice(
        "no-attributes",
        "whether a participant without attributes has the property at all",
        "it has, as an empty object",
        "the property is optional in the model",
    ),
    Choice(
        "order-of-checks",
        "which of several errors a request gets",
        "token, limit of requests, permission, ids, Content-Type, body, in that order",
        "no document says",
    ),
    Choice(
        "other-medium",
        "what /calls/{id} answers for a conversation that is no call",
        "404 not.found",
        "it is not found among the calls",
    ),
    Choice(
        "other-values",
        "what becomes of a value that is no string",
        "400 invalid.value; made text of with `other_values=text`",
        "the model has strings only, a tutorial of Genesys' sends `true`",
    ),
    Choice(
        "participant-resource",
        "the status of PATCH .../participants/{id} and what becomes of names its model does not have",
        "202, and they are ignored",
        "its model has no attributes; people report that such a request succeeds and does nothing",
    ),
    Choice(
        "pending-at-end",
        "what becomes of a write that is not visible yet when the conversation ends",
        "it is lost; stored with `pending_at_end=stored`",
        "nothing set after the end is saved; the stricter reading includes what had not arrived",
    ),
    Choice(
        "rate-limit-of",
        "whether requests are counted for each client or for each token",
        "for each client; for each token with `rate_limit_of=token`",
        "Genesys' forum says client, one of its blueprints says token",
    ),
    Choice(
        "rate-limit-window",
        "which minute the limit is about, and whether refused requests count",
        "the 60 seconds before a request; they do not",
        "no document says",
    ),
    Choice(
        "token-calls-limited",
        "how often a client may ask for a token",
        "as often as it may call the API, counted apart",
        "they are said to be limited, without a figure",
    ),
    Choice(
        "token-errors",
        "which 401 an unknown and an expired token get",
        "bad.credentials for both, authentication.required without one",
        "bad.credentials is what recorded answers show",
    ),
    Choice(
        "token-refusals",
        "the status and words of a refused token request",
        "400 with `error`, `description` and `error_description`",
        "users of Genesys' SDKs quote this body; clients are written that take it for a bad request",
    ),
    Choice(
        "unknown-paths",
        "whether a path that does not exist is told without a token",
        "it is: 404, or 405 for another method, and an error in the log",
        "a wrong path must be noticed at once",
    ),
    Choice(
        "value-repeated",
        "whether the message about a wrong value repeats it",
        "it does",
        "the documented message has a place for it, in recorded ones that place is empty; it must reach no log",
    ),
    Choice(
        "write-delay",
        "how long it takes until an accepted write is visible",
        "half a second, or `write_delay` seconds",
        "Genesys' FAQ advises to look again, for example up to 10 seconds",
    ),
    Choice(
        "write-order",
        "whether writes to one participant can overtake each other",
        "they take effect in the order they were accepted",
        "no report of the opposite was found",
    ),
)

CHOICES = {choice.id: choice for choice in _ALL}
