"""The state at a step in the player: facts with their versions and authors, checkpoints, files, and what changed."""

import re
import sys
from dataclasses import dataclass
from time import sleep

import pytest
from playwright.sync_api import Page, Route, expect

from tests.server.running import waited_for
from tests.ui.conftest import NewTab, Recorded
from tests.ui.tab import PHONE, Tab

pytestmark = pytest.mark.slow

PROGRAM = """
import os
from pathlib import Path

import agentreplay

@agentreplay.tool
def look(order: str) -> str:
    return f"order {order}"

with agentreplay.State("planner") as state:
    state.write("plan", {"done": 0})
    look("first")
    agentreplay.checkpoint("asked", {"orders": 1})
    Path("notes.txt").write_text("one line", encoding="utf-8")
    with agentreplay.Memory() as memory:
        memory.add("Orders are looked at twice", id="orders")
    look("second")
    folder = Path(os.environ["AGENTREPLAY_DB"], "snapshots")
    agentreplay.snapshot({"city": "Oslo"}, folder / "kept.snapshot", description="between the orders")
    with agentreplay.Memory() as memory:
        memory.update("orders", text="Orders are looked at thrice")
    state.write("plan", {"done": 1})
    state.write("note", "was here")
    state.delete("note")
    look("third")
"""


@dataclass(frozen=True)
class Kept:
    session: str
    steps: dict[str, int]
    """The step of each order that was looked at."""


