"""Settings: commands that are right for this server, and what the store says of itself."""

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Recorded
from tests.ui.tab import Tab

pytestmark = pytest.mark.slow


def test_a_command_that_is_copied_names_this_server(tab: Tab, recorded: Recorded) -> None:
    page = tab.open("/settings")

    page.get_by_role("button", name="Copy: OpenTelemetry: The environment, in any language").click()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"OTEL_EXPORTER_OTLP_ENDPOINT={recorded.server.address}" in copied.splitlines()[0]
    expect(page.get_by_text(f"export AGENTREPLAY_DB={recorded.server.folder}").first).to_be_visible()


def test_the_store_says_what_it_holds_and_shrinks(tab: Tab, recorded: Recorded) -> None:
    statistics = recorded.told("/statistics")

    page = tab.open("/settings", section="storage")

    expect(page.locator("main dl")).to_contain_text(f"Contents{statistics['contents']}")
    page.get_by_role("button", name="Shrink the file").click()
    expect(page.get_by_role("status")).to_contain_text("Done:")


def test_a_model_is_found_with_its_price(tab: Tab, recorded: Recorded) -> None:
    price = recorded.told("/prices/openai/gpt-5-mini")
    rate = next(one["rate"] for one in price["buckets"] if one["bucket"] == "output")

    page = tab.open("/settings", section="prices")
    page.get_by_role("searchbox").fill("gpt-5-mini")
    page.get_by_role("button", name="gpt-5-mini").filter(has_text="openai").first.click()

    shown = page.get_by_role("region", name="What gpt-5-mini costs")
    expect(shown).to_contain_text(f"output${rate / 1e9:.2f}")


def test_the_look_is_kept(tab: Tab) -> None:
    page = tab.open("/settings", section="look")

    page.get_by_role("radio", name="Dark").check()
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press("Alt+t")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_what_the_pages_are_made_of_is_told_with_its_licence(tab: Tab) -> None:
    page = tab.open("/settings", section="about")

    page.get_by_text("uplot").click()

    expect(page.locator("details[open]")).to_contain_text("Permission is hereby granted")
