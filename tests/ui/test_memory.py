"""The page of memory: what is remembered is found, told with where it is from, seen as it was, and forgotten."""

import re
import sys
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.server.running import waited_for
from tests.ui.conftest import NewTab, Recorded
from tests.ui.tab import PHONE, Tab

pytestmark = pytest.mark.slow

PROJECT = "remembered"
PROGRAM = """
import agentreplay

with agentreplay.Memory() as memory:
    memory.add("The staging server is called Ada", id="staging", metadata={"team": "infra"}, author="planner")
    memory.add("Lunch is at noon", id="lunch")
    memory.update("lunch", text="Lunch is at one", importance=0.9)
    memory.add("A password that must go", id="secret")
with agentreplay.Memory(agent="planner") as memory:
    memory.add("Short answers are liked", id="style")
"""


@dataclass(frozen=True)
class Remembered:
    recorded: Recorded
    session: str
    """In which all of it was said."""

    def told(self, path: str, **search: str) -> list[dict[str, object]]:
        query = "".join(f"&{name}={value}" for name, value in search.items())
        items: list[dict[str, object]] = self.recorded.told(f"/memory{path}?project={PROJECT}{query}")["items"]
        return items


@pytest.fixture(scope="module")
def remembered(recorded: Recorded, tmp_path_factory: pytest.TempPathFactory) -> Remembered:
    program = tmp_path_factory.mktemp("remembered") / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    with recorded.run("run", "--", sys.executable, str(program), AGENTREPLAY_PROJECT=PROJECT) as process:
        assert process.wait(60) == 0
    assert waited_for(lambda: recorded.told(f"/sessions?project={PROJECT}")["items"])
    return Remembered(recorded, recorded.told(f"/sessions?project={PROJECT}")["items"][0]["id"])


def opened(tab: Tab, **search: str) -> Page:
    return tab.open("/memory", project=PROJECT, collection="notes", **search)


def test_what_is_held_is_shown_the_newest_first(tab: Tab, remembered: Remembered) -> None:
    texts = [str(one["text"]) for one in remembered.told("")]

    page = opened(tab)

    expect(page.get_by_role("list", name="Records").get_by_role("listitem")).to_contain_text(texts)
    expect(page.get_by_role("navigation", name="Collections")).to_contain_text("planner")


def test_a_search_says_by_what_it_went_and_how_well_each_answers(tab: Tab, remembered: Remembered) -> None:
    page = opened(tab)

    page.keyboard.press("/")
    page.keyboard.type("staging servers")
    page.keyboard.press("Enter")

    [hit] = remembered.told("/search", text="staging%20servers")
    first = page.get_by_role("list", name="Records").get_by_role("listitem").first
    expect(first.locator("mark")).to_have_text(["staging", "server"])
    expect(first).to_contain_text(f"{hit['score']:.2f}")
    expect(page.get_by_text("By words:")).to_be_visible()


def test_all_collections_are_searched_at_once(tab: Tab, remembered: Remembered) -> None:
    page = opened(tab, q="answers")
    expect(page.get_by_text("Nothing that is remembered answers")).to_be_visible()

    page.get_by_role("checkbox", name="In all collections").check()
    page.get_by_role("button", name=re.compile("Short answers")).click()

    page.wait_for_url("**owner=agent*")
    expect(page.get_by_role("region", name="Record")).to_contain_text("Short answers are liked")


def test_a_record_leads_to_the_step_that_said_so(tab: Tab, remembered: Remembered) -> None:
    page = opened(tab, record="staging")
    record = page.get_by_role("region", name="Record")
    expect(record).to_contain_text("infra")

    record.get_by_role("link", name="Open its step in the session").click()

    page.wait_for_url(f"**/sessions/{remembered.session}*")
    expect(page.get_by_role("treeitem", selected=True)).to_contain_text("memory.upsert")


def test_its_versions_tell_what_changed(tab: Tab, remembered: Remembered) -> None:
    page = opened(tab, record="lunch")
    versions = page.get_by_role("region", name="Record").get_by_role("listitem")

    expect(versions.first).to_contain_text("importance 0.5 → 0.9")
    expect(versions.first).to_contain_text("It says: Lunch is at one")
    versions.last.get_by_role("button", name="See all as of then").click()

    expect(page.get_by_text("As it was at")).to_be_visible()
    expect(page.get_by_role("list", name="Records")).not_to_contain_text("A password")
    expect(page.get_by_role("list", name="Records")).to_contain_text("Lunch is at noon")


def test_the_slider_goes_back_change_by_change(tab: Tab, remembered: Remembered) -> None:
    changes = remembered.told("/log", collection="notes")
    page = opened(tab)
    slider = page.get_by_role("slider", name="As of")
    expect(slider).to_have_attribute("max", str(len(changes) - 1))

    for _ in changes[1:]:
        page.keyboard.press("[")

    expect(page.get_by_role("list", name="Records").get_by_role("listitem")).to_have_count(1)
    page.keyboard.press("0")
    expect(slider).to_have_attribute("aria-valuetext", "now")


def test_a_record_is_forgotten_only_after_a_second_thought(tab: Tab, remembered: Remembered) -> None:
    page = opened(tab, record="secret")
    page.get_by_role("region", name="Record").get_by_role("button", name="Forget").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Forget it for good").check()
    expect(dialog.get_by_role("button", name="Forget it for good")).to_be_disabled()

    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Forget it for good").click()

    expect(dialog).to_contain_text("1 record with 1 version and 0 vectors went for good")
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("list", name="Records")).not_to_contain_text("password")
    assert "secret" not in [one["id"] for one in remembered.told("")]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everyone(theme: str, new_tab: NewTab, remembered: Remembered) -> None:
    tab = new_tab(theme)
    page = opened(tab, record="lunch", q="lunch staging")
    expect(page.get_by_role("region", name="Record")).to_contain_text("All versions")
    assert tab.violations() == []

    page.keyboard.press("[")
    page.keyboard.press("Delete")
    expect(page.get_by_role("dialog")).to_be_visible()

    assert tab.violations() == []


def test_on_a_phone_the_record_takes_the_place_of_the_list(new_tab: NewTab, remembered: Remembered) -> None:
    tab = new_tab(size=PHONE)
    page = opened(tab)
    assert tab.overflow() == 0

    page.get_by_role("button", name=re.compile("Ada")).click()

    expect(page.get_by_role("region", name="Record")).to_be_visible()
    expect(page.get_by_role("list", name="Records")).to_have_count(0)
    assert tab.overflow() == 0
