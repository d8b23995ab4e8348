"""The player: the demo's recording on a timeline, looked at, replayed and forked."""

import json
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from agentreplay.cli.demo_models import support_models
from agentreplay.testing import ScriptedModels
from tests.server.running import waited_for
from tests.ui.conftest import Recorded
from tests.ui.tab import Tab

pytestmark = pytest.mark.slow


PROGRAM = """
import pathlib
import sys
import agentreplay

@agentreplay.tool
def look(order: str) -> str:
    return f"order {order}"

look("first")
agentreplay.checkpoint("asked", {"orders": 1})
look(pathlib.Path(sys.argv[1]).read_text())
agentreplay.checkpoint("answered", {"orders": 2})
"""
LONG = 3_000


def opened(tab: Tab, recorded: Recorded, at: int) -> None:
    tab.page.goto(f"{tab.address}/sessions/{recorded.session}?project=demo&at={at}")
    expect(tab.page.get_by_role("treeitem", selected=True)).to_be_visible()


def step_of(recorded: Recorded, name: str) -> int:
    items = recorded.told(f"/sessions/{recorded.session}/spans?project=demo")["items"]
    found: int = next(item["seq"] for item in items if item["name"] == name)
    return found


def test_the_cursor_moves_by_keys_and_the_address_names_its_place(tab: Tab, recorded: Recorded) -> None:
    opened(tab, recorded, at=1)

    tab.page.keyboard.press("e")

    expect(tab.page.get_by_role("treeitem", selected=True)).to_contain_text("carrier_status")
    tab.page.wait_for_url(f"**at={step_of(recorded, 'carrier_status')}**")
    expect(tab.page.get_by_role("complementary", name="Inspector")).to_contain_text("the carrier does not answer")


def test_a_text_is_led_back_to_the_tool_that_said_it(tab: Tab, recorded: Recorded) -> None:
    opened(tab, recorded, at=11)
    words = tab.page.get_by_role("complementary", name="Inspector").get_by_text("arrives on Friday").last
    words.evaluate(
        "node => { const text = node.firstChild, at = text.data.indexOf('Friday'), range = document.createRange();"
        "range.setStart(text, at); range.setEnd(text, at + 6);"
        "getSelection().removeAllRanges(); getSelection().addRange(range); }"
    )

    tab.page.get_by_role("button", name="Where does it come from?").click()

    expect(tab.page.get_by_text("stands first at step")).to_contain_text("carrier_status, in what came back")


def test_a_replay_tells_its_verdict(tab: Tab, recorded: Recorded) -> None:
    opened(tab, recorded, at=1)

    tab.page.keyboard.press("r")
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Replay").click()

    expect(dialog.get_by_text("Identical")).to_be_visible(timeout=60_000)
    expect(dialog).to_contain_text("7 of 7 calls were served")


def test_every_span_is_there_and_the_cursor_is_in_the_address(tab: Tab, recorded: Recorded) -> None:
    told = recorded.told(f"/sessions/{recorded.session}/spans?project=demo")["items"]

    page = tab.open(f"/sessions/{recorded.session}", project="demo")

    rows = page.get_by_role("treeitem")
    expect(rows).to_have_count(len(told))
    page.get_by_role("treeitem").filter(has_text="lookup_order").click()
    page.wait_for_url(f"**at={step_of(recorded, 'lookup_order')}*")
    expect(page.get_by_text("QuickShip").first).to_be_visible()


def test_scrubbing_moves_the_cursor_through_the_recording(tab: Tab, recorded: Recorded) -> None:
    page = tab.open(f"/sessions/{recorded.session}", project="demo")
    chosen = page.locator("[role=treeitem][aria-selected=true]")
    expect(chosen).to_contain_text("support agent")

    box = page.get_by_role("slider", name="Time").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.99, box["y"] + box["height"] / 2, steps=12)
    page.mouse.up()

    expect(chosen).not_to_contain_text("support agent")


def test_a_fork_with_another_result_goes_on_from_there(tab: Tab, recorded: Recorded) -> None:
    known = {item["id"] for item in recorded.told("/sessions?project=demo")["items"]}
    step = step_of(recorded, "lookup_order")
    page = tab.open(f"/sessions/{recorded.session}", project="demo", at=str(step))

    with ScriptedModels(support_models, port=model_port(recorded)):
        page.keyboard.press("f")
        dialog = page.get_by_role("dialog", name=f"Fork at step {step}")
        dialog.get_by_role("button", name="Tool result").click()
        editor = dialog.get_by_role("textbox", name="Tool result")
        editor.click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(json.dumps({"item": "kettle", "status": "lost", "carrier": "QuickShip"}))
        dialog.get_by_role("button", name="Fork", exact=True).click()
        expect(dialog.get_by_role("link", name="Open it")).to_be_visible(timeout=60_000)

    made = {item["id"] for item in recorded.told("/sessions?project=demo")["items"]} - known
    assert len(made) == 1
    dialog.get_by_role("link", name="Compare").click()
    page.wait_for_url(f"**before={recorded.session}*")
    expect(page.get_by_text("They part here")).to_be_visible()


