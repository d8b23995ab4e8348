"""The demo's recording in a real server, and a browser to look at it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.server.running import Running, running, waited_for
from tests.ui.tab import DESK, ROOT, Size, Tab, Theme, new_page
from tools import chromium


@dataclass(frozen=True)
class Recorded:
    """A server, and what was recorded before it started."""

    server: Running
    session: str
    """The demo's, in the project `demo`."""
    fork: str

    def told(self, path: str) -> Any:
        """What the API says."""
        return self.server.ask(f"/api/v1{path}").json

    def ingest(self, body: dict[str, Any]) -> None:
        """Tell the server of something, and wait until it can be read."""
        answer = self.server.ask("/api/v1/ingest", json.dumps(body).encode(), "POST", content_type="application/json")
        assert answer.status == 200, answer.body
        ids = [session["id"] for session in body["sessions"]]
        assert waited_for(lambda: all(self.has(body["project"], session) for session in ids))

    def has(self, project: str, session: str) -> bool:
        """Whether a session can be read."""
        return self.server.ask(f"/api/v1/sessions/{session}?project={project}").status == 200

    def run(self, *arguments: str, cwd: Path | None = None, **variables: str) -> "subprocess.Popen[bytes]":
        """A command of ours on the same data folder."""
        return subprocess.Popen(
            [sys.executable, "-m", "agentreplay.cli", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**environment(self.server.folder), **variables},
        )


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "AGENTREPLAY_DB": str(folder)}


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    if not (ROOT / "src" / "agentreplay" / "ui" / "index.html").is_file():
        pytest.fail("the web UI is not built\nhint: make ui")
    folder = tmp_path_factory.mktemp("ui") / "data"
    subprocess.run(
        [sys.executable, "-m", "agentreplay.cli", "demo"],
        check=True,
        capture_output=True,
        env=environment(folder),
        timeout=120,
    )
    with running(folder) as server:
        items = server.ask("/api/v1/sessions?project=demo").json["items"]
        fork, session = (item["id"] for item in items)
        yield Recorded(server, session, fork)


# Playwright keeps a loop running in its thread, which other tests could not bear: it ends with this folder.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    try:
        path = chromium.find(lean=True)
    except chromium.ChromiumMissing as error:
        pytest.fail(str(error))
    with sync_playwright() as playwright:
        # As root, as in a container, Chromium starts only without its sandbox.
        options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        quiet = ["--disable-background-networking", "--disable-component-update", "--disable-gpu"]
        chrome = playwright.chromium.launch(executable_path=path, args=[*options, *quiet])
        yield chrome
        chrome.close()


NewTab = Callable[..., Tab]


@pytest.fixture(scope="package")
def pages(browser: Browser) -> list[Page]:
    """The one that test after test looks at, while none does: a new one costs three times what it shows."""
    return [new_page(browser)]


@pytest.fixture
def new_tab(browser: Browser, pages: list[Page], recorded: Recorded) -> Iterator[NewTab]:
    """Opens tabs, which are asked how they behaved when the test is over."""
    tabs: list[Tab] = []

    def open_one(theme: Theme = "light", size: Size = DESK) -> Tab:
        page = pages.pop() if pages else new_page(browser)
        tabs.append(Tab(page, recorded.server.address, theme=theme, size=size))
        return tabs[-1]

    yield open_one
    pages.extend(tab.clear() for tab in tabs)


@pytest.fixture
def tab(new_tab: NewTab) -> Tab:
    return new_tab()


@pytest.fixture
def fresh_tab(browser: Browser, recorded: Recorded) -> Iterator[Tab]:
    """For those who watch, delay or hold up what is loaded: nothing was loaded before."""
    tab = Tab(new_page(browser), recorded.server.address)
    yield tab
    tab.close()
