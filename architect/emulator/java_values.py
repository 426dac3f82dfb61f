"""Java's view of the values a template handles: their text, their classes, their properties and their methods."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from architect.emulator.java_strings import JavaError, call_string


class Tool:
    """An object whose methods a template may call, such as `$esc`. Method names are Java's."""

    java_class = "java.lang.Object"
    constants: Mapping[str, str] = {}

    def methods(self) -> Mapping[str, Callable[..., object]]:
        """Give the methods by name."""
        return {}


def java_text(value: object) -> str:
    """Write a value as Java's `toString` does, which is how Velocity inserts it."""
    for kind, write in _TEXTS:
        if isinstance(value, kind):
            return write(value)
    return "null" if value is None else str(value)


def class_name(value: object) -> str:
    """Name the Java class of a value."""
    if isinstance(value, Tool):
        return value.java_class
    if isinstance(value, int) and not isinstance(value, bool):
        if -(2**31) <= value < 2**31:
            return "java.lang.Integer"
        return "java.lang.Long" if -(2**63) <= value < 2**63 else "java.math.BigInteger"
    names = {
        str: "java.lang.String",
        bool: "java.lang.Boolean",
        float: "java.lang.Double",
        Decimal: "java.math.BigDecimal",
        list: "java.util.ArrayList",
        tuple: "[Ljava.lang.String;",
        type(None): "null",
    }
    return names.get(type(value), "java.util.LinkedHashMap")


def signature(name: str, arguments: Sequence[object]) -> str:
    """Write a call as Velocity's errors do: `replace(java.lang.String, null)`."""
    return f"{name}({', '.join(class_name(argument) for argument in arguments)})"


def bean_property(subject: object, name: str) -> tuple[bool, object]:
    """Read a property; the first item says whether there is one. `class` and the like are deliberately absent."""
    if isinstance(subject, Tool) and name in subject.constants:
        return True, subject.constants[name]
    if name == "empty" and isinstance(subject, str | list | tuple):
        return True, not subject
    return False, None


def element(subject: Sequence[object], index: int) -> tuple[bool, object]:
    """Read a list's element; the first item says whether it exists."""
    return (True, subject[index]) if 0 <= index < len(subject) else (False, None)


def call(subject: object, name: str, arguments: list[object]) -> object:
    """Call a method. Raises LookupError when there is none for these arguments, `JavaError` when it throws."""
    if isinstance(subject, Tool):
        method = subject.methods().get(name)
        if method is None or not _accepts(method, arguments):
            raise LookupError(name)
        return method(*arguments)
    if name == "toString" and not arguments:
        return java_text(subject)
    if name == "equals" and len(arguments) == 1:
        return type(subject) is type(arguments[0]) and subject == arguments[0]
    if isinstance(subject, str):
        return call_string(subject, name, arguments)
    if isinstance(subject, list | tuple):
        return _call_list(subject, name, arguments)
    if isinstance(subject, Mapping):
        return _call_map(subject, name, arguments)
    raise LookupError(name)


def _accepts(method: Callable[..., object], arguments: list[object]) -> bool:
    try:
        inspect.signature(method).bind(*arguments)
    except TypeError:
        return False
    return True


def _call_list(subject: Sequence[object], name: str, arguments: list[object]) -> object:
    match name, arguments:
        case "size", []:
            return len(subject)
        case "isEmpty", []:
            return not subject
        case "contains", [item]:
            return item in subject
        case "get", [int(index)]:
            found, value = element(subject, index)
            if found:
                return value
            raise JavaError(
                f"java.lang.IndexOutOfBoundsException: Index {index} out of bounds for length {len(subject)}"
            )
    raise LookupError(name)


def _call_map(subject: Mapping[object, object], name: str, arguments: list[object]) -> object:
    match name, arguments:
        case "get", [key]:
            return subject.get(key)
        case "containsKey", [key]:
            return key in subject
        case "size", []:
            return len(subject)
        case "isEmpty", []:
            return not subject
    raise LookupError(name)


def _double(value: float) -> str:
    """Write a double as Java's Double.toString does: scientific below 0.001 and from ten million on."""
    if not math.isfinite(value):
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    mantissa = "".join(map(str, digits))
    power = int(exponent) + len(digits) - 1
    return f"{'-' if sign else ''}{mantissa[0]}.{mantissa[1:] or '0'}E{power}"


_TEXTS: tuple[tuple[type, Callable[..., str]], ...] = (
    (str, str),
    (bool, lambda value: "true" if value else "false"),
    (float, _double),
    (Mapping, lambda value: "{" + ", ".join(f"{key}={java_text(item)}" for key, item in value.items()) + "}"),
    (list, lambda value: "[" + ", ".join(map(java_text, value)) + "]"),
    (tuple, lambda _: "[Ljava.lang.String;@0"),
    (Tool, lambda value: f"{value.java_class}@0"),
)
