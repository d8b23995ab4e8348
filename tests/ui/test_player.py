"""The player: the demo's recording on a timeline, looked at, replayed and forked."""

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Recorded
from tests.ui.tab import Tab

pytestmark = pytest.mark.slow


def opened(tab: Tab, recorded: Recorded, at: int) -> None:
    tab.page.goto(f"{tab.address}/sessions/{recorded.session}?project=demo&at={at}")
    expect(tab.page.get_by_role("treeitem", selected=True)).to_be_visible()


def step_of(recorded: Recorded, name: str) -> int:
    items = recorded.told(f"/sessions/{recorded.session}/spans?project=demo")["items"]
    return next(item["seq"] for item in items if item["name"] == name)


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
