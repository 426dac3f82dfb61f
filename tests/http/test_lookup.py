from __future__ import annotations

import json
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.genesys.regions import DOMAINS
from app.lookup import describe, recognise
from schemas.conversation import CONVERSATION as SCHEMA
from tests.conftest import CONVERSATION, TRACE_ID, TRACEPARENT, make_settings

ROOT = Path(__file__).parents[2]
PAGES = ("/", "/widget")
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)' autofocus='",
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "</title></textarea><svg onload=alert(1)>",
    f"{CONVERSATION}<script>alert(1)</script>",
    f'javascript:alert(1)//interactions/{CONVERSATION}"onmouseover=alert(1)',
    "\x00\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
]


class Document(HTMLParser):
    """The elements of a page: tag and attributes; and whether a script or a style stands in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        if self._open in ("script", "style"):
            self.inline += data.strip()

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def ask(client: FlaskClient, text: str, path: str = "/") -> TestResponse:
    return client.get(path, query_string={"conversationId": text})


def policy(response: TestResponse) -> dict[str, list[str]]:
    directives = (part.split() for part in response.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in directives}


def test_the_page_asks_when_nothing_was_asked(client: FlaskClient) -> None:
    for response in (client.get("/"), ask(client, "  ")):
        assert response.status_code == 200
        assert "From a call to its trace, and back" in response.text
        assert "Error" not in response.text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_the_same_as_the_json(client: FlaskClient, path: str) -> None:
    told = client.get(f"/v1/conversations/{CONVERSATION}").json
    text = re.sub(r"</?b>", "", ask(client, CONVERSATION, path).text)
    for name in ("conversation_id", "trace_id", "traceparent"):
        assert f">{told[name]}</code>" in text
    assert [told["trace_url"], told["search_url"]] == [
        link["href"] for link in Document(text).all("a") if "datadog" in link["href"]
    ]
    if path == "/":
        assert f"traceparent: {told['traceparent']}\ntracestate: {told['tracestate']}</pre>" in text
        assert f"x-datadog-tags: {told['x_datadog_tags']}</pre>" in text
        assert all(f">{value}<" in text for name, value in told.items() if name.endswith("_decimal"))


def test_the_interaction_is_linked_only_where_the_region_is_set(client: FlaskClient) -> None:
    assert "/interactions/" not in ask(client, CONVERSATION).text
    regional = create_app(make_settings(genesys_region="eu-central-1")).test_client()
    url = f"https://apps.mypurecloud.de/directory/#/engage/admin/interactions/{CONVERSATION}"
    assert url in [link["href"] for link in Document(ask(regional, CONVERSATION).text).all("a")]
    assert regional.get(f"/v1/conversations/{TRACE_ID}").json["interaction_url"] == url


@pytest.mark.parametrize("text", [CONVERSATION, TRACE_ID.upper(), TRACEPARENT, f"%7B{CONVERSATION}%7D"])
def test_the_json_has_every_field_for_each_form_of_the_id(client: FlaskClient, text: str) -> None:
    response = client.get(f"/v1/conversations/{text}")
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert list(response.json) == list(SCHEMA.fields)
    assert not SCHEMA.validate(response.json)
    assert response.json["conversation_id"] == CONVERSATION


def test_what_is_described_is_what_the_schema_names() -> None:
    assert list(describe(recognise(CONVERSATION), make_settings())) == list(SCHEMA.fields)


def test_a_text_that_names_no_conversation_is_a_problem(client: FlaskClient) -> None:
    response = client.get("/v1/conversations/11767480711448762632")
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"
    assert "cannot be computed" in response.json["detail"]


def test_the_page_says_what_is_wrong_and_keeps_what_was_asked(client: FlaskClient) -> None:
    response = ask(client, "8f14e45f-ceea")
    assert response.status_code == 400
    document = Document(response.text)
    (field,) = document.all("input")
    assert field["value"] == "8f14e45f-ceea"
    assert field["aria-invalid"] == "true"
    assert "problem" in field["aria-describedby"]
    assert "<title>Error: " in response.text
    assert "this has 12" in response.text
    assert f"/apm/trace/{2**63 + 1}" in ask(client, str(2**63 + 1)).text


def test_the_widget_says_how_its_address_is_written(client: FlaskClient) -> None:
    for response in (client.get("/widget"), ask(client, "{{gcConversationId}}", "/widget")):
        assert response.status_code == 400
        assert "/widget?conversationId={{gcConversationId}}" in response.text
    assert "was not told which conversation" in client.get("/widget").text
    assert "of the type Interaction Widget" in response.text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_asked_cannot_become_part_of_the_page(client: FlaskClient, path: str, attack: str) -> None:
    response = ask(client, attack, path)
    assert response.status_code in (200, 400)
    document = Document(response.text)
    assert document.inline == ""
    assert len(document.all("script")) == 1
    assert not document.all("img")
    assert {tag for tag, _ in document.elements} <= {
        tag for tag, _ in Document(ask(client, TRACE_ID).text).elements
    } | {"div"}
    for tag, attributes in document.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "autofocus")], tag
        assert re.match(r"/|https://app\.datadoghq\.com/apm/", attributes.get("href") or "/")
    for field in document.all("input"):
        assert field["value"] == attack


def test_a_text_that_is_too_long_is_not_sent_back_whole(client: FlaskClient) -> None:
    response = ask(client, "<" * 3000)
    assert response.status_code == 400
    (field,) = Document(response.text).all("input")
    assert field["value"] == "<" * 2000


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("text", [CONVERSATION, "nonsense"])
def test_a_page_allows_its_own_files_and_nothing_else(client: FlaskClient, path: str, text: str) -> None:
    response = ask(client, text, path)
    allowed = policy(response)
    assert allowed.pop("frame-ancestors")
    assert allowed.pop("form-action") == (["'self'"] if path == "/" else ["'none'"])
    assert allowed == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "base-uri": ["'none'"],
    }
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers
    assert response.mimetype == "text/html"


@pytest.mark.parametrize("path", PAGES)
def test_every_file_of_a_page_is_ours_and_kept_by_browsers_until_it_changes(client: FlaskClient, path: str) -> None:
    document = Document(ask(client, CONVERSATION, path).text)
    files = [e["href"] for e in document.all("link")] + [e["src"] for e in document.all("script")]
    assert len(files) == 3
    for url in files:
        assert re.fullmatch(r"/static/[\w.]+\?v=[0-9a-f]{12}", url)
        response = client.get(url)
        assert response.status_code == 200
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in response.headers["Cache-Control"]
        assert (
            response.mimetype
            == {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}[
                url.partition("?")[0].rpartition(".")[2]
            ]
        )
    assert client.get("/static/__init__.py").status_code == 404
    assert client.get("/static/..%2fwsgi.py").status_code == 404


def test_links_to_elsewhere_open_beside_and_tell_nothing(client: FlaskClient) -> None:
    for path in PAGES:
        for link in Document(ask(client, CONVERSATION, path).text).all("a"):
            if link["href"].startswith("https:") or path == "/widget":
                assert (link["target"], link["rel"]) == ("_blank", "noopener noreferrer")


def test_nobody_may_frame_the_page_and_genesys_may_frame_the_widget(client: FlaskClient) -> None:
    assert policy(client.get("/"))["frame-ancestors"] == ["'none'"]
    genesys = [f"https://apps.{domain}" for domain in DOMAINS.values()]
    assert policy(ask(client, CONVERSATION, "/widget"))["frame-ancestors"] == genesys
    framed = create_app(make_settings(frame_ancestors="https://acme.lightning.force.com")).test_client()
    assert policy(ask(framed, CONVERSATION, "/widget"))["frame-ancestors"] == [
        *genesys,
        "https://acme.lightning.force.com",
    ]
    assert policy(framed.get("/"))["frame-ancestors"] == ["'none'"]


def test_no_id_is_logged(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    for path in (
        f"/?conversationId={CONVERSATION}",
        f"/widget?conversationId={TRACE_ID}",
        f"/v1/conversations/{TRACE_ID}",
    ):
        assert client.get(path).status_code == 200
    fields = json.dumps([record.__dict__.get("fields") for record in caplog.records])
    assert "/v1/conversations/" in fields
    assert CONVERSATION not in fields
    assert TRACE_ID not in fields


def test_every_file_of_the_pages_is_part_of_the_package() -> None:
    """They are no Python files, so the package names them."""
    globs = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["app"]
    packed = {path for glob in globs for path in (ROOT / "app").glob(glob)}
    others = {
        path
        for path in (ROOT / "app").rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    }
    assert others == packed
