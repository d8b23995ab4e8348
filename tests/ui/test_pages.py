"""Every page, in both themes and all sizes: readable by everyone, quiet, and asking nobody else."""

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import NewTab, Recorded
from tests.ui.tab import DESK, LARGE, PHONE, ROOT, Size, Tab, Theme

pytestmark = pytest.mark.slow

BUILT = ROOT / "src" / "agentreplay" / "ui"
FIRST_LOAD = 250_000
"""Bytes of JavaScript, compressed, until the start page is there."""

PAGES = {
    "home": ("/", {}),
    "sessions": ("/sessions", {}),
    "search": ("/search", {"q": "kettle"}),
    "player": ("/sessions/{session}", {"project": "demo"}),
    "player flame": ("/sessions/{session}", {"project": "demo", "view": "flame"}),
    "player conversation": ("/sessions/{session}", {"project": "demo", "view": "conversation", "at": "8"}),
    "player graph": ("/sessions/{session}", {"project": "demo", "view": "graph"}),
    "player state": ("/sessions/{session}", {"project": "demo", "view": "state", "at": "8"}),
    "player span": ("/sessions/{session}", {"project": "demo", "view": "span", "at": "8"}),
    "memory nothing": ("/memory", {"project": "demo"}),
    "compare": ("/compare", {"project": "demo", "before": "{session}", "after": "{fork}"}),
    "compare nothing": ("/compare", {}),
    "compare requests": ("/compare", {"project": "demo", "before": "{session}", "after": "{fork}", "view": "request"}),
    "measures": ("/measures", {}),
    "measures split": ("/measures", {"by": "model", "top": "kind"}),
    "connect": ("/settings", {}),
    "storage": ("/settings", {"section": "storage"}),
    "projects": ("/settings", {"section": "projects"}),
    "prices": ("/settings", {"section": "prices", "q": "gpt-5"}),
    "look": ("/settings", {"section": "look"}),
    "keyboard": ("/settings", {"section": "keyboard"}),
    "about": ("/settings", {"section": "about"}),
    "missing": ("/nowhere", {}),
}


def opened(tab: Tab, recorded: Recorded, name: str) -> Tab:
    path, search = PAGES[name]
    place = {"session": recorded.session, "fork": recorded.fork}
    tab.open(path.format(**place), **{key: value.format(**place) for key, value in search.items()})
    return tab


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_it_can_be_read_by_everyone(name: str, theme: Theme, new_tab: NewTab, recorded: Recorded) -> None:
    tab = opened(new_tab(theme), recorded, name)

    assert tab.violations() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_stands_on_a_colour_can_be_read(theme: Theme, new_tab: NewTab, recorded: Recorded) -> None:
    """How wide a blade is by time, and so what is written on it, depends on the machine; by tokens it does not."""
    tab = opened(new_tab(theme), recorded, "player flame")

    tab.page.get_by_role("button", name="Tokens").click()

    expect(tab.page.get_by_text(re.compile("^\u00d7[0-9]+$")).first).to_be_visible()
    assert tab.violations() == []


@pytest.mark.parametrize("size", [DESK, LARGE, PHONE], ids=["desk", "large", "phone"])
def test_it_fits(size: Size, new_tab: NewTab, recorded: Recorded) -> None:
    tab = new_tab(size=size)

    assert {name: opened(tab, recorded, name).overflow() for name in PAGES} == dict.fromkeys(PAGES, 0)


def test_little_is_loaded_before_the_start_page_is_there(fresh_tab: Tab) -> None:
    scripts: list[str] = []
    fresh_tab.page.on("response", lambda answer: scripts.append(answer.url) if answer.url.endswith(".js") else None)

    fresh_tab.open("/")

    sizes = [
        len(gzip.compress((BUILT / Path(url.removeprefix(f"{fresh_tab.address}/"))).read_bytes())) for url in scripts
    ]
    assert sizes
    assert sum(sizes) <= FIRST_LOAD, dict(zip(scripts, sizes, strict=True))


def test_the_keyboard_map_and_the_palette_open_over_every_page(tab: Tab) -> None:
    page = tab.open("/measures")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    assert tab.violations() == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("go to settings")
    page.keyboard.press("Enter")

    page.wait_for_url("**/settings*")
