"""How a function or operator is declared, and how one of its overloads is found for the arguments of a call.

A declaration reads `Name(parameter: Type, parameter: Type) -> Type`. After a type may follow, in this order:

| mark | the argument |
| --- | --- |
| `literal` | must be written out, not computed |
| `[0..]`, `[1..28]` | must lie in that range |
| `nonzero` | must not be zero |
| `?` | may be NOT_SET, which the implementation is then handed |
| `...` | may be repeated; only the last one |

Overloads are tried in the order they are declared, the rule of Genesys' own expression parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from architect.expressions.datatypes import NULL, DataType, data_type
from architect.expressions.errors import OverloadError
from architect.expressions.values import NOT_SET

Types = Sequence[DataType]
Resolver = Callable[[Types], DataType]
"""Works out a result's type from the arguments' types; raises `OverloadError` when they do not go together."""

_DECLARATION = re.compile(r"(?P<name>[^(]+)\((?P<parameters>.*)\) -> (?P<result>[\w ]+)")
_PARAMETER = re.compile(
    r"(?P<name>\w+): (?P<type>\w+(?: or \w+)?(?: Collection)?)(?P<literal> literal)?"
    r"(?:\[(?P<least>-?\d+)?\.\.(?P<most>-?\d+)?\])?(?P<nonzero> nonzero)?(?P<not_set>\?)?(?P<repeated>\.\.\.)?"
)
_AUDIO_OR_PROMPT = "Audio or Prompt"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an overload and what is allowed in it."""

    name: str
    type: DataType
    not_set: bool = False
    literal: bool = False
    least: int | None = None
    most: int | None = None
    nonzero: bool = False

    def takes(self, given: DataType) -> bool:
        """Tell whether an argument of this type may stand here."""
        if given == NULL:
            return self.not_set and not self.type.of_many
        return self.type.takes(given)

    def objection(self, content: object) -> str | None:
        """Say what is wrong with a value of the right type, if anything is."""
        if content is NOT_SET:
            return None if self.not_set else "must not be NOT_SET"
        if isinstance(content, int | Decimal) and not isinstance(content, bool):
            if self.least is not None and content < self.least:
                return f"must be at least {self.least}, not {content}"
            if self.most is not None and content > self.most:
                return f"must be at most {self.most}, not {content}"
            if self.nonzero and not content:
                return "must not be zero"
        return None


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a function. `run` takes the arguments' contents, after the time if `uses_clock`."""

    name: str
    parameters: tuple[Parameter, ...]
    repeats: bool
    resolve: Resolver
    run: Callable[..., object]
    uses_clock: bool = False

    def parameter(self, index: int) -> Parameter:
        """Return the parameter that the argument with this index goes to."""
        return self.parameters[min(index, len(self.parameters) - 1)]

    def counts(self, arguments: int) -> bool:
        """Tell whether this overload can be called with so many arguments."""
        return arguments == len(self.parameters) or (self.repeats and arguments > len(self.parameters))

    def result(self, types: Types) -> DataType:
        """Work out the result's type. Raises `OverloadError` when the arguments do not go together."""
        try:
            return self.resolve(types)
        except OverloadError as error:
            raise OverloadError(f"{self.name}: {error.message}", error.argument) from None

    def mismatch(self, types: Types) -> int | None:
        """Return the index of the first argument whose type does not fit, None when all do."""
        for index, given in enumerate(types):
            if not self.parameter(index).takes(given):
                return index
        return None


@dataclass(frozen=True, slots=True)
class Function:
    """Everything that goes by one name. The name is spelt as Genesys spells it."""

    name: str
    overloads: tuple[Overload, ...]

    def matching(self, types: Types) -> list[Overload]:
        """Find the overloads these arguments fit, best first. Raises `OverloadError` when there is none."""
        right_count = [each for each in self.overloads if each.counts(len(types))]
        if not right_count:
            raise OverloadError(self._count_sentence(len(types)))
        mismatches = [(each.mismatch(types), each) for each in right_count]
        found = [each for mismatch, each in mismatches if mismatch is None]
        if found:
            return found
        index = max(mismatch for mismatch, _ in mismatches if mismatch is not None)
        closest = [each.parameter(index) for mismatch, each in mismatches if mismatch == index]
        expected = " or ".join(dict.fromkeys(str(parameter.type) for parameter in closest))
        named = " or ".join(dict.fromkeys(parameter.name for parameter in closest))
        place = f"argument {index + 1} ({named})"
        raise OverloadError(f"{self.name}: {place} must be {expected}, not {types[index]}", index)

    def _count_sentence(self, given: int) -> str:
        counts = sorted({len(each.parameters) for each in self.overloads})
        takes = " or ".join(map(str, counts)) if len(counts) < 3 else f"{counts[0]} to {counts[-1]}"
        if any(each.repeats for each in self.overloads):
            takes = f"at least {counts[0]}"
        noun = "argument" if takes in ("1", "at least 1") else "arguments"
        return f"{self.name} takes {takes} {noun}, {given} given"


def overload(
    declaration: str, run: Callable[..., object], *, result: Resolver | None = None, uses_clock: bool = False
) -> Overload:
    """Declare an overload; `result` works out the result's type where it depends on the arguments."""
    parts = _DECLARATION.fullmatch(declaration)
    if parts is None:
        message = f"{declaration!r} does not declare a function"
        raise ValueError(message)
    texts = parts["parameters"].split(", ") if parts["parameters"] else []
    found = [_PARAMETER.fullmatch(text) for text in texts]
    parameters = tuple(_parameter(match, declaration) for match in found)
    repeats = bool(found and found[-1] and found[-1]["repeated"])
    fixed = data_type(parts["result"])
    return Overload(parts["name"], parameters, repeats, result or (lambda _types: fixed), run, uses_clock)


def _parameter(parts: re.Match[str] | None, declaration: str) -> Parameter:
    if parts is None:
        message = f"a parameter of {declaration!r} cannot be read"
        raise ValueError(message)
    return Parameter(
        parts["name"],
        DataType(_AUDIO_OR_PROMPT) if parts["type"] == _AUDIO_OR_PROMPT else data_type(parts["type"]),
        not_set=bool(parts["not_set"]),
        literal=bool(parts["literal"]),
        least=int(parts["least"]) if parts["least"] else None,
        most=int(parts["most"]) if parts["most"] else None,
        nonzero=bool(parts["nonzero"]),
    )


def tabulate(overloads: Sequence[Overload]) -> dict[str, Function]:
    """Gather overloads by name, in lower case, which is how names are looked up."""
    gathered: dict[str, list[Overload]] = {}
    for each in overloads:
        gathered.setdefault(each.name.lower(), []).append(each)
    return {name: Function(found[0].name, tuple(found)) for name, found in gathered.items()}
