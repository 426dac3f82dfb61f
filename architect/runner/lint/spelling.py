"""Checks on how the file is written: names, quotes and substitutions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from architect.linter.finding import Finding
from architect.runner.flow import Parts
from architect.runner.lint.bench import Bench, located
from architect.runner.source import Record, Scalar
from architect.runner.steps import STEPS

MAX_NAME = 200


def names(bench: Bench) -> Iterator[Finding]:
    """Check the lengths of names, and what Architect forbids in a flow's name."""
    flow = bench.flow
    written = flow.body.get("name")
    place = written.place if isinstance(written, Scalar) else flow.body.place
    if "/" in flow.name or flow.name.endswith("-debug"):
        yield bench.finding("flow-name-invalid", place, f"The flow is called `{flow.name}`.", remedy="Rename it.")
    named = [(flow.name, place, (flow.type,)), *((each.name, each.place, each.parts) for each in flow.actions)]
    for name, where, parts in named:
        if len(name) > MAX_NAME:
            problem = f"This name is {len(name)} characters long."
            yield bench.finding("name-too-long", where, problem, remedy=f"At most {MAX_NAME} are.", parts=parts)
    for action in flow.actions:
        if action.kind not in STEPS:
            yield bench.finding(
                "action-not-runnable",
                action.place,
                f"`{action.kind}` is not among the actions that can be run offline.",
                remedy="Nothing, unless the flow is to be run here.",
                parts=action.parts,
            )


def quotes(bench: Bench) -> Iterator[Finding]:
    """Find yes and no without quotes where they are the paths of a decision."""
    for parts, node in located(bench.flow.source.root):
        for key in node.keys.values() if isinstance(node, Record) else ():
            if key.plain and key.tag == "bool" and key.text.lower() in {"yes", "no"}:
                yield bench.finding(
                    "yes-no-unquoted",
                    key.place,
                    f"`{key.text}` stands without quotes.",
                    remedy=f'Write "{key.text}".',
                    parts=(*parts, key.text),
                )


def substitutions(bench: Bench, given: Mapping[str, str] | None) -> Iterator[Finding]:
    """Find substitutions without quotes and, when any are given, those that are not."""
    for parts, scalar in _scalars(bench):
        for key in scalar.keys:
            if scalar.plain and scalar.text.startswith("{{" if given is None or key not in given else given[key]):
                yield bench.finding(
                    "substitution-unquoted",
                    scalar.place,
                    f"`{key}` stands without quotes.",
                    remedy="Put the whole value in double quotes.",
                    parts=parts,
                )
            if given is not None and key not in given:
                yield bench.finding(
                    "substitution-missing",
                    scalar.place,
                    f"Nothing is given for `{key}`.",
                    remedy=f"Give it: --substitute {key}=..., and in Archy's options file.",
                    parts=parts,
                )


def _scalars(bench: Bench) -> Iterator[tuple[Parts, Scalar]]:
    for parts, node in located(bench.flow.source.root):
        if isinstance(node, Scalar):
            yield parts, node
        elif isinstance(node, Record):
            for text, key in node.keys.items():
                yield (*parts, text), key
