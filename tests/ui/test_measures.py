"""Measures: what is drawn is what the API says, and each number leads to what is behind it."""

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Recorded
from tests.ui.tab import Tab

pytestmark = pytest.mark.slow


def test_the_figures_are_those_of_the_api(tab: Tab, recorded: Recorded) -> None:
    measured = recorded.told("/measures?project=demo")["items"][0]

    page = tab.open("/measures", project="demo")

    figures = page.locator("main dl").first
    expect(figures).to_contain_text(f"Spans{measured['spans']}")
    expect(figures).to_contain_text(f"Errors{measured['errors']}")
    row = page.get_by_role("row").filter(has_text="gpt-5-mini")
    expect(row.get_by_role("cell").nth(1)).to_have_text(str(measured["usage"]["total"]))


def test_a_row_leads_to_the_sessions_behind_it(tab: Tab) -> None:
    page = tab.open("/measures", project="demo")

    page.get_by_role("link", name="gpt-5-mini").click()

    page.wait_for_url("**/sessions?*model%3Agpt-5-mini*")
    assert "project=demo" in page.url


def test_a_chart_leads_to_the_sessions_of_the_time_that_is_clicked(tab: Tab) -> None:
    page = tab.open("/measures", project="demo", range="1h")

    chart = page.get_by_role("img", name="Spans over time").locator(".u-over")
    box = chart.bounding_box()
    assert box is not None
    chart.click(position={"x": box["width"] - 3, "y": box["height"] / 2})

    page.wait_for_url("**/sessions?*since*until*")


def test_the_table_beside_a_chart_tells_the_same(tab: Tab, recorded: Recorded) -> None:
    buckets = recorded.told("/measures?project=demo&grain=minute&since=1h")["items"]
    page = tab.open("/measures", project="demo", range="1h")

    chart = page.get_by_role("figure", name="Spans", exact=True).or_(
        page.locator("figure").filter(has=page.get_by_role("heading", name="Spans", exact=True))
    )
    chart.get_by_text("As a table").click()

    cells = chart.get_by_role("cell")
    cells.first.wait_for()
    told = [int(text) for text in cells.all_inner_texts()]
    assert sorted(told) == sorted(bucket["spans"] for bucket in buckets)


def test_what_narrows_is_in_the_address_and_can_be_taken_away(tab: Tab) -> None:
    page = tab.open("/measures", project="demo", top="kind")

    page.get_by_role("button", name="Measure only llm").click()
    page.wait_for_url("**kind=llm*")
    page.get_by_role("button", name="Take away kind: llm").click()

    page.wait_for_url(lambda url: "kind=llm" not in url)
    page.keyboard.press("1")
    page.wait_for_url("**range=1h*")


def test_a_time_without_anything_says_so(tab: Tab) -> None:
    page = tab.open("/measures", project="nothing-was-recorded-here")

    expect(page.get_by_text("Nothing was measured in this time")).to_be_visible()
