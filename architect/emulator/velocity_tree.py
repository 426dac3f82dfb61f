"""What a template consists of, and how each part is rendered, tested or evaluated in Velocity 1.7's strict mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from architect.emulator.java_strings import JavaError
from architect.emulator.java_values import bean_property as property_of
from architect.emulator.java_values import call, class_name, element, java_text, signature


class TemplateError(Exception):
    """Velocity would stop at this template; the message is the one it prints.

    `choice` is the decision of ours (see `choices`) that made this an error, if it was one.
    """

    def __init__(self, message: str, *, choice: str | None = None) -> None:
        super().__init__(message)
        self.choice = choice


class TemplateSyntaxError(TemplateError):
    """The template cannot be parsed at all."""


class Scope:
    """The variables a template sees and may `#set`, its name, and where the string being rendered stands in it."""

    def __init__(self, name: str, variables: dict[str, object], origin: tuple[int, int] = (1, 1)) -> None:
        self.name = name
        self.variables = variables
        self.origin = origin

    def inside(self, line: int, column: int) -> Scope:
        """Give the scope of a string literal whose content starts at this place of the present text."""
        return Scope(self.name, self.variables, self._absolute(line, column))

    def at(self, line: int, column: int) -> str:
        """Word a place as Velocity does."""
        line, column = self._absolute(line, column)
        return f"at {self.name}[line {line}, column {column}]"

    def _absolute(self, line: int, column: int) -> tuple[int, int]:
        first_line, first_column = self.origin
        return first_line + line - 1, column + first_column - 1 if line == 1 else column


@dataclass(slots=True)
class Node:
    """A part of a template. `source` is its text where errors need it, `depth` how many levels it holds."""

    depth: int = field(default=1, init=False)
    source: str = field(default="", init=False)

    def render(self, scope: Scope) -> str:
        """Write the node into the output."""
        return java_text(self.value(scope))

    def value(self, scope: Scope) -> object:
        """Evaluate the node as an argument or operand."""
        return self.render(scope)

    def is_true(self, scope: Scope) -> bool:
        """Evaluate the node as a condition. Velocity calls every bare string and number false."""
        return self.value(scope) is True


@dataclass(slots=True)
class Text(Node):
    """Text that stands for itself."""

    text: str

    def render(self, scope: Scope) -> str:  # noqa: ARG002
        """Write the text."""
        return self.text


@dataclass(slots=True)
class Block(Node):
    """Parts one after the other."""

    items: tuple[Node, ...]

    def render(self, scope: Scope) -> str:
        """Write all parts."""
        return "".join([item.render(scope) for item in self.items])

    def ends_in_sign(self) -> bool:
        """Tell whether the text ends in `$`, `$!`, `#` or a literal `##`, from where Velocity's lexer cannot go on."""
        last = [item.text if isinstance(item, Text) else "" for item in self.items[-2:]]
        return last[-1:] in (["$"], ["#"], ["##"]) or last == ["$", "!"]


@dataclass(slots=True)
class Literal(Node):
    """A string without references, a number, true, false or null."""

    literal: object

    def value(self, scope: Scope) -> object:  # noqa: ARG002
        """Give the literal's value."""
        return self.literal


@dataclass(slots=True)
class Interpolated(Node):
    """A double-quoted string, which is a template itself."""

    block: Block
    line: int
    column: int

    def render(self, scope: Scope) -> str:
        """Render the string's content."""
        return self.block.render(scope.inside(self.line, self.column + 1))


@dataclass(slots=True)
class Step(Node):
    """One step from a value to the next: a property, a method call or an index."""

    name: str
    line: int
    column: int

    def take(self, subject: object, scope: Scope) -> object:
        """Take the step. Raises `TemplateError` where Velocity does."""
        raise NotImplementedError


@dataclass(slots=True)
class Property(Step):
    """`.name`."""

    def take(self, subject: object, scope: Scope) -> object:
        """Read a map's key, a tool's constant or the one property strings and lists have, `empty`."""
        if isinstance(subject, Mapping):
            return subject.get(self.name)
        found, value = property_of(subject, self.name)
        if not found:
            raise TemplateError(
                f"Object '{class_name(subject)}' does not contain property '{self.name}' "
                f"{scope.at(self.line, self.column)}"
            )
        return value


