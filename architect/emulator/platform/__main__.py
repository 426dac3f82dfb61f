"""`python -m architect.emulator.platform`: a stand-in in a process of its own, until it is told to end."""

from __future__ import annotations

import signal
import threading
from dataclasses import fields

import click

from architect.emulator.platform import Behaviour, Organization, PlatformStandIn


@click.command()
@click.option("--port", type=int, default=0, help="Port on the loopback interface; a free one by default.")
@click.option(
    "settings", "--set", multiple=True, metavar="NAME=VALUE", help="A field of Behaviour, e.g. write_delay=2."
)
def main(port: int, settings: tuple[str, ...]) -> None:
    """Serve Genesys Cloud's platform API, as far as participant attributes go, and print where."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with PlatformStandIn(Organization(behaviour(settings)), port=port) as platform:
        click.echo(platform.url)
        ended.wait()


def behaviour(settings: tuple[str, ...]) -> Behaviour:
    """Return the behaviour of settings like `write_delay=2`. Raises click.BadParameter for one that is wrong."""
    types = {field.name: field.type for field in fields(Behaviour)}
    given: dict[str, object] = {}
    for setting in settings:
        name, _, text = setting.partition("=")
        if name not in types:
            raise click.BadParameter(f"{name!r} is none of {', '.join(types)}", param_hint="--set")
        given[name] = _value(name, text, str(types[name]))
    return Behaviour(**given)  # type: ignore[arg-type]  # each was read by its field's type


def _value(name: str, text: str, kind: str) -> object:
    """Read a value of a field whose annotation is `kind`."""
    allowed = kind.removeprefix("Literal[").removesuffix("]").replace('"', "").split(", ")
    try:
        if kind == "bool":
            return {"true": True, "false": False}[text.lower()]
        if kind in ("int", "float"):
            return int(text) if kind == "int" else float(text)
        return allowed[allowed.index(text)]
    except (KeyError, ValueError):
        right = "true or false" if kind == "bool" else "a number" if kind in ("int", "float") else " or ".join(allowed)
        raise click.BadParameter(f"{name} is {right}, not {text!r}", param_hint="--set") from None


if __name__ == "__main__":
    main()