def model_port(recorded: Recorded) -> int:
    """Where the demo's model was, as the session's calls say."""
    items = recorded.told(f"/compare?project=demo&before={recorded.session}&after={recorded.session}")["items"]
    operation: str = next(item["operation"] for item in items if item["operation"].startswith("POST "))
    return int(operation.removeprefix("POST ").partition("/")[0].rpartition(":")[2])


def test_checkpoints_and_the_place_where_a_replay_parted_are_stepped_through(
    tab: Tab, recorded: Recorded, tmp_path: Path
) -> None:
    program, order = tmp_path / "marked.py", tmp_path / "order"
    program.write_text(PROGRAM)
    order.write_text("second")
    run = recorded.run("--project", "marked", "run", "--name", "marked", "--", sys.executable, str(program), str(order))
    with run:
        assert run.wait(60) == 0, run.stderr and run.stderr.read()
    assert waited_for(lambda: len(recorded.told("/sessions?project=marked")["items"]) == 1)
    session = recorded.told("/sessions?project=marked")["items"][0]["id"]
    order.write_text("third")
    page = tab.open(f"/sessions/{session}", project="marked")
    chosen = page.get_by_role("treeitem", selected=True)

    page.get_by_role("button", name="checkpoints").click()
    expect(chosen).to_contain_text("asked")
    page.keyboard.press("m")
    expect(chosen).to_contain_text("answered")
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Replay").click()
    expect(dialog.get_by_text("Diverged at step")).to_be_visible(timeout=60_000)
    dialog.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Where the last replay parted").click()

    expect(chosen).to_contain_text("look")
    expect(chosen).to_contain_text("the last replay parted here")


def test_a_session_is_renamed(tab: Tab, recorded: Recorded) -> None:
    span = {"session": "renamed-1", "span_id": "00000000000000b1", "kind": "tool", "start": "1", "end": "2"}
    recorded.ingest({"project": "renamed", "sessions": [{"id": "renamed-1", "name": "before"}], "spans": [span]})
    page = tab.open("/sessions/renamed-1", project="renamed")

    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="Rename the session")
    dialog.get_by_role("textbox", name="Name").fill("afterwards")
    dialog.get_by_role("button", name="Rename").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("afterwards")
    assert recorded.told("/sessions/renamed-1?project=renamed")["name"] == "afterwards"


def test_a_link_into_a_long_session_leads_there_though_its_beginning_is_shown_first(
    tab: Tab, recorded: Recorded
) -> None:
    spans = [
        {"session": "long-1", "span_id": f"{number:016x}", "kind": "tool", "name": f"work {number}"}
        | {"start": str(number * 1_000_000), "end": str(number * 1_000_000 + 500)}
        for number in range(1, LONG + 1)
    ]
    recorded.ingest({"project": "long", "sessions": [{"id": "long-1", "name": "a long one"}], "spans": spans})

    page = tab.open("/sessions/long-1", project="long", at=str(LONG - 10))

    expect(page.get_by_role("treeitem", selected=True)).to_contain_text(f"work {LONG - 10}")
    expect(page.get_by_role("toolbar", name="Playback")).to_contain_text(f"step {LONG - 10:,} of {LONG:,}")


def test_what_is_shown_first_is_asked_for_once(fresh_tab: Tab, recorded: Recorded) -> None:
    asked: list[str] = []
    fresh_tab.page.on("request", lambda request: asked.append(request.url.removeprefix(fresh_tab.address)))

    opened(fresh_tab, recorded, at=1)

    assert len([url for url in asked if url.startswith(f"/api/v1/sessions/{recorded.session}/columns")]) == 1
    assert asked.count(f"/api/v1/sessions/{recorded.session}?project=demo") == 1


def test_what_is_shown_first_is_asked_for_without_waiting_for_a_script(fresh_tab: Tab, recorded: Recorded) -> None:
    fresh_tab.page.route("**/assets/start-*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))

    with fresh_tab.page.expect_request(f"**/api/v1/sessions/{recorded.session}/columns?*"):
        fresh_tab.page.goto(f"{fresh_tab.address}/sessions/{recorded.session}?project=demo")
