"""A real browser for the tests of pages, and the pictures of the documentation.

`python -m tests.browser` (`make pictures`) takes the pictures again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from architect.sandbox import Credentials, Service
from tests.complete import program

IMAGES = Path(__file__).parents[1] / "docs" / "images"
CONVERSATION = "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"
# A browser that asks nobody for anything by itself.
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium of the system."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


def take_pictures() -> None:
    """Write the pictures of the page and of the widget."""
    # No span is sent, so there need not be an agent.
    service = Service("http://127.0.0.1:9", Credentials.new(), GENESYSCLOUD_REGION="eu-central-1").start()
    IMAGES.mkdir(exist_ok=True)
    try:
        with chromium() as browser:
            for name, path, size, scheme in (
                ("page", "/", (860, 1130), "light"),
                ("widget", "/widget", (320, 325), "light"),
                ("widget-dark", "/widget", (320, 325), "dark"),
            ):
                viewport = ViewportSize(width=size[0], height=size[1])
                page = browser.new_page(viewport=viewport, color_scheme=scheme)
                page.goto(f"{service.url}{path}?conversationId={CONVERSATION}")
                page.screenshot(path=IMAGES / f"{name}.png")
    finally:
        service.stop()


if __name__ == "__main__":
    take_pictures()
