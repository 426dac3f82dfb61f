"""Data action files as Genesys Cloud exports and imports them (`*.custom.json`, `*.customAuth.json`).

Two shapes exist. An export has `integrationType` and `actionType`; a body for the API's `POST
/api/v2/integrations/actions` has `category` and `integrationId` instead. Both are read, and `shape` says which it was:
only the first can be imported through the user interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Literal, TypeVar

from architect.emulator.json_position import first_duplicate, line_and_column, offset_of, place_at, pointer
from architect.emulator.json_text import Json, JsonTextError, loads, type_name

MAX_BYTES = 5_000_000
"""A larger file is refused unread: real exports are a few kilobytes."""

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
DEFAULT_TEMPLATE = "${input.rawRequest}"
DEFAULT_TIMEOUT_SECONDS = 60
"""What an action without `timeoutSeconds` gets (Genesys, "Add configuration to custom actions")."""

_T = TypeVar("_T")
_NAMES: dict[type, str] = {str: "a string", dict: "an object", bool: "true or false", int: "an integer"}


class ExportError(ValueError):
    """A data action file is not usable. The message names the file, the place in it, what is wrong and what is right.

    `pointer` is the JSON pointer of the place ("" for the whole document), `line` and `column` are 1-based, or None
    when something is missing from the whole document.
    """

    def __init__(self, problem: str, *, source: str, at: str = "", position: tuple[int, int] | None = None) -> None:
        self.problem = problem
        self.source = source
        self.pointer = at
        self.line = position[0] if position else None
        self.column = position[1] if position else None
        place = f", line {position[0]}, column {position[1]}" if position else ""
        super().__init__(f"{source}{place}{f' at {at}' if at else ''}: {problem}")


@dataclass(frozen=True, slots=True)
class RequestConfig:
    """`config.request`: four templates and the method."""

    url_template: str
    method: str
    headers: Mapping[str, str]
    body_template: str


@dataclass(frozen=True, slots=True)
class ResponseConfig:
    """`config.response`: names to JSONPaths, names to JSON text, and the template of the result."""

    translation_map: Mapping[str, str]
    defaults: Mapping[str, str]
    success_template: str


@dataclass(frozen=True, slots=True)
class DataAction:
    """One data action. `timeout_seconds` is None where the file has none, which means 60."""

    name: str
    shape: Literal["export", "api"]
    integration_type: str | None
    action_type: str
    request: RequestConfig
    response: ResponseConfig
    input_schema: Mapping[str, Json]
    output_schema: Mapping[str, Json]
    secure: bool
    timeout_seconds: int | None
    category: str | None = None
    integration_id: str | None = None
    source: str = "data action"

    @classmethod
    def load(cls, path: str | PathLike[str]) -> DataAction:
        """Read a file. Raises `ExportError` for its content, OSError when it cannot be read."""
        location = Path(path)
        size = location.stat().st_size
        if size > MAX_BYTES:
            raise ExportError(f"{size} bytes long; at most {MAX_BYTES} are read", source=location.name)
        return cls.parse(location.read_bytes(), source=location.name)

    @classmethod
    def parse(cls, text: str | bytes, *, source: str = "data action") -> DataAction:
        """Read a data action from its JSON text, with or without a byte order mark. Raises `ExportError`."""
        return _Reader(_decoded(text, source), source).action()


def _decoded(text: str | bytes, source: str) -> str:
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_BYTES:
        raise ExportError(f"{len(raw)} bytes long; at most {MAX_BYTES} are read", source=source)
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise ExportError("encoded as UTF-16; save it as UTF-8", source=source)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExportError(f"not UTF-8 at byte {error.start}: {error.reason}", source=source) from None


class _Reader:
    """Takes one document apart, and knows where in the text each complaint belongs."""

    def __init__(self, text: str, source: str) -> None:
        self._text = text
        self._source = source

    def action(self) -> DataAction:
        document = self._document()
        name = self._get(document, ("name",), str)
        config = self._get(document, ("config",), dict)
        request = self._get(config, ("config", "request"), dict)
        response = self._get(config, ("config", "response"), dict, default={})
        contract = self._get(document, ("contract",), dict)
        is_api = "integrationType" not in document and ("category" in document or "integrationId" in document)
        return DataAction(
            name=name,
            shape="api" if is_api else "export",
            integration_type=None if is_api else self._get(document, ("integrationType",), str),
            action_type="custom" if is_api else self._get(document, ("actionType",), str),
            request=self._request(request),
            response=self._response(response),
            input_schema=self._get(
                self._get(contract, ("contract", "input"), dict), ("contract", "input", "inputSchema"), dict
            ),
            output_schema=self._get(
                self._get(contract, ("contract", "output"), dict), ("contract", "output", "successSchema"), dict
            ),
            secure=self._get(document, ("secure",), bool, default=False),
            timeout_seconds=self._timeout(config),
            category=self._get(document, ("category",), str, default="") or None,
            integration_id=self._get(document, ("integrationId",), str, default="") or None,
            source=self._source,
        )

    def _document(self) -> dict[str, Json]:
        try:
            document = loads(self._text)
        except JsonTextError as error:
            raise self._error(error.message, offset=error.offset) from None
        if not isinstance(document, dict):
            raise self._error(f"found {type_name(document)} where the data action's object should be", offset=0)
        duplicate = first_duplicate(self._text)
        if duplicate is not None:
            raise self._error("this key stands twice in its object", parts=duplicate.parts, offset=duplicate.offset)
        return document

    def _request(self, request: dict[str, Json]) -> RequestConfig:
        here: tuple[str, ...] = ("config", "request")
        method = self._get(request, (*here, "requestType"), str)
        if method not in METHODS:
            raise self._error(f"{method!r} is not one of {', '.join(METHODS)}", parts=(*here, "requestType"))
        return RequestConfig(
            url_template=self._get(request, (*here, "requestUrlTemplate"), str),
            method=method,
            headers=self._texts(request, (*here, "headers")),
            body_template=self._get(request, (*here, "requestTemplate"), str, default=DEFAULT_TEMPLATE),
        )

    def _response(self, response: dict[str, Json]) -> ResponseConfig:
        here: tuple[str, ...] = ("config", "response")
        return ResponseConfig(
            translation_map=self._texts(response, (*here, "translationMap")),
            defaults=self._texts(response, (*here, "translationMapDefaults")),
            success_template=self._get(response, (*here, "successTemplate"), str, default="${rawResult}"),
        )

    def _timeout(self, config: dict[str, Json]) -> int | None:
        parts = ("config", "timeoutSeconds")
        if config.get("timeoutSeconds") is None:
            return None
        seconds = self._get(config, parts, int)
        if not 1 <= seconds <= 60:
            raise self._error(f"{seconds} seconds; a data action may take 1 to 60", parts=parts)
        return seconds

    def _texts(self, parent: dict[str, Json], parts: tuple[str, ...]) -> dict[str, str]:
        found = self._get(parent, parts, dict, default={})
        return {name: self._get(found, (*parts, name), str) for name in found}

    def _get(self, parent: dict[str, Json], parts: tuple[str, ...], kind: type[_T], default: _T | None = None) -> _T:
        """Take the last of `parts` from its parent object, checked to be of `kind`."""
        key = parts[-1]
        if key not in parent:
            if default is not None:
                return default
            raise self._error(f"`{key}` is missing; it should be {_NAMES[kind]}", parts=parts[:-1])
        value = parent[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self._error(f"`{key}` should be {_NAMES[kind]}, found {type_name(value)}", parts=parts)
        return value

    def _error(
        self, problem: str, *, parts: tuple[str | int, ...] | None = None, offset: int | None = None
    ) -> ExportError:
        if parts is None:
            parts = place_at(self._text, offset or 0)
        if offset is None:
            offset = offset_of(self._text, parts) if parts else 0
        position = line_and_column(self._text, offset) if offset is not None else None
        return ExportError(problem, source=self._source, at=pointer(parts), position=position)
