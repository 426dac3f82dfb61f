"""The look-up page and the widget in a real browser, served by gunicorn. Nothing leaves this machine."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from architect.sandbox import ROOT, Credentials, Service
from tests.browser import CONVERSATION, chromium

TRACE_ID = CONVERSATION.replace("-", "")
TRACEPARENT = f"00-{TRACE_ID}-{TRACE_ID[:16]}-01"
LINKS = {
    "Open the trace in Datadog": f"https://app.datadoghq.com/apm/trace/{TRACE_ID}",
    "All its spans": f"https://app.datadoghq.com/apm/traces?query=%40conversation.id%3A{CONVERSATION}",
    "Interaction in Genesys Cloud": f"https://apps.mypurecloud.de/directory/#/engage/admin/interactions/{CONVERSATION}",
}
PASTED = {
    "a conversation id": CONVERSATION,
    "upper case in braces": f" {{{CONVERSATION.upper()}}} ",
    "a trace id": TRACE_ID,
    "a trace id in quotes": f'"{TRACE_ID}"',
    "a labelled trace id": f"trace_id: {TRACE_ID}",
    "a traceparent": TRACEPARENT,
    "a trace id in decimal": str(int(TRACE_ID, 16)),
    "Datadog headers": f"x-datadog-trace-id: 11767480711448762632\nx-datadog-tags: _dd.p.tid={TRACE_ID[:16]}",
    "a Datadog trace": LINKS["Open the trace in Datadog"] + "?spanID=10310116547102393983",
    "a Datadog search": LINKS["All its spans"],
    "a Genesys interaction": LINKS["Interaction in Genesys Cloud"] + "/details",
}
ADDRESSES = {
    "empty page": "/",
    "page": f"/?conversationId={CONVERSATION}",
    "page with a doubt": "/?conversationId=8f14e45f-ceea-167f-a34e-7d5c3b2a1908",
    "error": "/?conversationId=11767480711448762632",
    "widget": f"/widget?conversationId={CONVERSATION}",
    "widget's error": "/widget?conversationId=%7B%7BgcConversationId%7D%7D",
}
WATCH = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""


class Host:
    """A web page on a loopback port that frames another, with the sandbox options that docs/look-up.md asks for."""

    def __init__(self, name: str) -> None:
        self.framed = ""
        (options,) = re.findall(r"Sandbox Options \| `(.+?)`", (ROOT / "docs" / "look-up.md").read_text())
        self.sandbox = options.replace(",", " ")
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = (
                    "<!doctype html><title>Host</title><h1>Host</h1><iframe width=320 height=400 "
                    f'sandbox="{host.sandbox}" src="{host.framed}"></iframe>'
                )
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://{name}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def friend() -> Iterator[Host]:
    """Return a host that the service lets frame its widget."""
    host = Host("localhost")
    yield host
    host.stop()


@pytest.fixture(scope="module")
def stranger() -> Iterator[Host]:
    host = Host("127.0.0.1")
    yield host
    host.stop()


@pytest.fixture(scope="module")
def service(friend: Host, credentials: Credentials) -> Iterator[Service]:
    # No span is sent here, so there is no agent.
    settings = {"GENESYSCLOUD_REGION": "eu-central-1", "CALLSPAN_FRAME_ANCESTORS": friend.url}
    service = Service("http://127.0.0.1:9", credentials, **settings).start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


class Visitor:
    """A person with a browser window of their own; what the browser asked for and complained of is kept."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.strayed: list[str] = []
        self.complaints: list[str] = []
        context.route("**/*", self._watch)
        context.add_init_script(WATCH)
        self.page = context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _watch(self, route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost"):
            route.continue_()
        else:
            self.strayed.append(route.request.url)
            route.abort()

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def violations(self) -> list[str]:
        found: list[str] = self.page.evaluate("window.violations")
        return found


@pytest.fixture
def visit(browser: Browser, service: Service) -> Iterator[partial[Visitor]]:
    """Return a function that opens a window: `visit(color_scheme="dark")`. Nobody may have been sent elsewhere."""
    visitors: list[Visitor] = []

    def visit(**options: object) -> Visitor:
        visitors.append(Visitor(browser.new_context(**options), service.url))  # type: ignore[arg-type]
        return visitors[-1]

    yield partial(visit)
    for visitor in visitors:
        assert visitor.strayed == []
        assert visitor.context.cookies() == []
        visitor.context.close()


@pytest.mark.parametrize("text", PASTED.values(), ids=PASTED.keys())
def test_what_is_pasted_leads_to_its_conversation(visit: partial[Visitor], text: str) -> None:
    visitor = visit()
    page = visitor.open("/")
    page.get_by_label("Conversation, trace or address").fill(text)
    page.get_by_role("button", name="Look up").click()
    expect(page.locator("#conversation-id")).to_have_text(CONVERSATION)
    for name, url in LINKS.items():
        expect(page.get_by_role("link", name=name)).to_have_attribute("href", url)
    assert visitor.violations() == []
    assert visitor.complaints == []


def test_a_text_without_an_id_is_answered_with_what_would_be_right(visit: partial[Visitor]) -> None:
    page = visit().open("/")
    page.get_by_label("Conversation, trace or address").fill("<b>call</b> 42")
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no id in this. Paste a conversation id")
    expect(page.get_by_label("Conversation, trace or address")).to_have_value("<b>call</b> 42")
    assert page.title().startswith("Error: ")


@pytest.mark.parametrize("path", ["page", "widget"])
def test_every_copy_button_copies_what_stands_beside_it_and_says_so(visit: partial[Visitor], path: str) -> None:
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    page = visitor.open(ADDRESSES[path])
    buttons = page.get_by_role("button", name="Copy the ")
    names = []
    for button in buttons.all():
        button.click()
        name = button.get_attribute("data-what")
        expect(page.get_by_role("status")).to_have_text(f"Copied the {name}")
        expect(button).to_have_text("Copied")
        shown = page.locator(f"#{button.get_attribute('data-copies')}").text_content()
        assert page.evaluate("navigator.clipboard.readText()") == shown
        names.append(name)
    assert len(set(names)) == len(names) == {"page": 11, "widget": 3}[path]
    assert visitor.violations() == []


def test_the_headers_are_copied_as_lines(visit: partial[Visitor]) -> None:
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    page = visitor.open(ADDRESSES["page"])
    page.get_by_role("button", name="Copy the W3C headers").click()
    expect(page.get_by_role("status")).to_have_text("Copied the W3C headers")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"traceparent: {TRACEPARENT}\ntracestate: dd=s:2;t.dm:-4"


def test_without_a_clipboard_the_text_is_selected_to_be_copied_by_hand(visit: partial[Visitor]) -> None:
    visitor = visit()
    visitor.context.add_init_script("document.execCommand = () => false; delete Navigator.prototype.clipboard;")
    page = visitor.open(ADDRESSES["page"])
    page.get_by_role("button", name="Copy the trace id", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("The trace id is selected: press Ctrl+C to copy it")
    assert page.evaluate("getSelection().toString()") == TRACE_ID


def test_without_scripts_everything_works_but_the_copy_buttons_which_are_not_shown(visit: partial[Visitor]) -> None:
    page = visit(java_script_enabled=False).open("/")
    page.get_by_label("Conversation, trace or address").fill(TRACEPARENT)
    page.get_by_role("button", name="Look up").click()
    expect(page.locator("#conversation-id")).to_have_text(CONVERSATION)
    assert page.locator("button.copy").count() == 11
    assert page.locator("button.copy:visible").count() == 0


def test_the_page_is_used_with_the_keyboard_alone(visit: partial[Visitor]) -> None:
    """The order of the focus is that of the page, and it can always be seen."""
    page = visit(permissions=["clipboard-read", "clipboard-write"]).open("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Callspan")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Conversation, trace or address")).to_be_focused()
    page.keyboard.type(TRACE_ID)
    page.keyboard.press("Enter")
    expect(page.locator("#conversation-id")).to_have_text(CONVERSATION)
    order = []
    for _ in range(10):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert (
            focused.evaluate("e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth") == "solid3px"
        )
        order.append(focused.get_attribute("aria-label") or focused.text_content() or focused.get_attribute("id"))
        if order[-1] == "Copy the trace id":
            page.keyboard.press("Enter")
            expect(page.get_by_role("status")).to_have_text("Copied the trace id")
    assert order[:8] == [
        "Callspan",
        "text",
        "Look up",
        "Copy the conversation id",
        *(f"{name} (opens in a new tab)" for name in LINKS),
        "Copy the trace id",
    ]


@pytest.mark.parametrize("path", ADDRESSES.values(), ids=ADDRESSES.keys())
@pytest.mark.parametrize("width", [300, 1280])
def test_nothing_has_to_be_scrolled_sideways(visit: partial[Visitor], path: str, width: int) -> None:
    page = visit(viewport={"width": width, "height": 500}).open(path)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for element in page.locator("a:visible, button:visible, code:visible, input:visible").all():
        box = element.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


@pytest.mark.parametrize("path", ADDRESSES.values(), ids=ADDRESSES.keys())
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_a_reader(
    visit: partial[Visitor], path: str, scheme: Literal["light", "dark"]
) -> None:
    """By axe-core, which also measures contrast."""
    visitor = visit(color_scheme=scheme)
    page = visitor.open(path)
    results = Axe().run(page, options={"resultTypes": ["violations", "incomplete"]})
    assert results.response["violations"] == [], results.generate_report()
    assert results.response["incomplete"] == []
    red, green, blue = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)")
    assert (red + green + blue < 3 * 64) == (scheme == "dark")
    assert visitor.violations() == []


def test_an_allowed_host_frames_the_widget_which_copies_there_too(visit: partial[Visitor], friend: Host) -> None:
    """The frame is given no clipboard, as that of a desktop whose administrator did not think of it."""
    visitor = visit(permissions=["clipboard-read"])
    friend.framed = visitor.address + ADDRESSES["widget"]
    visitor.page.goto(friend.url)
    widget = visitor.page.frame_locator("iframe")
    expect(widget.locator("#trace-id")).to_have_text(TRACE_ID)
    expect(widget.get_by_role("link", name="Open in Datadog")).to_have_attribute(
        "href", LINKS["Open the trace in Datadog"]
    )
    widget.get_by_role("button", name="Copy the traceparent").click()
    expect(widget.get_by_role("status")).to_have_text("Copied the traceparent")
    visitor.page.locator("h1").click()
    assert visitor.page.evaluate("navigator.clipboard.readText()") == TRACEPARENT
    assert ["Clipboard API has been blocked" in complaint for complaint in visitor.complaints] == [True]


def test_another_host_cannot_frame_the_widget(visit: partial[Visitor], stranger: Host) -> None:
    visitor = visit()
    stranger.framed = visitor.address + ADDRESSES["widget"]
    with visitor.page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        visitor.page.goto(stranger.url)
    expect(visitor.page.frame_locator("iframe").locator("#trace-id")).to_have_count(0)


def test_no_host_can_frame_the_page(visit: partial[Visitor], friend: Host) -> None:
    visitor = visit()
    friend.framed = visitor.address + ADDRESSES["page"]
    with visitor.page.expect_console_message(lambda message: "frame-ancestors 'none'" in message.text):
        visitor.page.goto(friend.url)
    expect(visitor.page.frame_locator("iframe").locator("#trace-id")).to_have_count(0)
