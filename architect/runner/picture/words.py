"""What a picture says of an action: its kind in Architect's words, and what it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from architect.runner.flow import Action, Flow, reference_id
from architect.runner.source import Node, Record, Scalar
from architect.runner.steps_data import data_action
from architect.runner.values import StepError

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_KINDS = {"callData": "Call Data Action", "transferToAcd": "Transfer to ACD", "menuTransferToAcd": "Transfer to ACD"}
_SMALL = {"to", "by"}
_TARGETS = ("targetQueue", "targetFlow", "targetFlowSecure", "targetUser", "targetGroup", "phoneNumber", "targetNumber")
_SPOKEN = (("audio",), ("messageBody",), ("responseText",))


def kind_words(kind: str) -> str:
    """Return an action's kind in words.

    >>> kind_words("setParticipantData"), kind_words("jumpToTask"), kind_words("callData")
    ('Set Participant Data', 'Jump to Task', 'Call Data Action')
    """
    words = [word if word.lower() in _SMALL else word[0].upper() + word[1:] for word in _split(kind)]
    return _KINDS.get(kind) or " ".join(word.lower() if word.lower() in _SMALL else word for word in words) or kind


def flow_words(flow: Flow) -> str:
    """Return what a flow is, such as `Inbound Call flow`."""
    words = kind_words(flow.type)
    return words if flow.type in ("workflow", "commonModule") else f"{words} flow"


def path_words(key: str) -> str:
    """Return the key of a path in words.

    >>> path_words("notFound"), path_words("digit_1")
    ('not found', 'digit 1')
    """
    return " ".join(word.lower() for word in _split(key)) or key


def details(flow: Flow, action: Action) -> tuple[str, ...]:
    """Return what an action is about, in a few short texts: its condition, its target, what it reads and writes."""
    tell = _TELLERS.get(action.kind)
    told = tell(action) if tell is not None else _ordinary(flow, action)
    return tuple(each for each in told if each)


def value_text(node: Node | None) -> str:
    """Return a value as it is written: a literal, an expression, the name of something, or ""."""
    if isinstance(node, Scalar):
        return "" if node.tag == "null" else node.text
    if not isinstance(node, Record):
        return ""
    for key in ("exp", "lit", "tts", "name", "var"):
        if text := value_text(node.get(key)):
            return text
    if "noValue" in node.items or "none" in node.items:
        return ""
    return ", ".join(_amount(value_text(each), key) for key, each in node.items.items())


def _amount(value: str, unit: str) -> str:
    return f"1 {unit.removesuffix('s')}" if value == "1" else f"{value} {unit}".strip()


def _split(text: str) -> list[str]:
    return _WORDS.findall(text)


def _data_action(action: Action) -> Iterator[str]:
    try:
        category, name, _ = data_action(action)
    except StepError:
        yield "names no data action"
        return
    yield f"{category} / {name}"
    if timeout := value_text(action.body.get("timeout")):
        yield f"at most {timeout}"


def _decision(action: Action) -> Iterator[str]:
    yield value_text(action.body.get("condition"))


def _switch(action: Action) -> Iterator[str]:
    match = action.body.record("evaluate", "firstMatch")
    for each in match.items.values() if match is not None else ():
        if isinstance(each, Record):
            yield value_text(each.get("value"))


def _loop(action: Action) -> Iterator[str]:
    if count := value_text(action.body.get("loopCount")):
        yield f"rounds: {count}"


def _writes(action: Action) -> Iterator[str]:
    if names := ", ".join(_attribute_names(action)):
        yield f"writes {names}"


def _reads(action: Action) -> Iterator[str]:
    if names := ", ".join(_attribute_names(action)):
        yield f"reads {names}"


def _attribute_names(action: Action) -> Iterator[str]:
    for item in action.body.sequence("attributes"):
        if isinstance(item, Record) and (name := value_text(item.get("attribute", "name"))):
            yield name


def _updates(action: Action) -> Iterator[str]:
    names = [
        statement.text("variable") or ""
        for item in action.body.sequence("statements")
        if isinstance(item, Record)
        for statement in item.items.values()
        if isinstance(statement, Record)
    ]
    yield ", ".join(dict.fromkeys(filter(None, names)))


def _module(action: Action) -> Iterator[str]:
    modules = action.body.record("commonModule")
    yield from modules.items if modules is not None else ()


def _end_task(action: Action) -> Iterator[str]:
    if path := action.body.text("outputPath", "name"):
        yield f"path {path}"


def _end_workflow(action: Action) -> Iterator[str]:
    yield value_text(action.body.get("exitReason"))


_TELLERS: Mapping[str, Callable[[Action], Iterator[str]]] = {
    "callCommonModule": _module,
    "callData": _data_action,
    "decision": _decision,
    "endTask": _end_task,
    "endWorkflow": _end_workflow,
    "getConversationData": _reads,
    "getParticipantData": _reads,
    "loop": _loop,
    "setConversationData": _writes,
    "setParticipantData": _writes,
    "switch": _switch,
    "updateData": _updates,
}


def _ordinary(flow: Flow, action: Action) -> Iterator[str]:
    for key in ("targetTaskRef", "targetStateRef", "targetMenuRef"):
        if reference := action.body.text(key):
            target = flow.places.get(reference_id(reference))
            yield f"to {target.name if target is not None else reference}"
    for key in _TARGETS:
        if text := value_text(action.body.get(key)):
            yield f"to {text}"
    for path in _SPOKEN:
        if text := value_text(action.body.get(*path)):
            yield f"\u201c{text}\u201d"
