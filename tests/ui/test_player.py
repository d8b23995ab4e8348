"""The player: the demo's recording on a timeline, looked at, replayed and forked."""

import json

import pytest
from playwright.sync_api import expect

from agentreplay.cli.demo_models import support_models
from agentreplay.testing import ScriptedModels
from tests.ui.conftest import Recorded
from tests.ui.tab import Tab

pytestmark = pytest.mark.slow


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
