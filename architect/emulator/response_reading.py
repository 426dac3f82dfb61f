"""From the service's answer to the action's result."""

from __future__ import annotations

from collections.abc import Mapping

from architect.emulator.choices import ChoiceLog
from architect.emulator.export import ResponseConfig
from architect.emulator.failure import ActionError
from architect.emulator.json_position import line_and_column
from architect.emulator.json_text import Json, JsonTextError, dumps, loads
from architect.emulator.jsonpath import JsonPath, JsonPathError, PathNotFoundError
from architect.emulator.macros import macros
from architect.emulator.transport import ReceivedResponse
from architect.emulator.velocity import Template

_REMOTE = "ACTION.REMOTE_ENDPOINT"
_REMOTE_FAILED = (
    "REST call for action execute failed. Message: Request to backend service failed. "
    "To see error details, use test mode"
)
_SHOWN_CHARACTERS = 2000


def accept(response: ReceivedResponse) -> str:
    """Give the JSON text of a successful answer, `{}` for an empty one. Raises `ActionError`.

    Success is a 2xx status and JSON (Genesys, "Custom action fails for unexpected reason"). The wording is what
    Genesys gives to flows; `shown` adds what only test mode tells.
    """
    if not 200 <= response.status < 300:
        is_redirect = 300 <= response.status < 400
        raise _remote_error(
            f"The service answered {response.status}: {response.body}", choice="redirects" if is_redirect else None
        )
    if not response.body.strip():
        return "{}"
    try:
        loads(response.body)
    except JsonTextError as error:
        told = f"The service answered with something that is not JSON ({error.message}): {response.body}"
        raise _remote_error(told) from None
    return response.body


def translate(config: ResponseConfig, raw: str) -> dict[str, str]:
    """Follow the translation map; give JSON text by name.

    A default stands in only for a path that leads nowhere; an existing null stays (Genesys, "Response
    configuration"). A name with neither value nor default stays unset, which the template then complains about.
    """
    document = loads(raw)
    found: dict[str, str] = {}
    for name, path in config.translation_map.items():
        try:
            found[name] = dumps(JsonPath(path).read(document))
        except PathNotFoundError:
            if name in config.defaults:
                found[name] = config.defaults[name]
        except JsonPathError as error:
            raise ActionError(f"translationMap.{name}: {error}") from None
    return found


def transform(config: ResponseConfig, raw: str, translated: Mapping[str, str], log: ChoiceLog) -> Json:
    """Fill in the success template and read the result. Raises `ActionError` and `TemplateError`."""
    if "${input." in config.success_template or "credentials" in config.success_template:
        log.note("success-template-scope")
    template = Template(config.success_template, name="successTemplate")
    text = template.render({**macros(log), **translated, "rawResult": raw})
    try:
        return loads(text)
    except JsonTextError as error:
        line, column = line_and_column(text, error.offset)
        raise ActionError(
            f"successTemplate did not give JSON: {error.message} at line {line}, column {column} of "
            f"{text[:_SHOWN_CHARACTERS]}"
        ) from None


def _remote_error(shown: str, choice: str | None = None) -> ActionError:
    return ActionError(_REMOTE_FAILED, detail=_REMOTE, shown=shown[:_SHOWN_CHARACTERS], choice=choice)
