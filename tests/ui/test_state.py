"""The state at a step in the player: facts with their versions and authors, checkpoints, files, and what changed."""

import re
import sys
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.server.running import waited_for
from tests.ui.conftest import NewTab, Recorded
from tests.ui.tab import Tab

pytestmark = pytest.mark.slow

PROGRAM = """
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
    look("second")
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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everyone(theme: str, new_tab: NewTab, kept: Kept) -> None:
    tab = new_tab(theme)
    page = opened(tab, kept, "third")
    page.get_by_role("button", name=re.compile("^plan ")).click()
    page.get_by_role("button", name="notes.txt").click()
    expect(page.get_by_role("region", name="Workspace")).to_contain_text("one line")

    assert tab.violations() == []
