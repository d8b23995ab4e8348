"""A tab of a real browser, which notes what it should not do: errors in its console, requests to anyone else."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, expect

__all__ = ["DESK", "LARGE", "PHONE", "ROOT", "Size", "Tab", "Theme", "new_page"]

ROOT = Path(__file__).resolve().parent.parent.parent
_AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"

Theme = Literal["light", "dark"]
Size = tuple[int, int]
DESK, LARGE, PHONE = (1280, 800), (3840, 2160), (390, 844)


def new_page(browser: Browser) -> Page:
    """A page with nothing remembered, which shares nothing with others."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


class Tab:
    """A tab with nothing remembered, at the start page of a server."""

    def __init__(self, page: Page, address: str, *, theme: Theme = "light", size: Size = DESK) -> None:
        width, height = size
        page.set_viewport_size({"width": width, "height": height})
        # Whatever slides is where it ends up, so that what is looked at does not depend on when.
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        self.address = address
        self.page = page
        self.errors: list[str] = []
        self.strangers: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", self._fail)
        page.on("request", self._watch)

    def open(self, path: str, **search: str) -> Page:
        """Go to a place within the UI, and wait until its questions are answered."""
        self.page.goto(f"{self.address}{path}{f'?{urlencode(search)}' if search else ''}")
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until nothing is being loaded. The live feed never ends, so that the network is no guide."""
        self.page.wait_for_selector("main")
        expect(self.page.locator("main [role=status] .animate-spin")).to_have_count(0)
        expect(self.page.locator("main [aria-busy=true]")).to_have_count(0)

    def violations(self) -> list[str]:
        """What axe finds wrong with what is on the screen, by the rules of WCAG 2.2 AA and best practice.

        What is shown until a question is answered is faint, and is not what is looked at.
        """
        self.settle()
        session = self.page.context.new_cdp_session(self.page)
        # Through the browser's own door, because the page lets no script in that is not its own.
        session.send("Runtime.evaluate", {"expression": _AXE.read_text(encoding="utf-8")})
        answer = session.send(
            "Runtime.evaluate",
            {"expression": "axe.run(document, {resultTypes: ['violations']})", "awaitPromise": True}
            | {"returnByValue": True},
        )
        session.detach()
        found: Sequence[dict[str, Any]] = answer["result"]["value"]["violations"]
        return [
            f"{one['id']}: {one['help']}: {node['html'][:160]} ({node.get('failureSummary', '')[:240]})"
            for one in found
            for node in one["nodes"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def close(self) -> None:
        """Close it, and say what it did that it should not have done."""
        self.page.context.close()
        self._judge()

    def clear(self) -> Page:
        """Say the same, and leave the page as a new one is, except that what the browser compiled is compiled."""
        context = self.page.context
        self._judge()
        for event, listener in (("console", self._hear), ("pageerror", self._fail), ("request", self._watch)):
            self.page.remove_listener(event, listener)
        for other in context.pages:
            if other is not self.page:
                other.close()
        # Nothing is below a mouse that is outside.
        self.page.mouse.move(-10, -10)
        self.page.evaluate("sessionStorage.clear()")
        self.page.goto("about:blank")
        session = context.new_cdp_session(self.page)
        session.send("Storage.clearDataForOrigin", {"origin": self.address, "storageTypes": "all"})
        session.send("Page.resetNavigationHistory")
        session.detach()
        return self.page

    def _judge(self) -> None:
        assert self.errors == [], self.errors
        assert self.strangers == [], self.strangers

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _fail(self, error: Error) -> None:
        self.errors.append(str(error))

    def _watch(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and f"{parts.scheme}://{parts.netloc}" != self.address:
            self.strangers.append(request.url)
