"""Every number on screen is one that the API told, written by the one module that writes numbers."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Response

from tests.ui.conftest import Recorded
from tests.ui.numbers import Told, numbers_in
from tests.ui.tab import Tab
from tests.ui.test_pages import PAGES, opened

pytestmark = pytest.mark.slow

# What the pages say of themselves and not of what was recorded.
_FIXED = re.compile(
    r"\b(?:7|30|90) days\b|\bwithin 1 %|\b(?:50|90|95|99) % below"
    # The number of a message in its context, and an estimate that says it is one.
    r"|#\d+|≈ [\d.,kM]+ tokens"
    # Of our licence, and, among what is skipped, those of the packages that the UI is made of.
    r"|License 2\.0"
    # How long a text is, which its own test looks at.
    r"|[\d.,]+[kM]? characters(?:, [\d.]+ %)?"
)
_CHOOSE = "Choose "
"""What a name follows that is read to who chooses sessions by it."""
_REST = 500
"""Milliseconds in which what is shown first asks for more."""
_SKIPPED = "pre, code, option, kbd, canvas, svg, style, script, .sr-only, ul:has(> li > details)"
# Of each element what it says itself, and what it is called by who reads the screen to others.
_TEXTS = f"""
[...document.querySelectorAll('main *')].filter((one) => one.checkVisibility())
  .flatMap((one) => [
    one.closest('{_SKIPPED}') ? '' : [...one.childNodes].filter((node) => node.nodeType === 3)
      .map((node) => node.data).join('').trim(),
    one.getAttribute('aria-label') ?? '',
  ])
  .filter((text) => /\\d/.test(text))
"""


@pytest.mark.parametrize("name", [name for name in PAGES if name not in {"missing", "storage"}])
def test_every_number_is_one_that_the_api_told(name: str, tab: Tab, recorded: Recorded) -> None:
    with hearing(tab.page) as told:
        page = opened(tab, recorded, name).page
        texts = shown(page)

    assert unfounded(texts, told) == []


def test_the_numbers_of_the_storage_are_sums_of_those_that_the_api_told(tab: Tab, recorded: Recorded) -> None:
    with hearing(tab.page) as told:
        page = opened(tab, recorded, "storage").page
        for part in page.locator("main details").all():
            part.locator("summary").click()
        texts = shown(page)
    statistics = recorded.told("/statistics?deep=true")
    tables: dict[str, int] = statistics["table_bytes"]
    parts = [part.locator("li").all_inner_texts() for part in page.locator("main details").all()]
    sums = [sum(tables[line.split()[0]] for line in part) for part in parts]

    told.sizes.update(sums)
    told.shares.update((one, sum(sums)) for one in sums)
    told.sizes.add(round(statistics["bytes"] / statistics["spans"]))
    assert sum(sums) == sum(tables.values())
    assert unfounded(texts, told) == []


def test_a_number_that_nobody_told_is_found(tab: Tab, recorded: Recorded) -> None:
    """So that the other tests are known to be able to fail."""
    with hearing(tab.page) as told:
        texts = shown(opened(tab, recorded, "player span").page)

    made_up = ["3 ns", "$123.46", "98,765 spans", "first words after 4 h 07 m", "97 %", "0:59.999"]
    assert [text for text, _ in unfounded([*texts, *made_up], told)] == made_up


@contextmanager
def hearing(page: Page) -> Iterator[Told]:
    """What the page is told; complete when the context ends."""
    told = Told(since=time.time())
    answers: list[Response] = []

    def hear(answer: Response) -> None:
        if "/api/v1/" in answer.url and "json" in answer.headers.get("content-type", ""):
            answers.append(answer)

    page.on("response", hear)
    yield told
    page.remove_listener("response", hear)
    assert answers
    for answer in answers:
        told.add(answer.json())


def unfounded(texts: Sequence[str], told: Told) -> list[tuple[str, str]]:
    """The numbers that nobody told, each in what was said with it."""
    forms = told.forms()
    own = [text for text in texts if not told.is_text(text.removeprefix(_CHOOSE))]
    return [(text, number) for text in own for number in numbers_in(_FIXED.sub("", text)) if number not in forms]


def shown(page: Page) -> list[str]:
    """All that a page says and that has a number in it, when nothing more of it is on its way."""
    page.wait_for_timeout(_REST)
    session = page.context.new_cdp_session(page)
    # Through the browser's own door, because the page lets no script in that is not its own.
    answer = session.send("Runtime.evaluate", {"expression": _TEXTS, "returnByValue": True})
    session.detach()
    texts: list[str] = answer["result"]["value"]
    return texts
