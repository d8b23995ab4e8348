"""Compare: the demo's recording beside its fork."""

import re

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Recorded
from tests.ui.tab import Tab

pytestmark = pytest.mark.slow


def test_they_are_aligned_and_the_place_where_they_part_is_marked(tab: Tab, recorded: Recorded) -> None:
    told = recorded.told(f"/compare?project=demo&before={recorded.session}&after={recorded.fork}")["items"]
    first = next(place for place, item in enumerate(told) if item["kind"] != "same")

    page = tab.open("/compare", project="demo", before=recorded.session, after=recorded.fork)

    rows = page.get_by_role("region", name="Calls of both sessions").get_by_role("button")
    expect(rows).to_have_count(len(told))
    expect(rows.nth(first)).to_contain_text("They part here")
    expect(rows.nth(first)).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("region", name="The chosen call")).to_contain_text("body.status")


def test_differences_are_gone_through_with_the_keyboard(tab: Tab, recorded: Recorded) -> None:
    page = tab.open("/compare", project="demo", before=recorded.session, after=recorded.fork)
    detail = page.get_by_role("region", name="The chosen call")

    page.keyboard.press("n")
    expect(detail).to_contain_text("messages[3].content.status")
    page.keyboard.press("p")
    expect(detail).to_contain_text("body.status")
    page.keyboard.press("o")

    expect(page.get_by_role("checkbox", name="Only differences")).to_be_checked()
    expect(page.get_by_role("img", name="The same")).to_have_count(0)


def test_both_requests_are_shown_side_by_side(tab: Tab, recorded: Recorded) -> None:
    page = tab.open("/compare", project="demo", before=recorded.session, after=recorded.fork)

    page.keyboard.press("n")
    page.keyboard.press("2")

    expect(page.get_by_label("Requests before")).to_contain_text("shipped")
    expect(page.get_by_label("Requests after")).to_contain_text("lost")


def test_the_family_is_offered_first(tab: Tab, recorded: Recorded) -> None:
    page = tab.open("/compare", project="demo", before=recorded.session)

    page.get_by_role("button", name="After").click()
    page.get_by_role("option").first.click()

    page.wait_for_url(f"**after={recorded.fork}*")
    expect(page.get_by_text("They part here")).to_be_visible()
    page.keyboard.press("x")
    page.wait_for_url(f"**before={recorded.fork}*")


def test_a_call_leads_to_its_place_in_the_player(tab: Tab, recorded: Recorded) -> None:
    page = tab.open("/compare", project="demo", before=recorded.session, after=recorded.fork)

    page.get_by_role("link", name=re.compile(r"^call \d+ before$")).first.click()

    page.wait_for_url(f"**/sessions/{recorded.session}?*span=*")


def test_a_session_that_is_gone_is_said(tab: Tab, recorded: Recorded) -> None:
    page = tab.open("/compare", project="demo", before=recorded.session, after="never-recorded")

    expect(page.get_by_role("alert")).to_contain_text("never-recorded")
    tab.errors.clear()  # the browser logs the 404 that was asked for
