"""Functions for what belongs to an organisation, for audio and for JSON (choices `directory`, `json`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from architect.emulator.json_text import JsonTextError, loads
from architect.expressions.errors import FailureError
from architect.expressions.overloads import Overload, overload
from architect.expressions.values import NOT_SET, Audio, AudioPart, Entity, NotSet

_OBJECTS = ("Group", "LanguageSkill", "Queue", "Skill", "User", "WrapupCode")
_FOUND_BY = (
    ("FindLanguageSkill", "LanguageSkill", "name"),
    ("FindQueue", "Queue", "name"),
    ("FindQueueById", "Queue", "id"),
    ("FindSkill", "Skill", "name"),
    ("FindUser", "User", "username"),
    ("FindUserById", "User", "id"),
)


def _found_by(kind: str, key: str) -> Callable[[str | NotSet], Entity | NotSet]:
    return lambda wanted: NOT_SET if wanted is NOT_SET else Entity(kind, {key: wanted})


def _pairs(agents: Sequence[object], scores: Sequence[object]) -> list[Entity]:
    if len(agents) != len(scores):
        raise FailureError(f"there are {len(agents)} agents but {len(scores)} scores")
    return [
        Entity("AgentScorePair", {"agent": agent, "score": score}) for agent, score in zip(agents, scores, strict=True)
    ]


def _audio(kind: str) -> Callable[[str | int | timedelta | NotSet], Audio]:
    return lambda content: Audio((AudioPart(kind, content),))


def as_audio(value: Audio | Entity | NotSet) -> Audio:
    """Turn a prompt into the audio that plays it; NOT_SET is silence."""
    if isinstance(value, Entity):
        name = value.properties.get("name", NOT_SET)
        return Audio((AudioPart("prompt", name if isinstance(name, str) else NOT_SET),))
    return value if isinstance(value, Audio) else Audio(())


def _append(*pieces: Audio | Entity | NotSet) -> Audio:
    return Audio(tuple(part for piece in pieces for part in as_audio(piece).parts))


def _json_parse(text: str | NotSet) -> object:
    if text is NOT_SET:
        return NOT_SET
    try:
        value = loads(str(text))
    except JsonTextError as error:
        raise FailureError(f"the text is not JSON: {error.message} at character {error.offset + 1}") from None
    return NOT_SET if value is None else value


def json_property(value: object, name: str) -> object:
    """Read a property of a JSON object; names are case-sensitive (Genesys, "JSON values in Architect")."""
    if not isinstance(value, dict):
        raise FailureError(f"the JSON value is not an object, so it has no property '{name}'")
    if name not in value:
        raise FailureError(f"the JSON object has no property '{name}'")
    found = value[name]
    return NOT_SET if found is None else found


OVERLOADS: tuple[Overload, ...] = (
    *(overload(f"To{kind}(valueToConvert: {kind}?) -> {kind}", lambda value: value) for kind in _OBJECTS),
    *(overload(f"{name}(wanted: String?) -> {kind}", _found_by(kind, key)) for name, kind, key in _FOUND_BY),
    overload(
        "MakeListAgentScorePair(agents: User Collection, scores: Integer Collection) -> AgentScorePair Collection",
        _pairs,
    ),
    overload("ToAudioTTS(text: String?) -> Audio", _audio("tts")),
    overload("ToAudioBlank(lengthMs: Integer literal[0..10000]) -> Audio", _audio("blank")),
    overload("ToAudioDuration(durationToConvert: Duration?) -> Audio", _audio("duration")),
    overload("ToAudio(promptToConvert: Prompt) -> Audio", as_audio),
    overload("Append(initialAudioOrPrompt: Audio or Prompt?, toAppend: Audio or Prompt?...) -> Audio", _append),
    overload(
        "AudioPlaybackOptions(audio: Audio or Prompt, bargeIn: Boolean literal) -> Audio",
        lambda audio, barge_in: replace(as_audio(audio), barge_in=barge_in),
    ),
    overload("JsonParse(text: String?) -> JSON", _json_parse),
    overload("GetJsonObjectProperty(json: JSON, propertyName: String) -> JSON", json_property),
)
