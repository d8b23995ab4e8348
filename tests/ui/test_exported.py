"""The page that a session is exported to, in a browser: it asks nobody for anything, and its player plays."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from agentreplay.cli.export_html import page as page_of
from agentreplay.core.account import account
from agentreplay.core.redact import Redactor
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker
from tests.cli.sessions_told import coding_session

pytestmark = pytest.mark.slow


def test_a_session_is_gone_through_step_by_step(browser: Browser, tmp_path: Path) -> None:
    store, make = MemoryStore(), Maker()
    store.append(coding_session(make))
    file = tmp_path / "session.html"
    file.write_text(page_of(account(store, SessionKey(make.tenant, make.project, make.session_id), Redactor())))
    tab = browser.new_page()
    said: list[str] = []
    asked: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("request", lambda request: asked.append(request.url))

    tab.goto(file.as_uri())
    steps = tab.locator("article:visible")

    expect(steps).to_have_count(8)
    tab.get_by_role("button", name="First").click()
    expect(steps).to_have_count(1)
    tab.keyboard.press("ArrowRight")
    expect(steps).to_have_count(2)
    expect(tab.locator("article.now h2")).to_contain_text("claude-sonnet-4")
    expect(tab.locator("output")).to_have_text("2 of 8")
    tab.get_by_role("button", name="Play").click()
    expect(steps).to_have_count(8, timeout=10_000)
    expect(tab.get_by_role("button", name="Play")).to_be_visible()
    assert said == [], "the browser had nothing to refuse"
    assert asked == [file.as_uri()], "nothing but the file was loaded"
    tab.close()
