"""Whether the file has an export's parts, and the data action that can be made of those it has.

Unlike the engine, which refuses a file at its first fault, this goes on with a stand-in for every part that is
missing or of the wrong type, so that one look finds everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from architect.emulator.export import DEFAULT_TEMPLATE, METHODS, DataAction, RequestConfig, ResponseConfig
from architect.emulator.json_text import Json, type_name
from architect.linter.document import Document, Edit
from architect.linter.finding import Finding, found
from architect.linter.spans import Parts

_T = TypeVar("_T", str, bool, dict[str, Json])
_WANTED: dict[type, str] = {str: "text", dict: "an object", bool: "true or false"}
_KEYS = ("name", "integrationType", "actionType", "config", "contract", "secure")
_API_KEYS = frozenset({"id", "category", "integrationId", "version", "selfUri"})


class Shape:
    """Reads one document; afterwards `findings` holds what was wrong with its shape."""

    def __init__(self, document: Document, value: dict[str, Json]) -> None:
        self._document = document
        self._value = value
        self.findings: list[Finding] = []

    def action(self) -> DataAction:
        """Give the action, with stand-ins for what is unusable."""
        value = self._value
        is_api = "integrationType" not in value and bool(_API_KEYS & set(value))
        if is_api:
            self.findings.append(self._api_shape())
        name = self._get(value, ("name",), str, "")
        integration_type = None if is_api else self._integration_type()
        action_type = "custom" if is_api else self._action_type()
        config = self._get(value, ("config",), dict, {})
        request = self._get(config, ("config", "request"), dict, {})
        response = self._get(config, ("config", "response"), dict, {})
        contract = self._get(value, ("contract",), dict, {})
        contract_in = self._get(contract, ("contract", "input"), dict, {})
        contract_out = self._get(contract, ("contract", "output"), dict, {})
        if not is_api:
            self.findings += self._surplus()
        self.findings += self._secure()
        return DataAction(
            name=name,
            shape="api" if is_api else "export",
            integration_type=integration_type,
            action_type=action_type,
            request=self._request(request),
            response=ResponseConfig(
                self._texts(response, ("config", "response", "translationMap")),
                self._texts(response, ("config", "response", "translationMapDefaults")),
                self._get(response, ("config", "response", "successTemplate"), str, "${rawResult}", required=False),
            ),
            input_schema=self._get(contract_in, ("contract", "input", "inputSchema"), dict, {}),
            output_schema=self._get(contract_out, ("contract", "output", "successSchema"), dict, {}),
            secure=value.get("secure") is True,
            timeout_seconds=None,
            source=self._document.name,
        )

    def _request(self, request: dict[str, Json]) -> RequestConfig:
        here: Parts = ("config", "request")
        method = self._get(request, (*here, "requestType"), str, "POST")
        if method not in METHODS:
            self._add(
                "unknown-method",
                (*here, "requestType"),
                f"requestType is `{method}`, which data actions do not have.",
                shown=f"{method!r} is not one of {', '.join(METHODS)}",
                remedy=f"Use {method.upper()}." if method.upper() in METHODS else "Use one of those.",
                edits=[self._document.replace_value((*here, "requestType"), method.upper())]
                if method.upper() in METHODS
                else [],
            )
        return RequestConfig(
            url_template=self._get(request, (*here, "requestUrlTemplate"), str, ""),
            method=method.upper(),
            headers=self._texts(request, (*here, "headers")),
            body_template=self._get(request, (*here, "requestTemplate"), str, DEFAULT_TEMPLATE, required=False),
        )

    def _integration_type(self) -> str | None:
        given = self._value.get("integrationType")
        if not isinstance(given, dict):
            return self._get(self._value, ("integrationType",), str, "") or None
        inner = given.get("id")
        text = inner if isinstance(inner, str) else "custom-rest-actions"
        self._add(
            "integration-type-object",
            ("integrationType",),
            "`integrationType` is an object; exports have plain text there.",
            shown="`integrationType` should be text, found object",
            remedy=f'Write "integrationType": "{text}".',
            edits=[self._document.replace_value(("integrationType",), text)] if isinstance(inner, str) else [],
        )
        return text

    def _action_type(self) -> str:
        if "actionType" not in self._value:
            guess = "customAuth" if self._document.name.endswith(".customAuth.json") else "custom"
            self._add(
                "action-type-missing",
                (),
                "`actionType` is missing, so the file does not say which kind of action it is.",
                shown="all published exports have it",
                remedy=f'Add "actionType": "{guess}" after integrationType.',
                edits=self._insertion("integrationType", "actionType", guess),
            )
            return guess
        given = self._get(self._value, ("actionType",), str, "custom")
        if given == "static":
            self._add(
                "built-in-action",
                ("actionType",),
                "This is one of Genesys' built-in actions: it comes with its integration and cannot be changed.",
                shown="actionType is static",
                remedy="To change it, copy it to a custom action in Genesys Cloud and export that.",
            )
        elif given not in {"custom", "customAuth"}:
            self._add(
                "action-type-unknown",
                ("actionType",),
                f"`{given}` is no actionType.",
                shown="known are custom, customAuth and static",
                remedy='Write "custom", or "customAuth" for the auth action of an integration.',
            )
            return "custom"
        return given

    def _api_shape(self) -> Finding:
        keys = sorted(_API_KEYS & set(self._value))
        from_get = "id" in keys or "selfUri" in keys
        kind = (
            "an answer of the API (GET /api/v2/integrations/actions/{id})"
            if from_get
            else ("a body for the API (POST /api/v2/integrations/actions)")
        )
        return found(
            "api-shape",
            self._document,
            (keys[0],),
            f"This is {kind}, not an export: the Import button of Genesys Cloud does not take it.",
            shown=f"it has {', '.join(keys)} where an export has integrationType and actionType",
            remedy="To import it, replace those by integrationType and actionType; or send it to the API.",
        )

    def _surplus(self) -> Iterator[Finding]:
        for key in self._value:
            if key not in _KEYS:
                yield found(
                    "surplus-key",
                    self._document,
                    (key,),
                    f"`{key}` is not part of an export.",
                    shown=f"exports have {', '.join(_KEYS)}, and nothing else",
                    remedy="Take it out.",
                )

    def _secure(self) -> Iterator[Finding]:
        if "secure" in self._value:
            self._get(self._value, ("secure",), bool, default=False)
            return
        last = list(self._value)[-1] if self._value else None
        yield found(
            "secure-missing",
            self._document,
            (),
            "`secure` is missing; it cannot be changed after publishing.",
            shown="exports made by Genesys Cloud have it",
            remedy='Add "secure": false at the end.',
            edits=self._insertion(last, "secure", value=False) if last else [],
        )

    def _insertion(self, after: str, key: str, value: object) -> list[Edit]:
        return [self._document.insert_after((after,), key, value)] if after in self._value else []

    def _texts(self, parent: dict[str, Json], parts: Parts) -> Mapping[str, str]:
        given = self._get(parent, parts, dict, {}, required=False)
        return {
            name: self._get(given, (*parts, name), str, "") for name in given if self._is_text(given, (*parts, name))
        }

    def _is_text(self, parent: dict[str, Json], parts: Parts) -> bool:
        if isinstance(parent[str(parts[-1])], str):
            return True
        self._get(parent, parts, str, "")
        return False

    def _get(self, parent: dict[str, Json], parts: Parts, kind: type[_T], default: _T, *, required: bool = True) -> _T:
        """Take the last of `parts` from its parent, or the default, with a finding when it cannot be used."""
        key = str(parts[-1])
        if key not in parent:
            parent_is_there = len(parts) == 1 or self._document.has(parts[:-1])
            if required and parent_is_there:
                self._add(
                    "wrong-shape",
                    parts[:-1],
                    f"`{key}` is missing.",
                    shown=f"it should be {_WANTED[kind]}",
                    remedy=f"Add it, or export the action again: every export has {'.'.join(map(str, parts))}.",
                )
            return default
        value = parent[key]
        if isinstance(value, kind):
            return value
        self._add(
            "wrong-shape",
            parts,
            f"`{key}` is of the wrong type.",
            shown=f"it should be {_WANTED[kind]}, found {type_name(value)}",
            remedy=f"Make it {_WANTED[kind]}.",
        )
        return default

    def _add(
        self, rule: str, parts: Parts, problem: str, *, shown: str, remedy: str, edits: list[Edit] | None = None
    ) -> None:
        self.findings.append(found(rule, self._document, parts, problem, shown=shown, remedy=remedy, edits=edits or []))