@pytest.fixture(scope="module")
def kept(recorded: Recorded, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("kept")
    program, workspace = folder / "program.py", folder / "workspace"
    program.write_text(PROGRAM, encoding="utf-8")
    workspace.mkdir()
    command = ("run", "--workspace", str(workspace), "--", sys.executable, str(program))
    with recorded.run(*command, AGENTREPLAY_PROJECT="kept", cwd=workspace) as process:
        assert process.wait(60) == 0
    assert waited_for(lambda: recorded.told("/sessions?project=kept")["items"])
    session = recorded.told("/sessions?project=kept")["items"][0]["id"]
    spans = recorded.told(f"/sessions/{session}/spans?project=kept")["items"]
    looks = [span["seq"] for span in spans if span["name"] == "look"]
    return Kept(session, dict(zip(("first", "second", "third"), looks, strict=True)))


def opened(tab: Tab, kept: Kept, order: str, **search: str) -> Page:
    step = kept.steps[order]
    return tab.open(f"/sessions/{kept.session}", project="kept", view="state", at=str(step), **search)


def test_facts_are_those_of_the_step_and_tell_who_wrote_them(tab: Tab, kept: Kept) -> None:
    page = opened(tab, kept, "third")
    facts = page.get_by_role("region", name="Facts of planner")

    expect(facts).to_contain_text("version 2")
    facts.get_by_role("button", name=re.compile("^plan ")).click()

    versions = facts.get_by_role("listitem").filter(has_text='"done":')
    expect(versions.last).to_contain_text('"done":0')
    facts.get_by_role("button", name="step").last.click()
    page.wait_for_url(lambda address: f"at={kept.steps['third']}" not in address)


def test_the_scrubber_moves_the_state(tab: Tab, kept: Kept) -> None:
    page = opened(tab, kept, "first")
    facts = page.get_by_role("region", name="Facts of planner")
    expect(facts).to_contain_text("version 1")

    page.get_by_role("button", name="To the end").click()

    expect(facts).to_contain_text("version 2")
    expect(page.get_by_role("region", name="Checkpoints")).to_contain_text("last passed: asked")


def test_what_changed_since_a_step_is_told(tab: Tab, kept: Kept) -> None:
    page = opened(tab, kept, "third", since=str(kept.steps["second"]))

    expect(page.get_by_role("region", name="Facts of planner")).to_contain_text("1 changed")

    page.get_by_role("button", name="Since the start").click()

    expect(page.get_by_role("region", name="Facts of planner")).to_contain_text("1 new")


def test_files_and_what_was_kept_at_a_checkpoint_can_be_read(tab: Tab, kept: Kept) -> None:
    page = opened(tab, kept, "third")

    page.get_by_role("button", name="notes.txt").click()
    page.get_by_role("button", name="Show its state").click()

    expect(page.get_by_role("region", name="Workspace")).to_contain_text("one line")
    expect(page.get_by_role("region", name="Checkpoints")).to_contain_text("orders")


def test_snapshots_stand_beside_checkpoints(tab: Tab, kept: Kept, recorded: Recorded) -> None:
    [taken] = recorded.told(f"/snapshots?session={kept.session}")["items"]
    page = opened(tab, kept, "first")
    snapshots = page.get_by_role("region", name="Snapshots")
    expect(snapshots).to_contain_text("none taken yet")
    expect(snapshots).to_contain_text(f"{taken['metadata']['uncompressed_size']} B")

    page.keyboard.press("s")

    expect(snapshots).to_contain_text("last taken: between the orders")
    expect(page.get_by_role("button", name="To the snapshot")).to_be_visible()


def test_what_was_remembered_is_that_of_the_step(tab: Tab, kept: Kept) -> None:
    page = opened(tab, kept, "second")
    page.get_by_role("button", name="Memory 1 collection").click()
    memory = page.get_by_role("region", name="Memory")
    expect(memory).to_contain_text("Orders are looked at twice")

    page.get_by_role("button", name="To the end").click()

    expect(memory).to_contain_text("Orders are looked at thrice")
    memory.get_by_role("link", name="All as of then").click()
    page.wait_for_url("**/memory*at=*")


def test_a_link_leads_where_it_says_though_the_cursor_just_moved(fresh_tab: Tab, kept: Kept) -> None:
    """The address follows the cursor after a moment, in which the next page may still be on its way."""

    def slowly(route: Route) -> None:
        sleep(1)
        route.continue_()

    page = opened(fresh_tab, kept, "second")
    page.get_by_role("button", name="Memory 1 collection").click()
    page.get_by_role("link", name="All as of then").wait_for()
    page.route("**/assets/*.js", slowly)

    page.get_by_role("button", name="To the end").click()
    page.get_by_role("link", name="All as of then").click()

    page.wait_for_url("**/memory*at=*")


def test_a_link_that_is_pressed_while_the_cursor_moves_is_followed(fresh_tab: Tab, kept: Kept) -> None:
    """What was remembered at the last step stays until it is known what was at this one."""
    page = opened(fresh_tab, kept, "second")
    page.get_by_role("button", name="Memory 1 collection").click()
    link = page.get_by_role("link", name="All as of then")
    memory = page.locator("section[aria-busy]").filter(has=link)
    link.wait_for()
    asked: list[Route] = []

    def withhold(route: Route) -> None:
        asked.append(route)

    page.route("**/memory/whole*", withhold)

    page.get_by_role("button", name="To the end").click()
    expect(memory).to_have_attribute("aria-busy", "true")
    link.hover()
    page.mouse.down()
    for route in asked:
        route.continue_()
    expect(memory).to_contain_text("Orders are looked at thrice")
    expect(memory).to_have_attribute("aria-busy", "false")
    page.mouse.up()

    page.wait_for_url("**/memory*at=*")


def test_the_tree_says_what_tools_act_on(tab: Tab, kept: Kept) -> None:
    page = tab.open(f"/sessions/{kept.session}", project="kept")

    expect(page.get_by_role("treeitem").filter(has_text="look").first).to_contain_text("first")


def test_its_marks_leave_room_on_a_phone(new_tab: NewTab, kept: Kept) -> None:
    tab = new_tab(size=PHONE)
    page = opened(tab, kept, "third")
    expect(page.get_by_role("button", name="To the snapshot")).to_be_visible()

    assert tab.overflow() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everyone(theme: str, new_tab: NewTab, kept: Kept) -> None:
    tab = new_tab(theme)
    page = opened(tab, kept, "third")
    page.get_by_role("button", name=re.compile("^plan ")).click()
    page.get_by_role("button", name="notes.txt").click()
    page.get_by_role("button", name="Memory 1 collection").click()
    expect(page.get_by_role("region", name="Memory")).to_contain_text("looked at")
    expect(page.get_by_role("region", name="Workspace")).to_contain_text("one line")

    assert tab.violations() == []
