"""Somebody new, with nothing recorded yet: what the first page says is all there is to read."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.server.running import Running, running
from tests.ui.conftest import environment
from tests.ui.tab import PHONE, Tab, new_page

pytestmark = pytest.mark.slow

_MINUTE = 60


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("new") / "my data") as server:
        yield server


def test_on_a_phone_the_ways_to_begin_leave_the_other_pages_in_reach(browser: Browser, empty: Running) -> None:
    tab = Tab(new_page(browser), empty.address, size=PHONE)
    page = tab.page
    page.goto(empty.address)

    expect(page.get_by_role("heading", level=2)).to_have_count(3)
    page.get_by_text("Waiting for the first span").scroll_into_view_if_needed()
    expect(page.get_by_text("Waiting for the first span")).to_be_in_viewport()
    assert tab.overflow() == 0
    assert tab.violations() == []
    page.get_by_role("link", name="Settings").click()
    page.wait_for_url("**/settings*")

    tab.close()


def test_the_demo_is_scrubbed_within_a_minute_by_what_the_first_page_says(
    browser: Browser, empty: Running, tmp_path: Path
) -> None:
    """One click to copy a command, one paste, one click to open what it recorded, and a drag."""
    tab = Tab(new_page(browser), empty.address)
    page = tab.page
    began = time.monotonic()
    page.goto(empty.address)

    page.get_by_role("button", name="Copy: the demo").click()
    command: str = page.evaluate("navigator.clipboard.readText()")
    # As a shell that knows neither the program nor the data folder.
    variables = {**environment(tmp_path / "elsewhere"), "PATH": "/usr/bin:/bin"}
    subprocess.run(command, shell=True, check=True, capture_output=True, env=variables, timeout=_MINUTE)
    page.get_by_role("button", name="Open it").click()
    bar = page.get_by_role("slider", name="Time")
    box = bar.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()

    expect(page.get_by_role("treeitem", selected=True)).to_contain_text("gpt-5-mini")
    assert time.monotonic() - began < _MINUTE
    assert not (tmp_path / "elsewhere").exists()
    tab.close()
