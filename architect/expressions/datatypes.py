"""Architect's data types by name, and which of them a parameter takes.

The names are those Architect shows: String, Integer, Decimal, Boolean, DateTime, Duration, Currency, PhoneNumber, JSON,
Audio, Prompt, and the objects an organisation is made of, such as Queue. Each has a collection; collections hold one
type and do not nest. `ANY` is a type not known before the expression runs, and takes part in everything; `NULL` is what
the bare word NOT_SET is until the call around it says which type it is NOT_SET of.
"""

from __future__ import annotations

from dataclasses import dataclass

_COLLECTION = "collection"


@dataclass(frozen=True, slots=True)
class DataType:
    """One type: the name of a single value's type, and whether this is the collection of it."""

    name: str
    of_many: bool = False

    def __str__(self) -> str:
        return f"{self.name} Collection" if self.of_many else self.name

    @property
    def collection(self) -> DataType:
        """The type of a collection of such values."""
        return DataType(self.name, of_many=True)

    @property
    def element(self) -> DataType:
        """The type of what a collection of this type holds."""
        return DataType(self.name)

    def takes(self, given: DataType) -> bool:
        """Tell whether a parameter of this type accepts a value of the type `given`.

        Audio is the one type that "Any" does not stand for.
        """
        if given == ANY:
            return True
        if self.of_many != given.of_many:
            return False
        if ANY.name in (self.name, given.name):
            return given not in (AUDIO, NULL)
        return given.name == self.name or (self == AUDIO_OR_PROMPT and given in (AUDIO, PROMPT))


STRING = DataType("String")
INTEGER = DataType("Integer")
DECIMAL = DataType("Decimal")
BOOLEAN = DataType("Boolean")
DATE_TIME = DataType("DateTime")
DURATION = DataType("Duration")
CURRENCY = DataType("Currency")
PHONE_NUMBER = DataType("PhoneNumber")
JSON = DataType("JSON")
AUDIO = DataType("Audio")
PROMPT = DataType("Prompt")
AUDIO_OR_PROMPT = DataType("Audio or Prompt")
ANY = DataType("Any")
NULL = DataType("NOT_SET")

SIMPLE = frozenset({STRING, INTEGER, DECIMAL, BOOLEAN, DATE_TIME, DURATION, AUDIO})
"""Types whose values have no properties."""

PROPERTIES = {
    PHONE_NUMBER: {
        "e164": STRING,
        "uri": STRING,
        "raw": STRING,
        "scheme": STRING,
        "isTel": BOOLEAN,
        "isSip": BOOLEAN,
        "isGlobal": BOOLEAN,
    },
    CURRENCY: {"amount": DECIMAL, "code": STRING},
}
"""Properties this engine knows in full, by type. What an object of an organisation has is not checked (choice
`object-properties`)."""

_SINGLE = (*SIMPLE, *PROPERTIES, JSON, PROMPT, ANY, NULL)
_OBJECTS = (
    "AgentScorePair",
    "Contact",
    "Email",
    "EmailAddress",
    "EmailAttachment",
    "ExternalAddress",
    "ExternalContact",
    "ExternalOrganization",
    "ExternalPhoneNumber",
    "Group",
    "LanguageSkill",
    "Queue",
    "Skill",
    "User",
    "WrapupCode",
)
_NAMES = {name.lower(): name for name in (*(each.name for each in _SINGLE), *_OBJECTS)}


def data_type(name: str) -> DataType:
    """Find the type called `name`, in any letter case and as a flow's YAML writes it too (`stringCollection`).

    A name unknown here is taken for that of an object type. Raises ValueError for an empty one.
    """
    single = name.replace(" ", "")
    of_many = single.lower().endswith(_COLLECTION)
    if of_many:
        single = single[: -len(_COLLECTION)]
    if not single:
        message = f"{name!r} is not the name of a data type"
        raise ValueError(message)
    return DataType(_NAMES.get(single.lower(), single), of_many)
