"""`python -m architect.emulator.platform`: a stand-in in a process of its own, until it is told to end."""

from __future__ import annotations

import signal
import threading
from typing import Any, get_args, get_type_hints

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
    kinds = get_type_hints(Behaviour)
    given = {}
    for setting in settings:
        name, _, text = setting.partition("=")
        if name not in kinds:
            raise click.BadParameter(f"{name!r} is none of {', '.join(kinds)}", param_hint="--set")
        given[name] = _value(name, text, kinds[name])
    return Behaviour(**given)


def _value(name: str, text: str, kind: Any) -> Any:
    """Read a value of a field of that type: a number, true or false, or one of a Literal's words."""
    words = {"true": True, "false": False} if kind is bool else {word: word for word in get_args(kind)}
    try:
        return words[text.lower()] if words else kind(text)
    except (KeyError, ValueError):
        right = " or ".join(words) or "a number"
        raise click.BadParameter(f"{name} is {right}, not {text!r}", param_hint="--set") from None


if __name__ == "__main__":
    main()
