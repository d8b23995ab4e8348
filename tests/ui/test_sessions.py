"""The list of sessions: watched while one is recorded, searched, and cleared of what nobody wants."""

import json
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Recorded
from tests.ui.tab import Tab

pytestmark = pytest.mark.slow

SPAN = {"kind": "tool", "name": "look", "start": "1", "end": "2"}
PROGRAM = """
import json
import sys
import agentreplay

@agentreplay.tool
def look(order: int) -> str:
    return f"order {order}"

look(1)
sys.stdin.readline()
look(2)
"""


def several(recorded: Recorded, project: str, *names: str) -> None:
    """Sessions of these names, each with a span."""
    told = [{"id": f"{project}-{name}", "name": name} for name in names]
    spans = [
        {**SPAN, "session": one["id"], "span_id": f"{number:016x}", "trace_id": f"{number:032x}"}
        for number, one in enumerate(told, 1)
    ]
    recorded.ingest({"project": project, "sessions": told, "spans": spans})


def test_a_recording_is_seen_while_it_is_made(tab: Tab, recorded: Recorded, tmp_path: Path) -> None:
    program = tmp_path / "watched.py"
    program.write_text(PROGRAM)
    page = tab.open("/sessions", project="watched")

    with recorded.run(
        "--project", "watched", "run", "--name", "a watched one", "--", sys.executable, str(program)
    ) as run:
        row = page.get_by_role("row").filter(has_text="a watched one")
        expect(row.get_by_role("img", name="Running")).to_be_visible(timeout=20_000)
        assert run.stdin is not None
        run.stdin.write(b"\n")
        run.stdin.close()
        assert run.wait(60) == 0, run.stderr and run.stderr.read()

    expect(row.get_by_role("img", name="Completed")).to_be_visible(timeout=20_000)


def test_a_session_is_deleted_and_a_receipt_is_given(tab: Tab, recorded: Recorded) -> None:
    span = {
        "session": "rubbish-1",
        "span_id": "00000000000000a1",
        "kind": "tool",
        "name": "look",
        "start": "1",
        "end": "2",
    }
    told = {"id": "rubbish-1", "name": "Nobody wants this"}
    recorded.ingest({"project": "rubbish", "sessions": [told], "spans": [span]})
    page = tab.open("/sessions", project="rubbish")

    page.get_by_role("checkbox", name="Choose Nobody wants this").click()
    page.keyboard.press("Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete for good")).to_be_disabled()
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Delete for good").click()

    expect(page.get_by_role("dialog", name="What was deleted")).to_be_visible()
    assert recorded.told("/sessions?project=rubbish")["items"] == []


def test_what_was_said_is_found_and_leads_to_its_place(tab: Tab, recorded: Recorded) -> None:
    page = tab.open("/search", project="demo", q="QuickShip")

    found = page.get_by_role("article").first
    expect(found).to_contain_text("QuickShip")
    found.get_by_role("link").first.click()

    page.wait_for_url("**/sessions/*span=*")
    name = recorded.told("/search?project=demo&q=QuickShip")["items"][0]["span"]["name"]
    expect(page.get_by_role("treeitem", selected=True)).to_contain_text(name)


def test_a_filter_that_cannot_be_read_is_said_beside_it(tab: Tab) -> None:
    page = tab.open("/sessions", q="statu:failed")

    expect(page.get_by_text("did you mean status")).to_be_visible()
    tab.errors.clear()  # the browser logs the 400 that was asked for


def test_several_are_labelled_together_and_found_by_their_label(tab: Tab, recorded: Recorded) -> None:
    several(recorded, "labelled", "one", "two", "three")
    page = tab.open("/sessions", project="labelled")
    page.get_by_role("checkbox", name="Choose one").click()
    page.get_by_role("checkbox", name="Choose three").click()

    page.keyboard.press("l")
    dialog = page.get_by_role("dialog", name="Label 2 sessions")
    dialog.get_by_role("combobox", name="Label").fill("env")
    dialog.get_by_role("textbox", name="Value").fill("prod")
    dialog.get_by_role("button", name="Label", exact=True).click()
    expect(dialog).to_have_count(0)

    found = recorded.told("/sessions?project=labelled&q=label:env%3Dprod")["items"]
    assert {one["name"] for one in found} == {"one", "three"}
    page = tab.open("/sessions", project="labelled", q="label:env=prod")
    expect(page.get_by_role("checkbox", name="Choose three")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Choose two")).to_have_count(0)


def test_a_chosen_session_is_exported_as_a_tape(tab: Tab, recorded: Recorded) -> None:
    page = tab.open("/sessions", project="demo")
    page.get_by_role("checkbox", name="Choose support agent", exact=True).click()

    with page.expect_download() as download:
        page.get_by_role("region", name="Chosen sessions").get_by_role("button", name="Export").click()

    assert recorded.session in download.value.suggested_filename


def test_columns_and_a_question_are_kept_as_a_view(tab: Tab, recorded: Recorded) -> None:
    several(recorded, "viewed", "alpha", "beta")
    page = tab.open("/sessions", project="viewed", q="spans>0")
    headers = page.get_by_role("columnheader")
    expect(headers.filter(has_text="Source")).to_have_count(0)

    page.get_by_role("button", name="Columns").click()
    page.get_by_role("menuitemcheckbox", name="Source").click()
    page.keyboard.press("Escape")
    expect(headers.filter(has_text="Source")).to_have_count(1)
    page.get_by_role("button", name="Views").click()
    page.get_by_role("textbox", name="Name of the new view").fill("all that did something")
    page.keyboard.press("Enter")
    page = tab.open("/sessions", project="demo")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="all that did something").first.click()

    page.wait_for_url("**project=viewed*")
    expect(page.get_by_role("checkbox", name="Choose beta")).to_be_visible()
    expect(headers.filter(has_text="Source")).to_have_count(1)


def test_the_start_page_shows_what_ran_last_and_leads_there(tab: Tab, recorded: Recorded) -> None:
    page = tab.open("/", project="demo")

    page.get_by_role("link", name="support agent").last.click()

    page.wait_for_url("**/sessions/*project=demo*")
    expect(page.get_by_role("treeitem").first).to_be_visible()


def test_a_score_is_shown_in_the_player_and_found_by_the_filter(tab: Tab, recorded: Recorded) -> None:
    """Set over the API, of a session and of a span."""
    several(recorded, "scored", "one", "two")
    for place, told in (
        ("sessions/scored-one", {"name": "helpful", "value": 0.25, "author": "judge", "comment": "half of it"}),
        (f"spans/{2:032x}/{2:016x}", {"name": "exact", "value": 1}),
    ):
        answer = recorded.server.ask(
            f"/api/v1/{place}/scores?project=scored", json.dumps(told).encode(), "POST", content_type="application/json"
        )
        assert answer.status == 200, answer.body

    page = tab.open("/sessions/scored-one", project="scored")
    expect(page.get_by_role("list", name="Scores")).to_contain_text("helpful 0.25")
    page = tab.open("/sessions/scored-two", project="scored", span=f"{2:016x}")
    page.get_by_role("treeitem").filter(has_text="look").click()
    expect(page.get_by_role("button", name="Scores")).to_contain_text("exact 1")

    page = tab.open("/sessions", project="scored", q="score.helpful<0.5")
    expect(page.get_by_role("checkbox", name="Choose one")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Choose two")).to_have_count(0)
    page = tab.open("/sessions", project="scored", q="score.exact:*")
    expect(page.get_by_role("checkbox", name="Choose two")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Choose one")).to_have_count(0)
