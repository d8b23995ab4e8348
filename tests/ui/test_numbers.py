"""Every number on screen is one that the API told, written by the one module that writes numbers."""

import re
import time

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
    # The number of a message in its context, the keys of the views, and an estimate that says it is one.
    r"|#\d+|≈ [\d.,kM]+ tokens"
    # Of our licence, and, among what is skipped, those of the packages that the UI is made of.
    r"|License 2\.0"
    # How long a text is, which its own test looks at.
    r"|[\d.,]+[kM]? characters(?:, [\d.]+ %)?"
)
_SKIPPED = "pre, code, option, kbd, canvas, svg, style, script, .sr-only, ul:has(> li > details)"
_TEXTS = f"""
[...document.querySelectorAll('main *')].filter((one) => one.checkVisibility() && !one.closest('{_SKIPPED}'))
  .map((one) => [...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join('').trim())
  .filter((text) => /\\d/.test(text))
"""


@pytest.mark.parametrize("name", [name for name in PAGES if name != "missing"])
def test_every_number_is_one_that_the_api_told(name: str, tab: Tab, recorded: Recorded) -> None:
    began = time.time()
    answers: list[Response] = []
    tab.page.on("response", lambda answer: answers.append(answer) if is_json(answer) else None)

    page = opened(tab, recorded, name).page
    page.wait_for_timeout(500)
    texts = shown(page)

    told = Told()
    for answer in answers:
        told.add(answer.json())
    forms = told.forms(began - 1, time.time() + 1)
    own = [_FIXED.sub("", text) for text in texts if not told.is_text(text)]
    assert answers
    assert [(text, number) for text in own for number in numbers_in([text]) if number not in forms] == []


def is_json(answer: Response) -> bool:
    return "/api/v1/" in answer.url and "json" in answer.headers.get("content-type", "")


def shown(page: Page) -> list[str]:
    session = page.context.new_cdp_session(page)
    # Through the browser's own door, because the page lets no script in that is not its own.
    answer = session.send("Runtime.evaluate", {"expression": _TEXTS, "returnByValue": True})
    session.detach()
    texts: list[str] = answer["result"]["value"]
    return texts
