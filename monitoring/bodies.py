"""The JSON files of this folder, changed to what an organisation chose. Pure but for reading them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

Body = dict[str, Any]

FOLDER = Path(__file__).parent
MONITORS = tuple(sorted(path.stem for path in FOLDER.glob("monitors/*.json")))

_BY_FLOW = re.compile(r"by (\{?)flow")
# The metrics that carry the user's tags.
_USER_TAGGED = re.compile(r"(callspan\.(?:calls\.[a-z]+|milestones)\{[^}]*)\}")


@dataclass(frozen=True)
class Choices:
    """What differs between organisations; the defaults leave the files as they are.

    `metric_tags` is what the service's setting of that name holds, `notify` handles such as `@slack-calls`,
    `thresholds` critical thresholds by the name of a monitor.

    Raises:
        ValueError: says which choice is wrong, and what would be right.

    """

    env: str = "production"
    metric_tags: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    no_calls_minutes: int = 15

    def __post_init__(self) -> None:
        problem = next(chain(_wrong_names(self), _wrong_numbers(self)), "")
        if problem:
            raise ValueError(problem)


def bodies(choices: Choices) -> dict[str, Body]:
    """Return every body by the path of its file in this folder."""
    paths = [FOLDER / "dashboard.json", *sorted(FOLDER.glob("*/*.json"))]
    texts = {path.relative_to(FOLDER): path.read_text() for path in paths}
    return {path.as_posix(): _body(path, text, choices) for path, text in texts.items()}


def write(made: Mapping[str, Body], out: Path) -> list[Path]:
    """Write bodies as files below a folder, which is made when missing, and return their paths."""
    for name, body in made.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(body, indent=2) + "\n")
    return [out / name for name in made]


def _wrong_names(choices: Choices) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_./-]*", choices.env):
        yield f'env "{choices.env}" must be the value of DD_ENV, in lower case, such as production'
    if len({_variable(tag) for tag in choices.metric_tags}) < len(choices.metric_tags):
        yield "metric tags must differ, and in more than the marks . / - and _"
    for handle in choices.notify:
        if not re.fullmatch(r"@\S+", handle):
            yield f'notify "{handle}" must be a handle such as @slack-calls or @you@example.com'


def _wrong_numbers(choices: Choices) -> Iterator[str]:
    for name, critical in choices.thresholds.items():
        if name not in MONITORS:
            yield f'threshold "{name}" must name a monitor: {", ".join(MONITORS)}'
        if not 0 <= critical < 1e9:
            yield f"threshold {name} must be a number from 0 to 999999999"
    if not 5 <= choices.no_calls_minutes <= 1440:
        yield f"{choices.no_calls_minutes} minutes without a call must be 5 to 1440"


def _body(path: Path, text: str, choices: Choices) -> Body:
    text = text.replace("env:production", f"env:{choices.env}")
    if path.name == "dashboard.json":
        return _dashboard(text, choices.metric_tags)
    if path.parts[0] == "monitors":
        return _monitor(path.stem, text, choices)
    body: Body = json.loads(text)
    if path.as_posix() == "spans-metrics/calls.json":
        groups = body["data"]["attributes"]["group_by"]
        groups.extend({"path": f"@call.{tag}", "tag_name": tag} for tag in choices.metric_tags)
    return body


def _dashboard(text: str, tags: tuple[str, ...]) -> Body:
    """Let each tag filter the metrics that carry it, and show the calls by it."""
    filters = "".join(f",${_variable(tag)}" for tag in tags)
    body: Body = json.loads(_USER_TAGGED.sub(rf"\1{filters}}}", text))
    body["template_variables"].extend(
        {"name": _variable(tag), "prefix": tag, "available_values": [], "defaults": ["*"]} for tag in tags
    )
    calls = body["widgets"][0]["definition"]["widgets"]
    (by_flow,) = (json.dumps(widget) for widget in calls if widget["definition"]["title"] == "Calls started by flow")
    calls.extend(json.loads(_BY_FLOW.sub(rf"by \g<1>{tag}", by_flow)) for tag in tags)
    return body


def _monitor(name: str, text: str, choices: Choices) -> Body:
    if name == "no-calls":
        text = text.replace("last_15m", f"last_{choices.no_calls_minutes}m")
        text = text.replace("15 minutes", f"{choices.no_calls_minutes} minutes")
    body: Body = json.loads(text)
    thresholds = body["options"]["thresholds"]
    thresholds["critical"] = _number(choices.thresholds.get(name, thresholds["critical"]))
    body["query"] = re.sub(r"[0-9.]+$", str(thresholds["critical"]), body["query"])
    body["message"] = "\n\n".join(filter(None, (body["message"], " ".join(choices.notify))))
    return body


def _variable(tag: str) -> str:
    """Return the name of a tag's template variable, which is written `$name` in queries."""
    return re.sub(r"[^a-z0-9_]", "_", tag)


def _number(value: float) -> float:
    """Return a whole number without its `.0`."""
    return int(value) if value == int(value) else value