@dataclass(slots=True)
class Call(Step):
    """`.name(arguments)`."""

    arguments: tuple[Node, ...]

    def take(self, subject: object, scope: Scope) -> object:
        """Call the method."""
        arguments = [argument.value(scope) for argument in self.arguments]
        place = scope.at(self.line, self.column)
        try:
            return call(subject, self.name, arguments)
        except LookupError:
            raise TemplateError(
                f"Object '{class_name(subject)}' does not contain method {signature(self.name, arguments)} {place}"
            ) from None
        except JavaError as error:
            raise TemplateError(
                f"Invocation of method '{self.name}' in  class {class_name(subject)} threw exception {error} {place}"
            ) from None


@dataclass(slots=True)
class Index(Step):
    """`[index]`."""

    index: Node

    def take(self, subject: object, scope: Scope) -> object:
        """Read a map's key or a list's element."""
        index = self.index.value(scope)
        place = scope.at(self.line, self.column)
        if isinstance(subject, Mapping):
            return subject.get(index)
        if isinstance(subject, list | tuple) and isinstance(index, int):
            found, value = element(subject, index)
            if found:
                return value
            raise TemplateError(f"Error invoking method 'get(java.lang.Integer)' in {class_name(subject)} {place}")
        raise TemplateError(
            f"Object '{class_name(subject)}' does not contain method {signature('get', [index])} {place}"
        )


@dataclass(slots=True)
class Reference(Node):
    """`$root.step.step`; `quiet` is the form with an exclamation mark."""

    root: str
    steps: tuple[Step, ...]
    quiet: bool
    line: int
    column: int

    def value(self, scope: Scope) -> object:
        """Follow the reference; None when its last step finds nothing."""
        if self.root not in scope.variables:
            raise TemplateError(f"Variable ${self.root} has not been set {scope.at(self.line, self.column)}")
        value = scope.variables[self.root]
        for step in self.steps:
            if value is None:
                raise TemplateError(
                    f"Attempted to access '{step.name}' on a null value {scope.at(step.line, step.column)}"
                )
            value = step.take(value, scope)
        return value

    def render(self, scope: Scope) -> str:
        """Write the value; null is an error unless the reference is quiet."""
        value = self.value(scope)
        if value is not None:
            return java_text(value)
        if self.quiet:
            return ""
        raise TemplateError(
            f"Reference {self.source} evaluated to null when attempting to render {scope.at(self.line, self.column)}"
        )

    def is_true(self, scope: Scope) -> bool:
        """Anything but null and false; a name alone may even be unknown."""
        if not self.steps and self.root not in scope.variables:
            return False
        value = self.value(scope)
        return value is not None and value is not False


@dataclass(slots=True)
class EscapedReference(Node):
    """A reference after backslashes: each pair is one backslash, an odd one keeps the reference from being read."""

    backslashes: int
    reference: Reference

    def render(self, scope: Scope) -> str:
        """Write the reference's text when escaped, its value when not."""
        kept = "\\" * (self.backslashes // 2)
        if self.backslashes % 2 == 0:
            return kept + self.reference.render(scope)
        if self.reference.value(scope) is None:
            return kept + "\\" + self.reference.source
        return kept + self.reference.source


@dataclass(slots=True)
class Conditional(Node):
    """`#if`, `#elseif`, `#else`."""

    branches: tuple[tuple[Node, Block], ...]
    otherwise: Block

    def render(self, scope: Scope) -> str:
        """Write the first block whose condition holds."""
        for condition, block in self.branches:
            if condition.is_true(scope):
                return block.render(scope)
        return self.otherwise.render(scope)


@dataclass(slots=True)
class Assignment(Node):
    """`#set($name = value)`."""

    name: str
    assigned: Node

    def render(self, scope: Scope) -> str:
        """Set the variable and write nothing."""
        scope.variables[self.name] = self.assigned.value(scope)
        return ""
